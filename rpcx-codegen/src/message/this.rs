//! `Self` in the types of fields.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// The type with the name of the message for `Self`, for a place where `Self` is something else.
pub(super) fn named(ty: &Type, this: &Ident) -> Type {
    syn::parse2(replaced(ty.to_token_stream(), this)).unwrap_or_else(|_| ty.clone())
}

fn replaced(tokens: TokenStream, this: &Ident) -> TokenStream {
    let each = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(name) if name == "Self" => {
            let mut this = this.clone();
            // Generated: lints about names that repeat that of the item are not about the user's `Self`.
            this.set_span(Span::call_site().located_at(name.span()));
            TokenTree::Ident(this)
        }
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), replaced(group.stream(), this));
            new.set_span(group.span());
            TokenTree::Group(new)
        }
        token => token,
    });
    each.collect()
}
