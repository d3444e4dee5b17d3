//! From an enum with data to its model.

use std::collections::BTreeMap;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, Fields, ItemEnum, Member, Type, Variant};

use super::container::Options;
use super::model::{Carried, Case, Shape};
use super::structure;
use super::this;
use crate::diagnostics::Diagnostics;
use crate::parse::attributes::{self, Given, Kind, Known};
use crate::parse::names;
use crate::parse::travel::{is_named, is_unit};

const CASE: Known = Known {
    place: "a variant",
    options: &[("name", Kind::Text), ("default", Kind::Flag)],
    repeatable: None,
};

/// Whether a variant carries something, other than the one that catches what no other variant is.
pub(super) fn has_data(item: &ItemEnum) -> bool {
    let catches = |variant: &Variant| {
        let ours = variant
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("rpcx"));
        ours.into_iter().any(|attr| {
            let tokens = attr.meta.to_token_stream().to_string();
            tokens
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word == "other")
        })
    };
    let mut variants = item.variants.iter();
    variants.any(|variant| !matches!(variant.fields, Fields::Unit) && !catches(variant))
}

/// The model of `item`, whose `#[rpcx(..)]` attributes are taken out; `None` where it cannot travel.
pub(super) fn shape(
    item: &mut ItemEnum,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<Shape> {
    let before = diagnostics.count();
    if options.text {
        let text = "`text` is for enums without data: here each variant is a field with its data";
        diagnostics.at(&item.ident, format!("{text}\nhelp: remove `text`"));
    }
    let ident = item.ident.clone();
    let mut cases = Vec::new();
    for variant in &mut item.variants {
        if let Some((_, number)) = &variant.discriminant {
            numbered(number, diagnostics);
        }
        cases.push(case(variant, &ident, options, diagnostics));
    }
    distinct(&cases, diagnostics);
    (diagnostics.count() == before).then_some(Shape::Choice(cases))
}

fn numbered(number: &Expr, diagnostics: &mut Diagnostics) {
    let text = "a variant of an enum with data travels by its name, so a number says nothing";
    diagnostics.at(number, format!("{text}\nhelp: remove it"));
}

fn case(
    variant: &mut Variant,
    owner: &Ident,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Case {
    let given = attributes::take(&mut variant.attrs, &CASE, diagnostics);
    super::enumeration::unconditional(variant, diagnostics);
    let has = |name: &str| given.iter().find(|option| option.name == name);
    let case = options.case.unwrap_or(names::Case::Asis);
    let wire = match has("name").and_then(Given::text) {
        Some(text) => text.value(),
        None => case.apply(&variant.ident),
    };
    let carried = carried(variant, owner, options, diagnostics);
    if let (Some(default), false) = (has("default"), matches!(carried, Carried::Nothing)) {
        let text = "nil says nothing about data, so it reads as a variant without";
        let help = "mark such a variant, or remove `default`";
        diagnostics.at(&default.name, format!("{text}\nhelp: {help}"));
    }
    Case {
        ident: variant.ident.clone(),
        docs: attributes::docs(&variant.attrs),
        wire,
        default: has("default").is_some(),
        carried,
    }
}

fn carried(
    variant: &mut Variant,
    owner: &Ident,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Carried {
    let name = variant.ident.clone();
    let count = variant.fields.len();
    let members: Vec<Member> = variant.fields.members().collect();
    let named = matches!(variant.fields, Fields::Named(_));
    if matches!(variant.fields, Fields::Unit) {
        return Carried::Nothing;
    }
    if !named && count != 1 {
        let text = format!("the variant `{name}` has {count} fields without names");
        let help = "name them: their names are the names on the wire";
        diagnostics.at(&variant.fields, format!("{text}\nhelp: {help}"));
    }
    let mut fields = Vec::new();
    for (field, member) in variant.fields.iter_mut().zip(members) {
        field.ty = this::named(&field.ty, owner);
        if !named {
            nilable(&field.ty, &name, diagnostics);
        }
        fields.push(structure::field(field, member, options, &[], diagnostics));
    }
    if named || fields.len() != 1 {
        structure::unique(&fields, diagnostics);
        return Carried::Fields(fields);
    }
    Carried::Value(Box::new(fields.remove(0)))
}

/// Nil says that it is another variant.
fn nilable(ty: &Type, variant: &Ident, diagnostics: &mut Diagnostics) {
    let help = match (is_unit(ty), is_named(ty, "Option")) {
        (true, _) => "write the variant without it",
        (_, true) => "write a variant for nothing, or give the field a name",
        _ => return,
    };
    let text = format!("`{variant}` of nothing could not be told from another variant");
    diagnostics.at(ty, format!("{text}\nhelp: {help}"));
}

fn distinct(cases: &[Case], diagnostics: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    let mut default = None;
    for case in cases {
        if let Some(first) = seen.insert(&case.wire, &case.ident) {
            let message = format!(
                "two variants have the name `{}` on the wire: `{first}` and `{}`\nhelp: give one of them another name with `#[rpcx(name = \"..\")]`",
                case.wire, case.ident
            );
            diagnostics.at(&case.ident, message);
        }
        if case.default && default.replace(&case.ident).is_some() {
            diagnostics.at(&case.ident, "two variants are the default\nhelp: keep one");
        }
    }
}
