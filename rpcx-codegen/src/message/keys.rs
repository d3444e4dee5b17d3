//! Keys of maps that cannot travel: generated code asks the runtime, which knows them by their types.

use proc_macro2::{Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::form::{is_plain, names_any, without_lifetimes};
use crate::parse::travel::{bare, generics, last};

/// What the runtime is asked whether maps in this type have keys that cannot travel: types without lifetimes. `None`
/// where the tokens say that there is none. `parameters` are those of the message that the type stands in.
pub(crate) fn asked(ty: &Type, parameters: &[&Ident]) -> Option<TokenStream> {
    let mut asked = Vec::new();
    collect(ty, parameters, &mut asked);
    let asked: Vec<TokenStream> = asked
        .into_iter()
        .map(|ty| joined(without_lifetimes(ty)))
        .collect();
    (!asked.is_empty()).then(|| quote!(#(#asked),*))
}

/// With `>>` as it stands in a file: what a macro is given is printed as it is.
fn joined(tokens: TokenStream) -> TokenStream {
    let is_end =
        |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '>');
    let mut tokens = tokens.into_iter().peekable();
    let each = std::iter::from_fn(|| {
        let token = tokens.next()?;
        let joint = is_end(&token) && tokens.peek().is_some_and(is_end);
        Some(match token {
            TokenTree::Punct(mark) if joint => {
                let mut new = Punct::new('>', Spacing::Joint);
                new.set_span(mark.span());
                new.into()
            }
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), joined(group.stream()));
                new.set_span(group.span());
                new.into()
            }
            token => token,
        })
    });
    each.collect()
}

/// That the keys of maps in `ty` travel, of which `asked` is asked for. It is an error at that type where they do not.
pub(crate) fn travel(ty: &Type, asked: &TokenStream) -> TokenStream {
    let asked = super::at_type(asked.clone(), ty);
    quote_spanned!(super::at(ty)=> __rpcx::keys!(#asked);)
}

/// The types to ask for. A constant cannot depend on parameters, and the runtime does not look into tuples.
fn collect(ty: &Type, parameters: &[&Ident], asked: &mut Vec<TokenStream>) {
    match bare(ty) {
        Type::Reference(reference) => collect(&reference.elem, parameters, asked),
        Type::Array(array) => collect(&array.elem, parameters, asked),
        Type::Slice(slice) => collect(&slice.elem, parameters, asked),
        Type::Tuple(tuple) => {
            for part in &tuple.elems {
                collect(part, parameters, asked);
            }
        }
        ty if is_plain(ty) => {}
        ty if is_whole(ty.to_token_stream(), parameters) => asked.push(ty.to_token_stream()),
        ty => parts(ty, parameters, asked),
    }
}

/// The types in the brackets of one that cannot be asked for. The key of a map is asked for in a map of nothing.
fn parts(ty: &Type, parameters: &[&Ident], asked: &mut Vec<TokenStream>) {
    let Some(segment) = last(ty) else { return };
    let is_map = segment.ident == "HashMap" || segment.ident == "BTreeMap";
    for (index, part) in generics(segment).enumerate() {
        if is_map && index == 0 {
            let key = part.to_token_stream();
            if !is_plain(part) && is_whole(key.clone(), parameters) {
                asked.push(quote!(::std::collections::BTreeMap<#key, ()>));
            }
        } else {
            collect(part, parameters, asked);
        }
    }
}

/// Whether a type without parameters of the message and without tuples.
fn is_whole(tokens: TokenStream, parameters: &[&Ident]) -> bool {
    !names_any(tokens.clone(), parameters) && !has_tuple(tokens)
}

fn has_tuple(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            let is_tuple = group.delimiter() == proc_macro2::Delimiter::Parenthesis;
            (is_tuple && !group.stream().is_empty()) || has_tuple(group.stream())
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(ty: &str) -> Vec<String> {
        let (ty, parameter): (Type, Ident) = (syn::parse_str(ty).unwrap(), syn::parse_quote!(T));
        let mut asked = Vec::new();
        collect(&ty, &[&parameter], &mut asked);
        let texts = asked.iter().map(|ty| ty.to_string().replace(' ', ""));
        texts.collect()
    }

    #[test]
    fn what_is_no_map_under_any_meaning_of_its_name_is_not_asked() {
        for ty in [
            "u8",
            "&str",
            "Vec<String>",
            "(u8, bool)",
            "T",
            "Option<T>",
            "HashMap<String, T>",
        ] {
            assert!(types(ty).is_empty(), "{ty}");
        }
    }

    #[test]
    fn tuples_and_parameters_are_looked_through() {
        assert_eq!(types("Alias"), ["Alias"]);
        assert_eq!(
            types("Vec<HashMap<Duration, u8>>"),
            ["Vec<HashMap<Duration,u8>>"]
        );
        assert_eq!(types("(A, &B)"), ["A", "B"]);
        assert_eq!(types("Vec<(u8, A)>"), ["A"]);
        let key = "::std::collections::BTreeMap<A,()>";
        assert_eq!(types("HashMap<A, T>"), [key]);
        assert_eq!(types("Box<BTreeMap<A, Vec<(T, B)>>>"), [key, "B"]);
    }
}
