//! Derive input to model.

use proc_macro2::Ident;
#[cfg(test)]
use proc_macro2::Span;
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, Lit, LitStr, Member, Path};

use super::{ErrorEnum, Field, Variant};
use crate::diagnostics::Diagnostics;
use crate::names::generated_in;
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
        ("elsewhere", Kind::Flag),
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
        foreign_display: false,
        from: true,
        display: false,
    };
    let before = diagnostics.count();
    for variant in &data.variants {
        generated_in(variant.fields.to_token_stream(), diagnostics);
    }
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
    error.foreign_display |= has(&item.attrs, "error");
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
    let named = matches!(item.fields, Fields::Named(_));
    let members: Vec<Member> = item.fields.members().collect();
    let fields = item.fields.into_iter().zip(members);
    let fields: Vec<Field> = fields
        .map(|(field, member)| Field {
            bound: bound(&member),
            member,
            ty: field.ty,
        })
        .collect();
    let message = find("message").and_then(Given::text);
    if let Some(text) = message {
        positions(text, &item.ident, named, &fields, diagnostics);
    }
    let message = message.map(|text| with_bound_names(text, &fields));
    error.variants.push(Variant {
        docs: attributes::docs(&item.attrs),
        elsewhere: find("elsewhere").is_some(),
        ident: item.ident,
        code,
        message,
        named,
        fields,
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
    error.from &= !item.fields.iter().any(|field| has(&field.attrs, "from"));
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

/// Whether an attribute of another derive is there: `#[error(..)]` and `#[from]` are those of thiserror.
fn has(attrs: &[Attribute], name: &str) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident(name))
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
        .any(|variant| variant.message.is_some())
        && !error.foreign_display;
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

fn bound(member: &Member) -> Ident {
    match member {
        Member::Named(name) => format_ident!("__field_{}", name.unraw()),
        Member::Unnamed(index) => format_ident!("__field_{}", index.index),
    }
}

/// The text with the names that the fields are bound to: `{need:>width$}` becomes
/// `{__field_need:>__field_width$}`. Other names are left to rustc.
fn with_bound_names(text: &LitStr, fields: &[Field]) -> LitStr {
    let value = text.value();
    let mut out = String::with_capacity(value.len() + 16);
    let mut rest = &*value;
    while let Some(open) = rest.find('{') {
        let (before, inside) = rest.split_at(open + 1);
        out.push_str(before);
        if let Some(after) = inside.strip_prefix('{') {
            out.push('{');
            rest = after;
            continue;
        }
        let end = inside.find('}').unwrap_or(inside.len());
        placeholder(&inside[..end], fields, &mut out);
        rest = &inside[end..];
    }
    out.push_str(rest);
    LitStr::new(&out, text.span())
}

/// Reports placeholders without a name, and with a number that no field has: rustc would speak of arguments.
fn positions(
    text: &LitStr,
    variant: &Ident,
    named: bool,
    fields: &[Field],
    diagnostics: &mut Diagnostics,
) {
    let value = text.value().replace("{{", "").replace("}}", "");
    for inside in value.split('{').skip(1) {
        let end = inside.find([':', '}']).unwrap_or(inside.len());
        let name = inside[..end].trim();
        let known = name
            .parse::<usize>()
            .map(|number| !named && number < fields.len());
        if known.unwrap_or(!name.is_empty()) {
            continue;
        }
        let shown = |field: &Field| format!("{{{}}}", field.member.to_token_stream());
        let shown: Vec<String> = fields.iter().map(shown).collect();
        let help = match &shown[..] {
            [] => "write a text without it, or give the variant a field".to_owned(),
            all => format!("write `{}`", all.join("` or `")),
        };
        let text_given = format!("`{{{name}}}` is no field of `{variant}`\nhelp: {help}");
        diagnostics.at(text, text_given);
    }
}

/// What stands between braces: a name, and behind a colon perhaps `name$` for a width or a precision.
fn placeholder(inside: &str, fields: &[Field], out: &mut String) {
    let (name, spec) = match inside.find(':') {
        Some(colon) => inside.split_at(colon),
        None => (inside, ""),
    };
    let renamed = |name: &str| {
        let of_field = |field: &&Field| match &field.member {
            Member::Named(known) => known.unraw() == name,
            Member::Unnamed(index) => index.index.to_string() == name,
        };
        let field = fields.iter().find(of_field);
        field.map_or_else(|| name.to_owned(), |field| field.bound.to_string())
    };
    out.push_str(&renamed(name.trim()));
    let mut parts = spec.split('$').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            out.push_str(part);
            return;
        }
        let start = part
            .char_indices()
            .rev()
            .find(|(_, c)| *c != '_' && !c.is_alphanumeric())
            .map_or(0, |(at, c)| at + c.len_utf8());
        out.push_str(&part[..start]);
        out.push_str(&renamed(&part[start..]));
        out.push('$');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_messages_are_those_the_fields_are_bound_to() {
        let fields = ["need", "r#type", "0"].map(|name| {
            let member: Member = syn::parse_str(name).unwrap();
            Field {
                bound: bound(&member),
                member,
                ty: syn::parse_quote!(u64),
            }
        });
        for (given, expected) in [
            ("need {need} of {{need}}", "need {__field_need} of {{need}}"),
            (
                "{need:>need$.0$}{0}",
                "{__field_need:>__field_need$.__field_0$}{__field_0}",
            ),
            ("{type:?} and {MAX} {", "{__field_type:?} and {MAX} {"),
            ("{need:$^5} {1}", "{__field_need:$^5} {1}"),
        ] {
            let text = LitStr::new(given, Span::call_site());
            assert_eq!(with_bound_names(&text, &fields).value(), expected);
        }
    }
}
