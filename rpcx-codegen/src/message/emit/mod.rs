//! From the model to the two implementations.

mod choice;
mod decode;
mod describe;
mod direct;
mod encode;
mod hides;
mod open;

use std::collections::BTreeMap;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Lifetime, Member, Type, parse_quote};

use super::form::import;
use super::model::{Field, Message, Other, Shape, Variants};

/// The implementations of serde's `Serialize` and `Deserialize`, and those of MessagePack without serde.
pub fn implementations(message: &Message) -> TokenStream {
    let forms = match &message.shape {
        Shape::Choice(cases) => choice::forms(cases),
        shape => forms(shape),
    };
    let import = (!forms.is_empty() || asks_for_keys(&message.shape)).then(import);
    let import_open = open::import(message);
    let encode = encode::serialize(message);
    let decode = decode::deserialize(message);
    let describe = describe::describe(message);
    let numbers = numbers(&message.shape);
    let direct = direct::implementations(message);
    let travel = open::travel(message);
    let hides = hides::hides(message);
    let no_key = hides::no_key(message);
    let hidden = match &message.shape {
        Shape::Choice(cases) => choice::hidden(message, cases),
        _ => TokenStream::new(),
    };
    let facade = &message.facade;
    quote! {
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, deprecated, non_camel_case_types, single_use_lifetimes, unreachable_code, unused_imports, unused_qualifications)]
        const _: () = {
            use #facade::__private as __rpcx;
            #import
            #import_open
            #(#forms)*
            #numbers
            #hidden
            #describe
            #encode
            #decode
            #direct
            #travel
            #hides
            #no_key
        };
    }
}

/// Whether a field without a form of its own has maps whose keys are asked for.
fn asks_for_keys(shape: &Shape) -> bool {
    match shape {
        Shape::Map(fields) => fields.iter().any(|field| field.keys.is_some()),
        Shape::Newtype(field) => field.keys.is_some(),
        // no parameters: the values have forms that are asked for
        Shape::Number(_) | Shape::Text(_) | Shape::Choice(_) => false,
    }
}

/// The numbers of an enum that has one variant with data.
fn numbers(shape: &Shape) -> Option<TokenStream> {
    match shape {
        Shape::Number(Variants {
            other: Some(Other { numbers, .. }),
            ..
        }) => Some(quote!(#[allow(dead_code)] #numbers)),
        _ => None,
    }
}

/// What a variant is cast from to get its number.
fn owner(variants: &Variants) -> TokenStream {
    match variants.other {
        Some(_) => quote!(__Numbers),
        None => quote!(Self),
    }
}

/// `Deserialize` alone, with names of its own for the forms of the fields.
fn reading(message: &Message) -> TokenStream {
    let forms = forms(&message.shape);
    let decode = decode::deserialize(message);
    quote! {
        const _: () = {
            #(#forms)*
            #decode
        };
    }
}

/// What a type is called in errors.
fn shown(ident: &Ident) -> String {
    ident.to_string().replace(choice::DATA, "")
}

/// A name for the form of each field that has one, so that it is found once.
fn forms(shape: &Shape) -> Vec<TokenStream> {
    let fields = match shape {
        Shape::Map(fields) => &fields[..],
        Shape::Newtype(field) => std::slice::from_ref(&**field),
        Shape::Number(_) | Shape::Text(_) | Shape::Choice(_) => &[],
    };
    let mut seen = BTreeMap::new();
    let with_form = fields.iter().filter_map(|field| {
        let (name, form) = (form_name(&field.member), field.form.as_ref()?);
        // asking is work for the compiler: the same question is asked once
        let first = seen.entry(form.to_string()).or_insert_with(|| name.clone());
        Some(match *first == name {
            true => quote!(type #name = #form;),
            false => quote!(type #name = #first;),
        })
    });
    with_form.collect()
}

fn form_name(member: &Member) -> Ident {
    match member {
        Member::Named(name) => format_ident!("__Form_{}", name.unraw()),
        Member::Unnamed(index) => format_ident!("__Form_{}", index.index),
    }
}

/// Code about the type of a field: an error in it is shown at that type.
pub(crate) fn at(ty: &Type) -> Span {
    // the names are those of the macro, also where another macro has passed the type in
    Span::call_site().located_at(ty.span())
}

/// The tokens of a form at the type it is for, where a type without one is an error.
pub(crate) fn at_type(form: TokenStream, ty: &Type) -> TokenStream {
    let place = ty.span();
    let each = form.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), at_type(group.stream(), ty));
            new.set_span(group.span().located_at(place));
            TokenTree::Group(new)
        }
        mut token => {
            token.set_span(token.span().located_at(place));
            token
        }
    });
    each.collect()
}

/// The form of a field by its name.
fn form(field: &Field) -> TokenStream {
    match &field.form {
        Some(_) => form_name(&field.member).to_token_stream(),
        None => quote!(__rpcx::codec::Plain),
    }
}

/// The parameters of the type, each type with one more bound.
fn bounded(generics: &Generics, bound: &syn::TypeParamBound) -> Generics {
    let mut generics = generics.clone();
    for param in &mut generics.params {
        if let GenericParam::Type(param) = param {
            param.bounds.push(bound.clone());
            param.default = None;
        }
    }
    generics
}

/// The same with the lifetime of the payload in front, which outlives all others.
fn borrowing(generics: &Generics) -> Generics {
    let mut generics = bounded(generics, &parse_quote!(__rpcx::serde::Deserialize<'__de>));
    let mut payload: syn::LifetimeParam = parse_quote!('__de);
    let lifetimes: Vec<Lifetime> = generics
        .lifetimes()
        .map(|param| param.lifetime.clone())
        .collect();
    payload.bounds.extend(lifetimes);
    generics.params.insert(0, GenericParam::Lifetime(payload));
    generics
}
