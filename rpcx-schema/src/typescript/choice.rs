//! Enums with data: a union that `kind` tells apart.

use std::fmt::Write as _;

use super::Output;
use super::definition::{field, structure};
use super::names::{constant, named, schema, ty};
use super::text::{self, quoted};
use crate::document::{Carried, Case, Definition};
use rpcx_codegen::diagnostics::Diagnostics;

/// The union and how it travels; interfaces for variants with fields stand in front of it.
pub(super) fn choice(
    (name, docs): (&str, &str),
    cases: &[Case],
    definition: &Definition,
    output: &mut Output,
    out: &mut Diagnostics,
) -> String {
    let mut union = String::new();
    let mut travels = String::new();
    for case in cases {
        let kind = quoted(&case.wire);
        let (value, how) = match &case.carried {
            Carried::Nothing => (None, String::new()),
            Carried::Value(inner) => (Some(ty(inner)), format!(", {}", schema(inner))),
            Carried::Fields(fields) => {
                let own = named(&format!("{}{}", definition.ident, case.name));
                let what = format!("the variant `{}::{}`", definition.ident, case.name);
                output.claim(&own, &what, &definition.ident, out);
                let fields: Vec<_> = fields.iter().map(field).collect();
                output.declare(&structure(&own, &fields));
                let how = format!(", {}", constant(&own));
                (Some(own), how)
            }
        };
        text::docs(&mut union, "  ", &case.docs, &[]);
        let value = value
            .map(|value| format!("; value: {value}"))
            .unwrap_or_default();
        let _ = writeln!(union, "  | {{ kind: {kind}{value} }}");
        let _ = writeln!(travels, "  [{kind}{how}],");
    }
    let union = union.trim_end();
    let nil = cases
        .iter()
        .find(|case| Some(&*case.name) == definition.nil.as_deref());
    let nil = nil
        .map(|case| format!(", {}", quoted(&case.wire)))
        .unwrap_or_default();
    let constant = constant(name);
    format!(
        "{docs}export type {name} =\n{union};\nconst {constant}: rpcx.Type<{name}> = /* @__PURE__ */ rpcx.choice<{name}>(() => [\n{travels}]{nil});\n"
    )
}
