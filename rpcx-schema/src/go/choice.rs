//! Enums with data: a struct of pointers of which one is set, a constructor for each, and a switch.

use std::fmt::Write as _;

use super::Output;
use super::definition::{check_tag, structure};
use super::names::{exported, go};
use super::text::{self, Row};
use crate::document::{Carried, Case, Definition, Ty};
use rpcx_codegen::diagnostics::Diagnostics;

/// One variant in Go.
struct Variant<'a> {
    case: &'a Case,
    /// Its field.
    field: String,
    /// What the field points to.
    ty: String,
}

/// The struct, with what stands beside it.
pub(super) fn choice(
    (name, docs): (&str, &str),
    cases: &[Case],
    definition: &Definition,
    output: &mut Output,
    out: &mut Diagnostics,
) {
    let mut variants: Vec<Variant<'_>> = Vec::new();
    for case in cases {
        check_tag(&case.wire, &definition.ident, out);
        let mut field = exported(&case.wire);
        while variants.iter().any(|one| one.field == field) {
            field.push('_');
        }
        let ty = match &case.carried {
            Carried::Value(ty) => go(ty),
            Carried::Nothing | Carried::Fields(_) => format!("{name}{field}"),
        };
        variants.push(Variant { case, field, ty });
    }
    for variant in &variants {
        claim(name, variant, definition, output, out);
    }
    let switch = format!("Switch{name}");
    output.claim(
        &switch,
        "the switch over its variants",
        &definition.ident,
        out,
    );
    output.declare(&format!("{docs}{}", declared(name, &variants)));
    for variant in &variants {
        let fields = match &variant.case.carried {
            Carried::Value(_) => continue,
            Carried::Nothing => &[][..],
            Carried::Fields(fields) => fields,
        };
        let fields = fields.iter();
        let fields = fields.map(|field| (&*field.docs, &*field.wire, &field.ty));
        let fields: Vec<_> = fields.collect();
        output.declare(&structure(&variant.ty, &fields, &definition.ident, out));
    }
    for variant in &variants {
        output.declare(&constructor(name, variant));
    }
    output.declare(&switch_over(name, &variants));
}

fn claim(
    name: &str,
    variant: &Variant<'_>,
    definition: &Definition,
    output: &mut Output,
    out: &mut Diagnostics,
) {
    let what = format!("the variant `{}::{}`", definition.ident, variant.case.name);
    let constructor = format!("New{name}{}", variant.field);
    output.claim(&constructor, &what, &definition.ident, out);
    if !matches!(variant.case.carried, Carried::Value(_)) {
        output.claim(&variant.ty, &what, &definition.ident, out);
    }
}

fn declared(name: &str, variants: &[Variant<'_>]) -> String {
    let rows = variants.iter().map(|variant| {
        let wire = &variant.case.wire;
        Row {
            docs: variant.case.docs.clone(),
            name: variant.field.clone(),
            rest: format!("*{}", variant.ty),
            tag: Some(format!(
                "`msgpack:\"{wire},omitempty\" json:\"{wire},omitempty\"`"
            )),
        }
    });
    let rows: Vec<Row> = rows.collect();
    let mut written = format!(
        "// One field is set, and all others are nil: see Switch{name}.\ntype {name} struct {{\n"
    );
    text::rows(&mut written, &rows);
    written.push_str("}\n");
    written
}

fn constructor(name: &str, variant: &Variant<'_>) -> String {
    let Variant { case, field, ty } = variant;
    let (parameter, value) = match case.carried {
        Carried::Nothing => (String::new(), format!("&{ty}{{}}")),
        _ => (format!("value {ty}"), "&value".to_owned()),
    };
    // nil would say that it is another variant
    let filled = match &case.carried {
        Carried::Value(Ty::List(_) | Ty::Map(..) | Ty::Bytes) => {
            format!("\tif value == nil {{\n\t\tvalue = {ty}{{}}\n\t}}\n")
        }
        _ => String::new(),
    };
    format!(
        "// New{name}{field} makes the variant {field}.\nfunc New{name}{field}({parameter}) {name} {{\n{filled}\treturn {name}{{{field}: {value}}}\n}}"
    )
}

fn switch_over(name: &str, variants: &[Variant<'_>]) -> String {
    let mut parameters = String::new();
    let mut cases = String::new();
    for Variant { case, field, ty } in variants {
        let (takes, given) = match case.carried {
            Carried::Nothing => (String::new(), String::new()),
            _ => (ty.clone(), format!("*value.{field}")),
        };
        let _ = write!(parameters, ", on{field} func({takes})");
        let _ = write!(
            cases,
            "\tcase value.{field} != nil:\n\t\ton{field}({given})\n"
        );
    }
    format!(
        "// Switch{name} calls the function of the variant that is set. It is false where none is, as for a variant of a newer peer.
func Switch{name}(value {name}{parameters}) bool {{
\tswitch {{
{cases}\tdefault:
\t\treturn false
\t}}
\treturn true
}}"
    )
}
