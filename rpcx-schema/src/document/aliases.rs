//! Aliases with parameters.

use std::collections::BTreeMap;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, GenericParam, ItemType, PathArguments, PathSegment, Type};

/// What the alias stands for, with what `used` gives for its parameters; `None` where it gives too little.
pub(super) fn filled(alias: &ItemType, used: &PathSegment) -> Option<Type> {
    let mut given = match &used.arguments {
        PathArguments::AngleBracketed(list) => list.args.iter().collect(),
        _ => Vec::new(),
    };
    given.retain(|argument| !matches!(argument, GenericArgument::Lifetime(_)));
    let mut given = given.into_iter().map(ToTokens::to_token_stream);
    let mut parameters = BTreeMap::new();
    for parameter in &alias.generics.params {
        let (name, default) = match parameter {
            GenericParam::Lifetime(_) => continue,
            GenericParam::Type(parameter) => (
                &parameter.ident,
                parameter
                    .default
                    .as_ref()
                    .map(|(_, ty)| ty.to_token_stream()),
            ),
            GenericParam::Const(parameter) => (&parameter.ident, None),
        };
        parameters.insert(name.to_string(), given.next().or(default)?);
    }
    syn::parse2(replaced(alias.ty.to_token_stream(), &parameters)).ok()
}

/// The tokens with what stands for the parameters among them.
pub(super) fn replaced(
    tokens: TokenStream,
    parameters: &BTreeMap<String, TokenStream>,
) -> TokenStream {
    let each = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(name) => match parameters.get(&name.to_string()) {
            Some(given) => given.clone(),
            None => TokenTree::Ident(name).into(),
        },
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), replaced(group.stream(), parameters));
            new.set_span(group.span());
            TokenTree::Group(new).into()
        }
        token => token.into(),
    });
    each.collect()
}
