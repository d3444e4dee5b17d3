//! From an enum to its model.

use proc_macro2::TokenStream;
use syn::{Fields, ItemEnum};

use super::container;
use super::model::{Message, Shape, Variant};
use crate::diagnostics::Diagnostics;
use crate::parse::attributes::{self, Given, Kind, Known};
use crate::parse::names::Case;

const NUMBER: Known = Known {
    place: "a variant that travels as a number",
    options: &[("default", Kind::Flag)],
    repeatable: None,
};

const TEXT: Known = Known {
    place: "a variant",
    options: &[("name", Kind::Text), ("default", Kind::Flag)],
    repeatable: None,
};

/// The model of `item`, whose `#[rpcx(..)]` attributes are taken out; `None` where it has variants
/// that cannot travel.
pub(super) fn message(
    attr: TokenStream,
    item: &mut ItemEnum,
    diagnostics: &mut Diagnostics,
) -> Option<Message> {
    let options = container::of_enum(attr, &mut item.attrs, diagnostics);
    let before = diagnostics.count();
    if !item.generics.params.is_empty() {
        let help = "remove the parameters";
        let text = "an enum without data has no use for parameters";
        diagnostics.at(&item.generics, format!("{text}\nhelp: {help}"));
    }
    if item.variants.is_empty() {
        let text = "an enum without variants has no values to send";
        diagnostics.at(&item.ident, format!("{text}\nhelp: use `()` for nothing"));
    }
    for variant in &item.variants {
        if !matches!(variant.fields, Fields::Unit) {
            diagnostics.at(&variant.fields, data(variant));
        }
    }
    let sendable = diagnostics.count() == before;
    let known = if options.text { &TEXT } else { &NUMBER };
    let case = options.case.unwrap_or(Case::Asis);
    let variants: Vec<Variant> = item
        .variants
        .iter_mut()
        .map(|variant| self::variant(variant, known, case, diagnostics))
        .collect();
    distinct(&variants, options.text, diagnostics);
    let shape = if options.text {
        Shape::Text(variants)
    } else {
        Shape::Number(variants)
    };
    sendable.then(|| Message {
        ident: item.ident.clone(),
        docs: attributes::docs(&item.attrs),
        generics: item.generics.clone(),
        facade: options.facade,
        shape,
    })
}

fn data(variant: &syn::Variant) -> String {
    let name = &variant.ident;
    format!(
        "the variant `{name}` carries data, and Go has no type for that\nhelp: send a struct with one optional field for each case, or derive serde's traits for this enum if no Go peer reads it"
    )
}

fn variant(
    variant: &mut syn::Variant,
    known: &Known,
    case: Case,
    diagnostics: &mut Diagnostics,
) -> Variant {
    let given = attributes::take(&mut variant.attrs, known, diagnostics);
    container::foreign(&mut variant.attrs, diagnostics);
    if let Some(cfg) = variant
        .attrs
        .iter()
        .find(|attr| attr.path().is_ident("cfg"))
    {
        let text =
            "a variant of an rpcx message cannot be conditional: all peers see the same message";
        diagnostics.at(
            cfg,
            format!("{text}\nhelp: put the condition on the enum and write it twice"),
        );
    }
    let name = given.iter().find_map(Given::text).map(syn::LitStr::value);
    let wire = name.unwrap_or_else(|| case.apply(&variant.ident));
    let default = given.iter().any(|option| option.name == "default");
    Variant {
        ident: variant.ident.clone(),
        docs: attributes::docs(&variant.attrs),
        wire,
        default,
    }
}

fn distinct(variants: &[Variant], text: bool, diagnostics: &mut Diagnostics) {
    for (index, variant) in variants.iter().enumerate() {
        let earlier = &variants[..index];
        if variant.default && earlier.iter().any(|earlier| earlier.default) {
            diagnostics.at(
                &variant.ident,
                "two variants are the default\nhelp: keep one",
            );
        }
        if let Some(first) = earlier
            .iter()
            .find(|earlier| text && earlier.wire == variant.wire)
        {
            let message = format!(
                "two variants have the name `{}` on the wire: `{}` and `{}`\nhelp: give one of them another name with `#[rpcx(name = \"..\")]`",
                variant.wire, first.ident, variant.ident
            );
            diagnostics.at(&variant.ident, message);
        }
    }
}
