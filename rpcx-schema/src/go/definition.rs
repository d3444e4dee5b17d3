//! Structs, aliases and enums.

use std::fmt::{Display, Write as _};

use proc_macro2::Ident;

use super::Output;
use super::choice::choice;
use super::names::{exported, go, of};
use super::text::{self, Row};
use crate::document::{Definition, Kind, Ty, Variant};
use rpcx_codegen::diagnostics::Diagnostics;

/// Go keeps what it has no constant for.
const OPEN: &str = "Values without a constant may come, too, and are kept as they are.";

pub(super) fn definition(definition: &Definition, output: &mut Output, out: &mut Diagnostics) {
    let name = of(&definition.ident);
    output.claim(
        &name,
        &format!("the type `{}`", definition.ident),
        &definition.ident,
        out,
    );
    let mut written = String::new();
    let mut docs = definition.docs.clone();
    if definition.keeps().is_some() {
        docs.push_str(if docs.is_empty() { "" } else { "\n\n" });
        docs.push_str(OPEN);
    }
    text::docs(&mut written, "", &docs, definition.deprecated.as_deref());
    match &definition.kind {
        Kind::Struct(fields) => {
            let fields = fields.iter();
            let fields: Vec<_> = fields
                .map(|field| (&*field.docs, &*field.wire, &field.ty))
                .collect();
            written.push_str(&structure(&name, &fields, &definition.ident, out));
        }
        Kind::Choice(cases) => {
            return choice((&name, &written), cases, definition, output, out);
        }
        // was reported, so nothing of this is written
        Kind::Foreign(_) => {}
        Kind::Alias(ty) | Kind::Newtype(ty) => {
            let _ = writeln!(written, "type {name} = {}", go(ty));
        }
        Kind::Numbers(variants) => {
            let _ = writeln!(written, "type {name} int64\n");
            let values = variants.iter().map(|variant| variant.value);
            written.push_str(&constants(&name, &name, variants, values));
            claim(&name, variants, definition, output, out);
        }
        Kind::Texts(variants) => {
            let _ = writeln!(written, "type {name} string\n");
            let values = variants.iter().map(|variant| text::quoted(&variant.value));
            written.push_str(&constants(&name, &name, variants, values));
            claim(&name, variants, definition, output, out);
        }
    }
    output.declare(&written);
}

fn claim<T>(
    name: &str,
    variants: &[Variant<T>],
    definition: &Definition,
    output: &mut Output,
    out: &mut Diagnostics,
) {
    for variant in variants {
        let constant = format!("{name}{}", exported(&variant.name));
        let what = format!("the variant `{}::{}`", definition.ident, variant.name);
        output.claim(&constant, &what, &definition.ident, out);
    }
}

/// `const ( .. )`, one for each variant.
pub(super) fn constants<T>(
    prefix: &str,
    ty: &str,
    variants: &[Variant<T>],
    values: impl Iterator<Item = impl Display>,
) -> String {
    let rows = variants.iter().zip(values).map(|(variant, value)| Row {
        docs: variant.docs.clone(),
        name: format!("{prefix}{}", exported(&variant.name)),
        rest: format!("{ty} = {value}"),
        tag: None,
    });
    let rows: Vec<Row> = rows.collect();
    let mut out = String::new();
    if !rows.is_empty() {
        out.push_str("const (\n");
        text::rows(&mut out, &rows);
        out.push_str(")\n");
    }
    out
}

/// Whether a name on the wire can stand in the tag of a field.
pub(super) fn check_tag(wire: &str, at: &Ident, out: &mut Diagnostics) {
    let cannot = |c: char| matches!(c, '"' | '`' | '\\' | ',') || c.is_control();
    if wire == "-" || wire.chars().any(cannot) {
        let text = format!("the name `{wire}` on the wire cannot stand in the tag of a Go field");
        out.at(at, text);
    }
}

/// `type .. struct`, of fields with docs, a name on the wire and a type.
pub(super) fn structure(
    name: &str,
    fields: &[(&str, &str, &Ty)],
    at: &Ident,
    out: &mut Diagnostics,
) -> String {
    let mut rows: Vec<Row> = Vec::new();
    for (docs, wire, ty) in fields {
        check_tag(wire, at, out);
        let mut field = exported(wire);
        while rows.iter().any(|row| row.name == field) {
            field.push('_');
        }
        rows.push(Row {
            docs: (*docs).to_owned(),
            tag: (field != *wire).then(|| format!("`msgpack:\"{wire}\" json:\"{wire}\"`")),
            name: field,
            rest: go(ty),
        });
    }
    if rows.is_empty() {
        return format!("type {name} struct{{}}\n");
    }
    let mut written = format!("type {name} struct {{\n");
    text::rows(&mut written, &rows);
    written.push_str("}\n");
    written
}
