//! The definitions of the types that are used.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{
    Attribute, Expr, ExprLit, ExprUnary, Fields, Item, ItemEnum, ItemStruct, Lit, Meta, UnOp,
};

use super::resolve::{Resolver, Seen};
use super::{
    Carried, Case, Definition, Field, Kind, Missing, Other, Ty, Variant, parameters, serde_rules,
};
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::message;
use rpcx_codegen::message::model::{self, Said, Shape};
use rpcx_codegen::parse::attributes::docs;

/// Defines what was used, and what that uses, in source order.
pub(super) fn reached(
    resolver: &mut Resolver<'_>,
    out: &mut [Diagnostics],
) -> Vec<(usize, Definition)> {
    let mut done: Vec<Option<(usize, Definition)>> =
        resolver.candidates.iter().map(|_| None).collect();
    let mut seen = vec![false; done.len()];
    while let Some(index) = (0..seen.len()).find(|index| resolver.used[*index] && !seen[*index]) {
        seen[index] = true;
        let home = resolver.candidates[index].home;
        resolver.home = home;
        let found = match resolver.foreign {
            true => Some(any(index, resolver)),
            false => define(index, resolver, &mut out[home]),
        };
        done[index] = found.map(|found| (home, found));
    }
    done.into_iter().flatten().collect()
}

/// A definition, as it is written where it has no form in other languages.
fn any(index: usize, resolver: &mut Resolver<'_>) -> Definition {
    let mut own = Diagnostics::new();
    let found = define(index, resolver, &mut own);
    let candidate = &resolver.candidates[index];
    if let (true, Some(found)) = (own.finish().is_empty(), found) {
        return found;
    }
    let tokens = written(candidate.item.to_token_stream());
    resolver.mark(tokens.clone());
    Definition {
        ident: candidate.ident.clone(),
        id: candidate.id.clone(),
        docs: String::new(),
        deprecated: None,
        nil: None,
        other: None,
        kind: Kind::Foreign(spaced(tokens)),
    }
}

/// The tokens of an item without the attributes that say nothing about its form.
fn written(tokens: TokenStream) -> TokenStream {
    const SILENT: [&str; 7] = [
        "doc",
        "derive",
        "allow",
        "expect",
        "deprecated",
        "must_use",
        "non_exhaustive",
    ];
    let silent = |group: &Group| match group.stream().into_iter().next() {
        Some(TokenTree::Ident(name)) => SILENT.iter().any(|silent| name == silent),
        _ => false,
    };
    let mut out: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group)
                if matches!(out.last(), Some(TokenTree::Punct(mark)) if mark.as_char() == '#')
                    && silent(&group) =>
            {
                out.pop();
            }
            TokenTree::Group(group) => {
                let inner = Group::new(group.delimiter(), written(group.stream()));
                out.push(inner.into());
            }
            // visibility says nothing to a peer
            TokenTree::Ident(word) if word == "pub" => {}
            token => out.push(token),
        }
    }
    out.into_iter().collect()
}

/// Tokens with a space between any two, however they are spaced in the file.
fn spaced(tokens: TokenStream) -> String {
    let words = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => ("", ""),
            };
            format!("{open} {} {close}", spaced(group.stream()))
        }
        token => token.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn define(index: usize, resolver: &mut Resolver<'_>, out: &mut Diagnostics) -> Option<Definition> {
    let candidate = &resolver.candidates[index];
    let ident = &candidate.ident;
    resolver.this = Some(candidate.id.clone());
    let (mut nil, mut other) = (None, None);
    // a lock file compares the definition once, and what is given for the parameters at each use
    let numbered = match &candidate.item {
        Item::Struct(item) if resolver.foreign => parameters::numbered(item).map(Item::Struct),
        _ => None,
    };
    let item = numbered.as_ref().unwrap_or(&candidate.item);
    let (attrs, kind) = match (item, &candidate.message) {
        (Item::Type(item), _) => {
            let kind = Kind::Alias(resolver.resolve(&item.ty, Seen::Yes, out)?);
            (&item.attrs, kind)
        }
        (Item::Struct(item), _) if parameters::has(&item.generics) => {
            let text = format!(
                "the generic struct `{ident}` has no form in other languages\nhelp: write a struct for each use"
            );
            out.at(ident, text);
            return None;
        }
        (Item::Struct(item), Some(attr)) => (
            &item.attrs,
            message_struct(item, attr.clone(), resolver, out)?,
        ),
        (Item::Enum(item), Some(attr)) => {
            let found = message_enum(item, attr.clone(), resolver, out)?;
            (nil, other) = (found.nil, found.other);
            (&item.attrs, found.kind)
        }
        (Item::Struct(item), None) if serde_rules::derived(&item.attrs) => {
            (&item.attrs, serde_rules::structure(item, resolver, out)?)
        }
        (Item::Enum(item), None) if serde_rules::derived(&item.attrs) => {
            let (kind, forgets) = serde_rules::enumeration(item, out)?;
            other = forgets;
            (&item.attrs, kind)
        }
        _ => {
            let text = format!(
                "the type `{ident}` does not travel\nhelp: put `#[rpcx::message]` above it"
            );
            out.at(ident, text);
            return None;
        }
    };
    Some(Definition {
        ident: ident.clone(),
        id: candidate.id.clone(),
        docs: docs(attrs),
        deprecated: deprecated(attrs),
        nil,
        other,
        kind,
    })
}

fn message_struct(
    written: &ItemStruct,
    attr: TokenStream,
    resolver: &mut Resolver<'_>,
    out: &mut Diagnostics,
) -> Option<Kind> {
    let mut item = Item::Struct(written.clone());
    match message::read(attr, &mut item, out)?.shape {
        Shape::Newtype(field) => message_field(&field, resolver, out).map(Kind::Newtype),
        Shape::Map(fields) => message_fields(&fields, resolver, out).map(Kind::Struct),
        Shape::Number(_) | Shape::Text(_) | Shape::Choice(_) => None,
    }
}

/// The fields that travel.
fn message_fields(
    fields: &[model::Field],
    resolver: &mut Resolver<'_>,
    out: &mut Diagnostics,
) -> Option<Vec<Field>> {
    let sent = fields.iter().filter(|field| field.wire.is_some());
    let all = sent.map(|field| {
        Some(Field {
            wire: field.wire.clone()?,
            docs: field.docs.clone(),
            written: resolver.written(&field.ty),
            ty: message_field(field, resolver, out)?,
            missing: match field.missing {
                model::Missing::Zero => Missing::Zero,
                _ => Missing::Fine,
            },
        })
    });
    // all of them, so that all mistakes are reported
    let all: Vec<Option<Field>> = all.collect();
    all.into_iter().collect()
}

fn message_field(
    field: &model::Field,
    resolver: &mut Resolver<'_>,
    out: &mut Diagnostics,
) -> Option<Ty> {
    field.wire.as_ref()?;
    match field.said {
        Said::Bytes => Some(Ty::Bytes),
        Said::Plain => resolver.resolve(&field.ty, Seen::No, out),
        Said::Nothing => resolver.resolve(&field.ty, Seen::Yes, out),
    }
}

/// An enum of `#[rpcx::message]`.
struct Enum {
    kind: Kind,
    /// The name of the variant that nil reads as.
    nil: Option<String>,
    other: Option<Other>,
}

fn message_enum(
    written: &ItemEnum,
    attr: TokenStream,
    resolver: &mut Resolver<'_>,
    out: &mut Diagnostics,
) -> Option<Enum> {
    let mut item = Item::Enum(written.clone());
    let kept = |other: Option<model::Other>| {
        other.map(|other| Other {
            name: other.ident.unraw().to_string(),
            docs: other.docs,
            kept: true,
        })
    };
    match message::read(attr, &mut item, out)?.shape {
        Shape::Number(model::Variants { known, other }) => {
            let default = known.iter().find(|variant| variant.default);
            let default = default.map(|variant| variant.ident.unraw().to_string());
            let numbers = numbers(written, known.len(), out)?;
            let zero = numbers.iter().find(|variant| variant.value == 0);
            let nil = default.or_else(|| zero.map(|variant| variant.name.clone()));
            Some(Enum {
                kind: Kind::Numbers(numbers),
                nil,
                other: kept(other),
            })
        }
        Shape::Text(model::Variants { known, other }) => {
            let default = known.iter().find(|variant| variant.default);
            let empty = known.iter().find(|variant| variant.wire.is_empty());
            let nil = default.or(empty);
            let nil = nil.map(|variant| variant.ident.unraw().to_string());
            let texts = known.into_iter().map(|variant| Variant {
                name: variant.ident.unraw().to_string(),
                docs: variant.docs,
                value: variant.wire,
            });
            Some(Enum {
                kind: Kind::Texts(texts.collect()),
                nil,
                other: kept(other),
            })
        }
        Shape::Choice(cases) => {
            let default = cases.iter().find(|case| case.default);
            let nil = default.map(|case| case.ident.unraw().to_string());
            let cases = cases
                .into_iter()
                .map(|case| self::case(case, resolver, out));
            let cases: Vec<Option<Case>> = cases.collect();
            let cases: Option<Vec<Case>> = cases.into_iter().collect();
            Some(Enum {
                kind: Kind::Choice(cases?),
                nil,
                other: None,
            })
        }
        Shape::Newtype(_) | Shape::Map(_) => None,
    }
}

fn case(case: model::Case, resolver: &mut Resolver<'_>, out: &mut Diagnostics) -> Option<Case> {
    let carried = match &case.carried {
        model::Carried::Nothing => Carried::Nothing,
        model::Carried::Value(field) => Carried::Value(message_field(field, resolver, out)?),
        model::Carried::Fields(fields) => Carried::Fields(message_fields(fields, resolver, out)?),
    };
    Some(Case {
        name: case.ident.unraw().to_string(),
        docs: case.docs,
        wire: case.wire,
        carried,
    })
}

/// The discriminants of the first variants, as rustc counts them. A catch-all variant is the last.
fn numbers(item: &ItemEnum, count: usize, out: &mut Diagnostics) -> Option<Vec<Variant<i64>>> {
    let mut next = 0_i64;
    let mut variants = Vec::new();
    for variant in item.variants.iter().take(count) {
        if let Some((_, value)) = &variant.discriminant {
            let Some(number) = number(value) else {
                out.at(
                    value,
                    "the number of a variant must be written out here: constants are not looked up",
                );
                return None;
            };
            next = number;
        }
        variants.push(Variant {
            name: variant.ident.unraw().to_string(),
            docs: docs(&variant.attrs),
            value: next,
        });
        next = next.wrapping_add(1);
    }
    Some(variants)
}

/// A number that is written out.
pub(crate) fn number(value: &Expr) -> Option<i64> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => number(expr)?.checked_neg(),
        _ => None,
    }
}

/// Whether every variant is without data; one that has data is reported.
pub(super) fn without_data(item: &ItemEnum, out: &mut Diagnostics) -> bool {
    let found = item
        .variants
        .iter()
        .find(|variant| !matches!(variant.fields, Fields::Unit));
    if let Some(variant) = found {
        let name = &variant.ident;
        out.at(&variant.ident, format!("the variant `{name}` carries data, which has no form in other languages\nhelp: send a struct with one optional field for each case"));
    }
    found.is_none()
}

/// The note of `#[deprecated]`.
pub(crate) fn deprecated(attrs: &[Attribute]) -> Option<String> {
    let attr = attrs
        .iter()
        .find(|attr| attr.path().is_ident("deprecated"))?;
    let mut note = String::new();
    match &attr.meta {
        Meta::NameValue(pair) => {
            if let Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &pair.value
            {
                note = text.value();
            }
        }
        Meta::List(list) => {
            // what is no note, such as `since`, is of no interest here
            let _ = list.parse_nested_meta(|meta| {
                let text: syn::LitStr = meta.value()?.parse()?;
                if meta.path.is_ident("note") {
                    note = text.value();
                }
                Ok(())
            });
        }
        Meta::Path(_) => {}
    }
    Some(note)
}
