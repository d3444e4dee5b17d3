//! From an enum to its model.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Fields, ItemEnum};

use super::model::{Message, Other, Shape, Variant, Variants};
use super::{choice, container};
use crate::diagnostics::Diagnostics;
use crate::parse::attributes::{self, Given, Kind, Known};
use crate::parse::names::Case;
use crate::parse::travel::is_exactly;

const NUMBER: Known = Known {
    place: "a variant that travels as a number",
    options: &[("default", Kind::Flag), ("other", Kind::Flag)],
    repeatable: None,
};

const TEXT: Known = Known {
    place: "a variant",
    options: &[
        ("name", Kind::Text),
        ("default", Kind::Flag),
        ("other", Kind::Flag),
    ],
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
        let text = "an enum that is a message has no parameters: Go has no such types";
        diagnostics.at(&item.generics, format!("{text}\nhelp: {help}"));
    }
    if item.variants.is_empty() {
        let text = "an enum without variants has no values to send";
        diagnostics.at(&item.ident, format!("{text}\nhelp: use `()` for nothing"));
    }
    if choice::has_data(item) {
        let shape = choice::shape(item, &options, diagnostics);
        let sendable = diagnostics.count() == before;
        return shape
            .filter(|_| sendable)
            .map(|shape| message_of(item, options, shape));
    }
    let allowed = if options.text { &TEXT } else { &NUMBER };
    let case = options.case.unwrap_or(Case::Asis);
    let mut known = Vec::new();
    let mut others = Vec::new();
    for (index, variant) in item.variants.iter_mut().enumerate() {
        let (found, is_other) = self::variant(variant, allowed, case, diagnostics);
        if is_other {
            catch_all(variant, (options.text, found.default), diagnostics);
            others.push(index);
        } else {
            known.push(found);
        }
    }
    places(&others, item, diagnostics);
    distinct(&known, options.text, diagnostics);
    let sendable = diagnostics.count() == before;
    let other = others
        .first()
        .map(|index| other(*index, item, options.text));
    let variants = Variants { known, other };
    let shape = if options.text {
        Shape::Text(variants)
    } else {
        Shape::Number(variants)
    };
    sendable.then(|| message_of(item, options, shape))
}

fn message_of(item: &ItemEnum, options: container::Options, shape: Shape) -> Message {
    Message {
        ident: item.ident.clone(),
        docs: attributes::docs(&item.attrs),
        generics: item.generics.clone(),
        facade: options.facade,
        shape,
    }
}

/// What the variant for everything else has to be.
fn catch_all(variant: &syn::Variant, (text, default): (bool, bool), diagnostics: &mut Diagnostics) {
    let name = &variant.ident;
    let (holds, what) = match text {
        true => ("String", "text"),
        false => ("i64", "number"),
    };
    let fits = match &variant.fields {
        Fields::Unnamed(fields) => {
            fields.unnamed.len() == 1 && is_exactly(&fields.unnamed[0].ty, holds)
        }
        _ => false,
    };
    if !fits {
        let message = format!(
            "the variant `{name}` has to hold the {what} that no other variant has\nhelp: write `{name}({holds})`"
        );
        diagnostics.at(variant, message);
    }
    if default {
        diagnostics.at(name, "a variant cannot be both `default` and `other`\nhelp: without `default`, nil reads as this one where no variant is 0 or \"\"");
    }
    if let Some((_, number)) = &variant.discriminant {
        diagnostics.at(
            number,
            "the variant for all other numbers has none of its own",
        );
    }
}

/// One catch-all variant, and behind all others, so that it takes part in no counting.
fn places(others: &[usize], item: &ItemEnum, diagnostics: &mut Diagnostics) {
    if let [_, second, ..] = others {
        diagnostics.at(
            &item.variants[*second].ident,
            "two variants are `other`\nhelp: keep one",
        );
    } else if let [only] = others
        && only + 1 < item.variants.len()
    {
        diagnostics.at(
            &item.variants[*only].ident,
            "the variant for everything else stands behind all others\nhelp: move it to the end",
        );
    }
    if others.len() == item.variants.len() && !others.is_empty() {
        let text = "an enum needs a variant beside the one for everything else";
        diagnostics.at(
            &item.ident,
            format!("{text}\nhelp: use the number or the text itself"),
        );
    }
}

/// The catch-all variant. The numbers are taken out of the item: rustc has none for an enum with data.
fn other(index: usize, item: &mut ItemEnum, text: bool) -> Other {
    let numbers = match text {
        true => TokenStream::new(),
        false => {
            let repr = item
                .attrs
                .iter()
                .filter(|attr| attr.path().is_ident("repr"));
            let known = item.variants.iter().enumerate();
            let known = known.filter(|(at, _)| *at != index).map(|(_, variant)| {
                let (ident, number) = (&variant.ident, &variant.discriminant);
                let number = number.as_ref().map(|(_, number)| quote!(= #number));
                quote!(#ident #number)
            });
            let known: Vec<_> = known.collect();
            quote!(#(#repr)* enum __Numbers { #(#known,)* })
        }
    };
    for variant in &mut item.variants {
        variant.discriminant = None;
    }
    let found = &item.variants[index];
    Other {
        ident: found.ident.clone(),
        docs: attributes::docs(&found.attrs),
        numbers,
    }
}

/// The variant, and whether it is the one for everything else.
fn variant(
    variant: &mut syn::Variant,
    known: &Known,
    case: Case,
    diagnostics: &mut Diagnostics,
) -> (Variant, bool) {
    let given = attributes::take(&mut variant.attrs, known, diagnostics);
    unconditional(variant, diagnostics);
    let name = given.iter().find_map(Given::text).map(syn::LitStr::value);
    let wire = name.unwrap_or_else(|| case.apply(&variant.ident));
    let default = given.iter().any(|option| option.name == "default");
    let is_other = given.iter().any(|option| option.name == "other");
    if let Some(name) = given.iter().find_map(Given::text).filter(|_| is_other) {
        diagnostics.at(
            name,
            "the variant for all other texts has no name of its own",
        );
    }
    let found = Variant {
        ident: variant.ident.clone(),
        docs: attributes::docs(&variant.attrs),
        wire,
        default,
    };
    (found, is_other)
}

/// The attributes that a variant cannot have.
pub(super) fn unconditional(variant: &mut syn::Variant, diagnostics: &mut Diagnostics) {
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
