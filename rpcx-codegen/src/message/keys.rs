//! Keys of maps that cannot travel: generated code asks the runtime, which knows them by their types.

use proc_macro2::{Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{PathSegment, Type};

use super::form::{form_of, is_container, is_plain, names_any, without_lifetimes};
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
    quote_spanned!(super::at(ty)=> __rpcx::keys!(Probe in #asked);)
}

/// The types to ask for. What is written in tuples and in containers of them has its form, a constant cannot depend on
/// parameters, and all else is known to the compiler alone.
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
        ty => {
            let tokens = ty.to_token_stream();
            let looked_through = has_tuple(tokens.clone()) && is_container(ty);
            match names_any(tokens.clone(), parameters) || looked_through {
                true => parts(ty, parameters, asked),
                false => asked.push(tokens),
            }
        }
    }
}

/// The types in the brackets of one that is not asked for as a whole. The key of a map is asked for in a map of nothing.
fn parts(ty: &Type, parameters: &[&Ident], asked: &mut Vec<TokenStream>) {
    let Some(segment) = last(ty) else { return };
    for (index, part) in generics(segment).enumerate() {
        match is_map(segment) && index == 0 {
            true if is_plain(part) || names_any(part.to_token_stream(), parameters) => {}
            true => asked.push(with_key(part)),
            false => collect(part, parameters, asked),
        }
    }
}

/// What depends on the parameters of a message in the type of a field, and travels as serde has it: which types those are is
/// known where the message is used.
pub(super) fn open(ty: &Type, parameters: &[&Ident]) -> Vec<TokenStream> {
    let mut found = Vec::new();
    collect_open(ty, parameters, &mut found);
    found.into_iter().map(joined).collect()
}

fn collect_open(ty: &Type, parameters: &[&Ident], found: &mut Vec<TokenStream>) {
    let ty = bare(ty);
    if !names_any(ty.to_token_stream(), parameters) {
        return;
    }
    if form_of(ty, parameters).is_none() {
        found.extend(match is_known(ty, parameters) {
            true => vec![ty.to_token_stream()],
            // not the type itself: two messages may be parts of each other without an end
            false => named(ty.to_token_stream(), parameters),
        });
        return;
    }
    let inner: Vec<&Type> = match ty {
        Type::Reference(reference) => vec![&*reference.elem],
        Type::Array(array) => vec![&*array.elem],
        Type::Slice(slice) => vec![&*slice.elem],
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        ty => last(ty).map_or_else(Vec::new, |segment| {
            let mut given = generics(segment);
            if is_map(segment)
                && let Some(key) = given.next()
                && names_any(key.to_token_stream(), parameters)
            {
                found.push(with_key(key));
            }
            given.collect()
        }),
    };
    for part in inner {
        collect_open(part, parameters, found);
    }
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

/// Whether a type of nothing but containers, tuples and parameters.
fn is_known(ty: &Type, parameters: &[&Ident]) -> bool {
    match bare(ty) {
        Type::Reference(reference) => is_known(&reference.elem, parameters),
        Type::Array(array) => is_known(&array.elem, parameters),
        Type::Slice(slice) => is_known(&slice.elem, parameters),
        Type::Tuple(tuple) => tuple.elems.iter().all(|part| is_known(part, parameters)),
        ty if is_plain(ty) => true,
        ty => last(ty).is_some_and(|segment| match is_container(ty) {
            true => generics(segment).all(|part| is_known(part, parameters)),
            false => parameters.contains(&&segment.ident),
        }),
    }
}

/// The parameters among the tokens.
fn named(tokens: TokenStream, parameters: &[&Ident]) -> Vec<TokenStream> {
    let named = |parameter: &&&Ident| names_any(tokens.clone(), &[**parameter]);
    let named = parameters.iter().filter(named);
    named.map(ToTokens::to_token_stream).collect()
}

fn with_key(key: &Type) -> TokenStream {
    quote!(::std::collections::BTreeMap<#key, ()>)
}

fn is_map(segment: &PathSegment) -> bool {
    segment.ident == "HashMap" || segment.ident == "BTreeMap"
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
        assert_eq!(types("Vec<Own<(u8, A)>>"), ["Own<(u8,A)>"]);
        let key = "::std::collections::BTreeMap<A,()>";
        assert_eq!(types("HashMap<A, T>"), [key]);
        assert_eq!(types("Box<BTreeMap<A, Vec<(T, B)>>>"), [key, "B"]);
    }

    #[test]
    fn what_depends_on_a_parameter_is_asked_where_the_message_is_used() {
        let open = |ty: &str| {
            let parameter: Ident = syn::parse_quote!(T);
            let found = open(&syn::parse_str(ty).unwrap(), &[&parameter]);
            let texts = found.iter().map(|ty| ty.to_string().replace(' ', ""));
            texts.collect::<Vec<_>>()
        };
        assert!(open("Vec<u8>").is_empty());
        for whole in ["T", "Vec<T>", "(u8,Option<T>)", "HashMap<T,u8>"] {
            assert_eq!(open(whole), [whole]);
        }
        assert_eq!(open("[Vec<T>; 2]"), ["Vec<T>"]);
        for by_parameter in ["Own<T>", "Vec<Own<u8, T>>", "(Duration, Own<T>)"] {
            assert_eq!(open(by_parameter), ["T"]);
        }
        let key = "::std::collections::BTreeMap<T,()>";
        assert_eq!(open("HashMap<T, (Duration, T)>"), [key, "T"]);
    }
}
