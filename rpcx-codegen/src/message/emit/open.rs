//! Fields with parameters of the message in their types: the compiler chooses their form as a value.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse_quote;

use super::super::model::{Field, Message, Shape};

/// What writes a field, if it is one of these.
pub(super) fn written(field: &Field) -> Option<TokenStream> {
    let ty = &field.ty;
    field
        .open
        .then(|| quote_spanned!(super::at(ty)=> __rpcx::codec::Open::<'_, #ty>::written()))
}

/// What reads it.
pub(super) fn read(field: &Field) -> Option<TokenStream> {
    let ty = &field.ty;
    field
        .open
        .then(|| quote_spanned!(super::at(ty)=> __rpcx::codec::Open::<'__de, #ty>::read()))
}

/// What generated code has to import to ask for them.
pub(super) fn import(message: &Message) -> Option<TokenStream> {
    let asks = open(message).next().is_some();
    asks.then(|| {
        quote!(
            use __rpcx::codec::OpenForm as _;
        )
    })
}

/// That each of them travels: an error at its type where it does not, and the only one.
pub(super) fn travel(message: &Message) -> Option<TokenStream> {
    let each = open(message).map(|field| {
        let ty = &field.ty;
        quote_spanned!(super::at(ty)=> let _: __rpcx::codec::Carries<'__de, #ty>;)
    });
    let each: Vec<TokenStream> = each.collect();
    let generics = super::bounded(
        &super::borrowing(&message.generics),
        &parse_quote!(__rpcx::serde::Serialize),
    );
    let (params, _, clause) = generics.split_for_impl();
    (!each.is_empty()).then(|| {
        quote! {
            #[allow(dead_code)]
            fn __travel #params () #clause { #(#each)* }
        }
    })
}

fn open(message: &Message) -> impl Iterator<Item = &Field> {
    let fields = match &message.shape {
        Shape::Map(fields) => &fields[..],
        Shape::Newtype(field) => std::slice::from_ref(&**field),
        Shape::Number(_) | Shape::Text(_) | Shape::Choice(_) => &[],
    };
    fields.iter().filter(|field| field.open)
}
