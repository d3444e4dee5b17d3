//! Derive input to model.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, format_ident};
use syn::{Attribute, Data, DeriveInput, Fields, Lit, LitStr, Path};

use super::{ErrorEnum, Variant};
use crate::diagnostics::Diagnostics;
use crate::parse::attributes::{self, Given, Kind, Known};

const ENUM: Known = Known {
    place: "an error enum",
    options: &[("wire", Kind::Text), ("crate", Kind::Text)],
    repeatable: None,
};

const VARIANT: Known = Known {
    place: "a variant",
    options: &[
        ("code", Kind::Number),
        ("message", Kind::Text),
        ("other", Kind::Flag),
    ],
    repeatable: None,
};

/// Reads the enum. `None` for something that is not one.
pub(super) fn error(mut input: DeriveInput, diagnostics: &mut Diagnostics) -> Option<ErrorEnum> {
    let (facade, json) = container(&mut input.attrs, diagnostics);
    let Data::Enum(data) = input.data else {
        diagnostics.at(
            &input.ident,
            "`#[derive(rpcx::ServiceError)]` goes on an enum: besides its own errors it must be able to hold those of the network\n\
             help: write an enum with a variant `#[rpcx(other)] Rpc(rpcx::Error)`",
        );
        return None;
    };
    if !input.generics.params.is_empty() {
        let text = "an error enum cannot be generic: the receiver must know the type to decode";
        diagnostics.at(&input.generics.params, text);
        return None;
    }
    let mut error = ErrorEnum {
        ident: input.ident,
        facade,
        variants: Vec::new(),
        other: None,
        json,
        display: false,
    };
    let before = diagnostics.count();
    for item in data.variants {
        variant(item, &mut error, diagnostics);
    }
    if error.other.is_none() && diagnostics.count() == before {
        diagnostics.at(
            &error.ident,
            format!(
                "`{}` has no place for the errors of the network, such as a timeout\n\
                 help: add a variant `#[rpcx(other)] Rpc(rpcx::Error)`",
                error.ident
            ),
        );
    }
    messages(&mut error, diagnostics);
    Some(error)
}

/// How the facade is named, and whether texts travel as JSON.
fn container(attrs: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) -> (Path, bool) {
    let (mut facade, mut json) = (syn::parse_quote!(::rpcx), false);
    for option in attributes::take(attrs, &ENUM, diagnostics) {
        let Some(text) = option.text() else { continue };
        if option.name == "wire" {
            json = text.value() == "json";
            if !json {
                let text_given = text.value();
                let message = format!("unknown wire form `{text_given}`, expected `json`");
                diagnostics.at(text, message);
            }
            continue;
        }
        match text.parse_with(Path::parse_mod_style) {
            Ok(path) => facade = path,
            Err(_) => diagnostics.at(text, format!("`{}` is not a path", text.value())),
        }
    }
    (facade, json)
}

fn variant(mut item: syn::Variant, error: &mut ErrorEnum, diagnostics: &mut Diagnostics) {
    let given = attributes::take(&mut item.attrs, &VARIANT, diagnostics);
    let find = |name: &str| given.iter().find(|option| option.name == name);
    if let Some(option) = find("other") {
        return other(&item, option, &given, error, diagnostics);
    }
    let Some(code) = find("code").and_then(|option| code(option, diagnostics)) else {
        if find("code").is_none() {
            let name = &item.ident;
            diagnostics.at(name, format!("the variant `{name}` has no code, so the caller could not tell it from others\nhelp: write `#[rpcx(code = 1, message = \"..\")]`"));
        }
        return;
    };
    if let Some(earlier) = error.variants.iter().find(|earlier| earlier.code == code) {
        diagnostics.at(
            &item.ident,
            format!(
                "two variants have the code {code}: `{}` and `{}`",
                earlier.ident, item.ident
            ),
        );
        return;
    }
    if item.fields.len() > 12 {
        diagnostics.at(
            &item.ident,
            format!(
                "a variant can have at most 12 fields, `{}` has {}\nhelp: put them into a struct",
                item.ident,
                item.fields.len()
            ),
        );
        return;
    }
    let message = find("message").and_then(Given::text).map(positional);
    let named = matches!(item.fields, Fields::Named(_));
    let fields = item.fields.into_iter().enumerate();
    let fields = fields.map(|(index, field)| {
        (
            field.ident.unwrap_or_else(|| format_ident!("__{index}")),
            field.ty,
        )
    });
    error.variants.push(Variant {
        ident: item.ident,
        code,
        message,
        named,
        fields: fields.collect(),
    });
}

fn other(
    item: &syn::Variant,
    option: &Given,
    given: &[Given],
    error: &mut ErrorEnum,
    diagnostics: &mut Diagnostics,
) {
    if let Some(extra) = given.iter().find(|given| given.name != "other") {
        let text = format!(
            "`{}` has no place beside `other`: the error inside has its own",
            extra.name
        );
        diagnostics.at(&extra.name, text);
    }
    if !matches!(&item.fields, Fields::Unnamed(fields) if fields.unnamed.len() == 1) {
        diagnostics.at(&item.ident, format!("the variant `{0}` must hold the error and nothing else\nhelp: write `#[rpcx(other)] {0}(rpcx::Error)`", item.ident));
    }
    match &error.other {
        Some(earlier) => {
            diagnostics.at(
                &option.name,
                format!("two variants are `other`: `{earlier}` and `{}`", item.ident),
            );
        }
        None => error.other = Some(item.ident.clone()),
    }
}

fn code(option: &Given, diagnostics: &mut Diagnostics) -> Option<i64> {
    let Some(Lit::Int(number)) = &option.value else {
        return None;
    };
    match number.base10_parse() {
        Ok(code) => Some(code),
        Err(_) => {
            diagnostics.at(
                number,
                format!(
                    "`{}` is no code: it must fit in an i64",
                    number.to_token_stream()
                ),
            );
            None
        }
    }
}

/// All variants have a message, or none has.
fn messages(error: &mut ErrorEnum, diagnostics: &mut Diagnostics) {
    error.display = error
        .variants
        .iter()
        .any(|variant| variant.message.is_some());
    if !error.display {
        return;
    }
    for variant in error
        .variants
        .iter()
        .filter(|variant| variant.message.is_none())
    {
        let name: &Ident = &variant.ident;
        diagnostics.at(name, format!("the variant `{name}` has no message, but others have\nhelp: write `message = \"..\"`, or leave out all messages and implement `Display` yourself"));
    }
}

/// `{0}` names a field without a name; it is bound to `__0`.
fn positional(text: &LitStr) -> LitStr {
    let value = text.value();
    let mut out = String::with_capacity(value.len() + 8);
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c != '{' {
            continue;
        }
        match chars.peek() {
            Some('{') => out.extend(chars.next()),
            Some(digit) if digit.is_ascii_digit() => out.push_str("__"),
            _ => {}
        }
    }
    let span: Span = text.span();
    LitStr::new(&out, span)
}
