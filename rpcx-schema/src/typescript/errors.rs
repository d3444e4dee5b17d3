//! Error enums: a class for the enum, and one that extends it for each variant.

use std::fmt::Write as _;

use super::Output;
use super::names::{member, members, of, schema, ty};
use super::text::{self, quoted};
use crate::document::{Data, ErrorDefinition};
use rpcx_codegen::diagnostics::Diagnostics;

pub(super) fn definition(error: &ErrorDefinition, output: &mut Output, out: &mut Diagnostics) {
    let name = of(&error.ident);
    let what = format!("the error enum `{}`", error.ident);
    output.claim(&name, &what, &error.ident, out);
    let mut written = String::new();
    text::docs(&mut written, "", &error.docs, &[]);
    let _ = write!(
        written,
        "export class {name}<Data = unknown> extends rpcx.RpcError<Data> {{\n\
         \x20 /** The variant that an error of a call is, or that error. */\n\
         \x20 static from(error: rpcx.RpcError): rpcx.RpcError {{\n\
         \x20   return rpcx.variantOf({}, {{\n",
        match error.json {
            true => "rpcx.unwrapText(error)",
            false => "error",
        }
    );
    for (variant, data) in error.variants.iter().zip(&error.data) {
        let class = format!("{name}{}", variant.name);
        let schema = data_schema(data).map(|schema| format!(", {schema}"));
        let _ = writeln!(
            written,
            "      {}: [{class}{}],",
            quoted(&variant.value.to_string()),
            schema.unwrap_or_default()
        );
    }
    written.push_str("    });\n  }\n}\n");
    output.declare(&written);
    for (variant, data) in error.variants.iter().zip(&error.data) {
        let class = format!("{name}{}", variant.name);
        let what = format!("the variant `{}::{}`", error.ident, variant.name);
        output.claim(&class, &what, &error.ident, out);
        let mut written = String::new();
        let code = format!("Code {}.", variant.value);
        let docs = match variant.docs.trim() {
            "" => code,
            docs => format!("{docs}\n\n{code}"),
        };
        text::docs(&mut written, "", &docs, &[]);
        let _ = writeln!(
            written,
            "export class {class} extends {name}{} {{}}",
            data_type(data)
        );
        output.declare(&written);
    }
}

/// What stands behind the name of the class of the enum.
fn data_type(data: &Data) -> String {
    match data {
        Data::Written(_) => "<undefined>".to_owned(),
        Data::Value(of) => format!("<{}>", ty(of)),
        Data::Fields(fields) => {
            let names = members(fields.iter().map(|(wire, _)| &**wire));
            let parts = names.iter().zip(fields);
            let parts: Vec<String> = parts
                .map(|(name, (_, of))| format!("{}: {}", member(name), ty(of)))
                .collect();
            format!("<{{ {} }}>", parts.join("; "))
        }
        Data::Foreign => String::new(),
    }
}

fn data_schema(data: &Data) -> Option<String> {
    match data {
        Data::Written(_) | Data::Foreign => None,
        Data::Value(of) => Some(schema(of)),
        Data::Fields(fields) => {
            let names = members(fields.iter().map(|(wire, _)| &**wire));
            let parts = names.iter().zip(fields);
            let parts: Vec<String> = parts
                .map(|(name, (wire, of))| {
                    format!("{}: [{}, {}]", member(name), quoted(wire), schema(of))
                })
                .collect();
            let of = data_type(data);
            Some(format!(
                "rpcx.struct{of}(() => ({{ {} }}))",
                parts.join(", ")
            ))
        }
    }
}
