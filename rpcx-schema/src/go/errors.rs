//! Error enums: constants for the codes, and an error type that carries one.

use std::fmt::Write as _;

use super::Output;
use super::definition::constants;
use super::names::{exported, of};
use super::text;
use crate::document::ErrorDefinition;
use rpcx_codegen::diagnostics::Diagnostics;

pub(super) fn definition(error: &ErrorDefinition, output: &mut Output, out: &mut Diagnostics) {
    let name = of(&error.ident);
    let what = format!("the error enum `{}`", error.ident);
    output.claim(&name, &what, &error.ident, out);
    for variant in &error.variants {
        let constant = format!("{name}{}", exported(&variant.name));
        let what = format!("the variant `{}::{}`", error.ident, variant.name);
        output.claim(&constant, &what, &error.ident, out);
    }
    let mut written = String::new();
    text::docs(&mut written, "", &error.docs, None);
    if !error.docs.is_empty() {
        written.push_str("//\n");
    }
    let _ = write!(
        written,
        "// A server returns it as its error; a client gets it back, for `errors.As`.
type {name} struct {{
\tCode int64
\t// Text is what peers see that do not know the code.
\tText string
\t// Data is JSON that belongs to the code, or empty.
\tData string
}}
"
    );
    output.declare(&written);
    if !error.variants.is_empty() {
        let values = error.variants.iter().map(|variant| variant.value);
        let list = constants(&name, "int64", &error.variants, values);
        output.declare(&format!("// The codes of {name}.\n{list}"));
    }
    output.declare(&format!(
        "// Error is the text.\nfunc (e *{name}) Error() string {{\n\treturn e.Text\n}}"
    ));
    functions(&name, output);
}

/// What moves the code between the error and the metadata of the response.
fn functions(name: &str, output: &mut Output) {
    output.declare(&format!(
        "func send{name}(ctx context.Context, err error) error {{
\tvar coded *{name}
\tif meta, ok := ctx.Value(share.ResMetaDataKey).(map[string]string); ok && errors.As(err, &coded) {{
\t\tmeta[\"rpcx-error-code\"] = strconv.FormatInt(coded.Code, 10)
\t\tif coded.Data != \"\" {{
\t\t\tmeta[\"rpcx-error-data\"] = coded.Data
\t\t}}
\t}}
\treturn err
}}"
    ));
    output.declare(&format!(
        "func call{name}(ctx context.Context, xclient client.XClient, method string, args, reply any) error {{
\tmeta := map[string]string{{}}
\terr := xclient.Call(context.WithValue(ctx, share.ResMetaDataKey, meta), method, args, reply)
\tif wanted, ok := ctx.Value(share.ResMetaDataKey).(map[string]string); ok {{
\t\tfor key, value := range meta {{
\t\t\twanted[key] = value
\t\t}}
\t}}
\tif err == nil {{
\t\treturn nil
\t}}
\tcode, failed := strconv.ParseInt(meta[\"rpcx-error-code\"], 10, 64)
\tif failed != nil {{
\t\treturn err
\t}}
\treturn &{name}{{Code: code, Text: err.Error(), Data: meta[\"rpcx-error-data\"]}}
}}"
    ));
}
