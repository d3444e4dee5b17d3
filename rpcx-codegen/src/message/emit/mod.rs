//! From the model to the two implementations.

mod decode;
mod encode;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Generics, Lifetime, parse_quote};

use super::model::Message;

/// The implementations of serde's `Serialize` and `Deserialize`.
pub fn implementations(message: &Message) -> TokenStream {
    let encode = encode::serialize(message);
    let decode = decode::deserialize(message);
    let facade = &message.facade;
    quote! {
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, deprecated, unused_qualifications)]
        const _: () = {
            use #facade::__private as __rpcx;
            #encode
            #decode
        };
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
