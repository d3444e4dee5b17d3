//! What a message with parameters hides, by what they are: values and keys of maps that would travel as serde has them where Go
//! needs another form.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Generics, parse_quote};

use super::super::keys::open;
use super::super::model::{Field, Message, Said, Shape};

/// The implementations that the compiler asks for where the message is a part of another type.
pub(super) fn hides(message: &Message) -> TokenStream {
    let parameters = message
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            syn::GenericParam::Type(param) => Some(&param.ident),
            syn::GenericParam::Const(param) => Some(&param.ident),
            syn::GenericParam::Lifetime(_) => None,
        });
    let parameters: Vec<&Ident> = parameters.collect();
    let fields = match &message.shape {
        Shape::Map(fields) => &fields[..],
        Shape::Newtype(field) => std::slice::from_ref(&**field),
        Shape::Number(_) | Shape::Text(_) | Shape::Choice(_) => &[],
    };
    let asked = |field: &&Field| field.wire.is_some() && field.said == Said::Nothing;
    let fields = fields.iter().filter(asked);
    let parts = fields.flat_map(|field| open(&field.ty, &parameters));
    let each = parts
        .enumerate()
        .map(|(index, part)| implemented(message, index, &part));
    each.collect()
}

/// That a message is no key of a map: JSON has texts alone, and Go's JSON makes them of numbers and texts. A message around one
/// of those is one.
pub(super) fn no_key(message: &Message) -> TokenStream {
    let ident = &message.ident;
    let (_, args, _) = message.generics.split_for_impl();
    match &message.shape {
        Shape::Number(_) | Shape::Text(_) => TokenStream::new(),
        Shape::Newtype(field) => {
            let ty = &field.ty;
            let bound = quote!(#ty: __rpcx::codec::NoKey<__rpcx::codec::Compound<__P>>);
            let generics = generics(message, &bound);
            let (params, _, clause) = generics.split_for_impl();
            quote! {
                impl #params __rpcx::codec::NoKey<__rpcx::codec::Compound<__P>> for #ident #args #clause {}
            }
        }
        Shape::Map(_) | Shape::Choice(_) => {
            let generics = without_defaults(message);
            let (params, _, clause) = generics.split_for_impl();
            quote! {
                impl #params __rpcx::codec::NoKey<__rpcx::codec::Compound<()>> for #ident #args #clause {}
            }
        }
    }
}

fn implemented(message: &Message, index: usize, part: &TokenStream) -> TokenStream {
    let (needs, inside) = (2 * index, 2 * index + 1);
    let one = |hides: &str, bound: &str, place: usize| {
        let [hides, bound] = [hides, bound].map(|name| format_ident!("{name}"));
        let generics = generics(message, &quote!(#part: __rpcx::codec::#bound<__P>));
        let (params, _, clause) = generics.split_for_impl();
        let (_, args, _) = message.generics.split_for_impl();
        let ident = &message.ident;
        quote! {
            impl #params __rpcx::codec::#hides<__rpcx::codec::At<#place, __P>> for #ident #args #clause {}
        }
    };
    let needed = one("Misplaced", "NeedsForm", needs);
    let placed = one("Misplaced", "Misplaced", inside);
    let keyed = one("NoKeys", "NoKeys", inside);
    quote!(#needed #placed #keyed)
}

/// Those of the message, the place, and what holds there.
fn generics(message: &Message, bound: &TokenStream) -> Generics {
    let mut generics = without_defaults(message);
    generics.params.push(parse_quote!(__P));
    let clause = generics.make_where_clause();
    clause.predicates.push(parse_quote!(#bound));
    generics
}

fn without_defaults(message: &Message) -> Generics {
    let mut generics = message.generics.clone();
    for param in generics.type_params_mut() {
        param.default = None;
    }
    generics
}
