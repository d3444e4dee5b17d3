//! Structs, aliases and enums.

use std::fmt::Write as _;

use super::Output;
use super::choice::choice;
use super::names::{constant, member, members, of, schema, ty};
use super::text::{self, quoted};
use crate::document::{Definition, Document, Field, Kind, Missing, Ty, Variant};
use rpcx_codegen::diagnostics::Diagnostics;

/// The largest whole number that a `number` holds, and every smaller one.
const SAFE: i64 = (1 << 53) - 1;

/// What a member of an object is.
pub(super) struct Member<'a> {
    pub(super) docs: &'a str,
    pub(super) wire: &'a str,
    pub(super) ty: &'a Ty,
    pub(super) presence: Presence,
}

/// Whether a member has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// A reader takes what is missing for the zero value.
    Zero,
    /// A reader takes what is missing for an error.
    Required,
    /// A writer may leave it out.
    Omittable,
}

pub(super) fn definition(
    definition: &Definition,
    document: &Document,
    output: &mut Output,
    out: &mut Diagnostics,
) {
    let name = of(&definition.ident);
    let what = format!("the type `{}`", definition.ident);
    output.claim(&name, &what, &definition.ident, out);
    let mut written = String::new();
    let tags: Vec<String> = definition
        .deprecated
        .as_deref()
        .map(deprecated)
        .into_iter()
        .collect();
    text::docs(&mut written, "", &definition.docs, &tags);
    match &definition.kind {
        Kind::Struct(fields) => {
            let fields: Vec<Member<'_>> = fields.iter().map(field).collect();
            written.push_str(&structure(&name, &fields));
        }
        // was reported, so nothing of this is written
        Kind::Foreign(_) => {}
        Kind::Alias(inner) | Kind::Newtype(inner) => {
            if is_circular(inner, document) {
                let text = format!(
                    "`{}` is itself or nothing, which has no form in TypeScript\nhelp: write a struct with a named field",
                    definition.ident
                );
                out.at(&definition.ident, text);
            }
            let (constant, schema) = (constant(&name), schema(inner));
            let _ = writeln!(
                written,
                "export type {name} = {};\nconst {constant}: rpcx.Type<{name}> = /* @__PURE__ */ rpcx.lazy(() => {schema});",
                ty(inner)
            );
        }
        Kind::Choice(cases) => {
            written = choice((&name, &written), cases, definition, output, out);
        }
        Kind::Numbers(variants) => {
            let safe = variants
                .iter()
                .all(|one| (-SAFE..=SAFE).contains(&one.value));
            let suffix = if safe { "" } else { "n" };
            let value = |value: &i64| format!("{value}{suffix}");
            let open = match safe {
                true => ["(number & {}) | bigint", "0"],
                false => ["(bigint & {})", "0n"],
            };
            let open = definition.keeps().map(|_| open);
            let nil = definition.nil.as_deref();
            written.push_str(&enumeration(&name, variants, value, (nil, open)));
        }
        Kind::Texts(variants) => {
            let value = |value: &String| quoted(value);
            let open = definition.keeps().map(|_| ["(string & {})", "\"\""]);
            let nil = definition.nil.as_deref();
            written.push_str(&enumeration(&name, variants, value, (nil, open)));
        }
    }
    output.declare(&written);
}

/// The tag for the note of `#[deprecated]`.
pub(super) fn deprecated(note: &str) -> String {
    match note {
        "" => "@deprecated Do not use it.".to_owned(),
        note => format!("@deprecated {note}"),
    }
}

/// Whether a type is another name for itself: TypeScript looks through options and aliases, and for what lists and
/// structs are made of when it has to.
fn is_circular(ty: &Ty, document: &Document) -> bool {
    let mut ty = ty;
    for _ in 0..=2 * (document.types.len() + document.elsewhere.len()) {
        ty = match (ty, document.find(ty).map(|one| &one.kind)) {
            (Ty::Option(inner), _) => inner,
            (_, Some(Kind::Alias(inner) | Kind::Newtype(inner))) => inner,
            _ => return false,
        };
    }
    true
}

pub(super) fn field(field: &Field) -> Member<'_> {
    let optional = matches!(field.ty, Ty::Option(_));
    Member {
        docs: &field.docs,
        wire: &field.wire,
        ty: &field.ty,
        presence: match field.missing {
            Missing::Error if !optional => Presence::Required,
            _ => Presence::Zero,
        },
    }
}

/// An interface and how it travels.
pub(super) fn structure(name: &str, fields: &[Member<'_>]) -> String {
    let constant = constant(name);
    if fields.is_empty() {
        return format!(
            "export interface {name} {{}}\nconst {constant}: rpcx.Type<{name}> = /* @__PURE__ */ rpcx.struct<{name}>(() => ({{}}));\n"
        );
    }
    let names = members(fields.iter().map(|field| field.wire));
    let mut interface = format!("export interface {name} {{\n");
    let mut travels = format!(
        "const {constant}: rpcx.Type<{name}> = /* @__PURE__ */ rpcx.struct<{name}>(() => ({{\n"
    );
    for (field, name) in fields.iter().zip(&names) {
        text::docs(&mut interface, "  ", field.docs, &[]);
        let name = member(name);
        let _ = writeln!(interface, "  {name}{};", annotation(field));
        let schema = match field.presence {
            Presence::Zero => schema(field.ty),
            Presence::Required => format!("rpcx.required({})", schema(field.ty)),
            Presence::Omittable => format!("rpcx.omittable({})", schema(field.ty)),
        };
        let _ = writeln!(travels, "  {name}: [{}, {schema}],", quoted(field.wire));
    }
    format!("{interface}}}\n{travels}}}));\n")
}

/// What stands behind the name of a member.
fn annotation(field: &Member<'_>) -> String {
    let may_miss = field.presence == Presence::Omittable || matches!(field.ty, Ty::Option(_));
    let ty = ty(field.ty);
    match may_miss {
        true if ty.ends_with("undefined") => format!("?: {ty}"),
        true => format!("?: {ty} | undefined"),
        false => format!(": {ty}"),
    }
}

/// An object with the values, the union of them, and how they travel. With a catch-all variant: the type of all
/// other values, and the zero value among them.
fn enumeration<T>(
    name: &str,
    variants: &[Variant<T>],
    value: impl Fn(&T) -> String,
    (nil, open): (Option<&str>, Option<[&str; 2]>),
) -> String {
    let mut out = format!("export const {name} = {{\n");
    for variant in variants {
        text::docs(&mut out, "  ", &variant.docs, &[]);
        let _ = writeln!(
            out,
            "  {}: {},",
            member(&variant.name),
            value(&variant.value)
        );
    }
    let nil = variants.iter().find(|variant| Some(&*variant.name) == nil);
    let nil = nil.map(|variant| value(&variant.value));
    let (also, function, nil) = match open {
        None => (String::new(), "oneOf", nil),
        Some([ty, zero]) => {
            let zero = nil.unwrap_or_else(|| zero.to_owned());
            (format!(" | {ty}"), "openOf", Some(zero))
        }
    };
    let nil = nil.map(|value| format!(", {value}")).unwrap_or_default();
    let constant = constant(name);
    let _ = write!(
        out,
        "}} as const;\nexport type {name} = (typeof {name})[keyof typeof {name}]{also};\n\
         const {constant}: rpcx.Type<{name}> = /* @__PURE__ */ rpcx.{function}({name}{nil});\n"
    );
    out
}
