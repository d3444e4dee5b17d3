//! Model to the implementations of `ServiceError`, `Display` and `Error`.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Member;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{ErrorEnum, Field, Variant};
use crate::expand::{blamed, checked};
use crate::message::form::{form_of, import};

/// All implementations.
pub(super) fn error(error: &ErrorEnum) -> TokenStream {
    let Some(other) = &error.other else {
        return TokenStream::new();
    };
    let ErrorEnum {
        ident,
        facade,
        variants,
        ..
    } = error;
    let names = variants.iter().filter_map(marked).chain([keys(variants)]);
    let into = variants.iter().map(|variant| into(variant, error.json));
    let read = error
        .json
        .then(|| quote!(let __error = __rpcx::read_json_text(__error);));
    let from = variants.iter().map(from);
    let described = super::describe::describe(error);
    let display = error.display.then(|| display(error, other));
    let import = error
        .variants
        .iter()
        .any(|variant| !variant.fields.is_empty())
        .then(import);
    // `?` in a handler: an error of a call to another service is none of the variants with codes
    let converted = error.from.then(|| {
        quote! {
            impl ::core::convert::From<__rpcx::Error> for #ident {
                fn from(__error: __rpcx::Error) -> Self {
                    Self::#other(__error)
                }
            }
        }
    });
    quote! {
        #[allow(unused_imports, unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery)]
        const _: () = {
            use #facade::__private as __rpcx;
            #import
            #(#names)*
            impl __rpcx::ServiceError for #ident {
                fn into_error(self) -> __rpcx::Error {
                    let __text = __rpcx::ToString::to_string(&self);
                    match self {
                        #(#into)*
                        Self::#other(__error) => __error,
                    }
                }
                fn from_error(__error: __rpcx::Error) -> Self {
                    #read
                    match __rpcx::error_code(&__error) {
                        #(#from)*
                        _ => {}
                    }
                    Self::#other(__error)
                }
            }
            #described
            #converted
            #display
        };
    }
}

/// What keeps other code from being reported when the enum was wrong.
pub(super) fn fallback(error: &ErrorEnum) -> TokenStream {
    let ErrorEnum {
        ident,
        facade,
        display,
        ..
    } = error;
    let converted = error.from.then(|| {
        quote! {
            #[allow(unused)]
            impl ::core::convert::From<#facade::__private::Error> for #ident {
                fn from(__error: #facade::__private::Error) -> Self { loop {} }
            }
        }
    });
    let texts = display.then(|| {
        quote! {
            #[allow(unused)]
            impl ::core::fmt::Display for #ident {
                fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { loop {} }
            }
            impl ::core::error::Error for #ident {}
        }
    });
    quote! {
        #[allow(unused)]
        impl #facade::__private::ServiceError for #ident {
            fn into_error(self) -> #facade::__private::Error { loop {} }
            fn from_error(__error: #facade::__private::Error) -> Self { loop {} }
        }
        #converted
        #texts
    }
}

fn marker(variant: &Variant) -> Ident {
    format_ident!("__{}Fields", variant.ident.unraw())
}

/// A type for a variant with fields, on which the checks of their types hang.
fn marked(variant: &Variant) -> Option<TokenStream> {
    if variant.fields.is_empty() {
        return None;
    }
    let marker = marker(variant);
    let group = group(variant, &marker);
    let names = is_map(variant).then(|| names(variant, &marker));
    Some(quote! {
        struct #marker;
        impl __rpcx::ErrorFields for #marker {
            type Fields = #group;
        }
        #names
    })
}

/// That the keys of maps in the fields travel.
fn keys(variants: &[Variant]) -> TokenStream {
    let fields = variants.iter().flat_map(|variant| &variant.fields);
    let keys = checked(fields.map(|field| &field.ty), &mut BTreeSet::new());
    keys.into_iter().collect()
}

fn names(variant: &Variant, marker: &Ident) -> TokenStream {
    let name = variant.ident.unraw().to_string();
    let fields = variant.fields.iter().map(|field| match &field.member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    });
    quote! {
        impl __rpcx::Names for #marker {
            const NAME: &'static ::core::primitive::str = #name;
            const NAMES: &'static [&'static ::core::primitive::str] = &[#(#fields),*];
        }
    }
}

fn is_map(variant: &Variant) -> bool {
    variant.fields.len() > 1 || (variant.named && !variant.fields.is_empty())
}

/// The group that reads and writes the fields, with the span of what is to blame if it cannot.
fn group(variant: &Variant, marker: &Ident) -> TokenStream {
    let elements = variant.fields.iter().map(|Field { ty, .. }| {
        match form_of(ty, &[]).map(|form| form.of_a_value()) {
            Some(form) => quote_spanned!(ty.span()=> __rpcx::As<#ty, #form>),
            None => quote_spanned!(ty.span()=> __rpcx::As<#ty>),
        }
    });
    match &variant.fields[..] {
        [Field { ty, .. }] if !is_map(variant) => {
            quote_spanned!(ty.span()=> __rpcx::One<#(#elements)*>)
        }
        all => {
            let types = all.iter().map(|field| &field.ty);
            let (first, last) = blamed(types, variant.ident.span());
            let group = quote_spanned!(first=> __rpcx::Fields);
            let end = quote_spanned!(last=> >);
            quote!(#group <#marker, (#(#elements,)*) #end)
        }
    }
}

fn pattern(variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    if variant.fields.is_empty() {
        return quote!(Self::#ident { .. });
    }
    let fields = bindings(variant);
    quote!(Self::#ident { #(#fields),* })
}

/// `need: __field_need` and `0: __field_0`, which stand in patterns and in expressions.
fn bindings(variant: &Variant) -> impl Iterator<Item = TokenStream> {
    let fields = variant.fields.iter();
    fields.map(|Field { member, bound, .. }| quote!(#member: #bound))
}

fn into(variant: &Variant, json: bool) -> TokenStream {
    let (pattern, code) = (pattern(variant), variant.code);
    let text = match json {
        true => quote!(__rpcx::json_text(#code, __text)),
        false => quote!(__text),
    };
    let made = match variant.elsewhere {
        true => quote!(__rpcx::elsewhere(#text)),
        false => quote!(__rpcx::Error::service(#text)),
    };
    let error = quote!(#made.with_code(#code));
    if variant.fields.is_empty() {
        return quote!(#pattern => #error,);
    }
    let marker = marker(variant);
    let refs = variant
        .fields
        .iter()
        .map(|Field { bound, .. }| quote!(&#bound));
    let refs = if is_map(variant) {
        quote!((#(#refs,)*))
    } else {
        quote!(#(#refs)*)
    };
    quote!(#pattern => __rpcx::with_data::<#marker>(#error, #refs),)
}

fn from(variant: &Variant) -> TokenStream {
    let Variant { ident, code, .. } = variant;
    if variant.fields.is_empty() {
        // braces fit a unit, an empty tuple and an empty struct variant alike
        return quote!(__rpcx::Option::Some(#code) => return Self::#ident {},);
    }
    let marker = marker(variant);
    let all = variant.fields.iter().map(|field| &field.bound);
    let made = bindings(variant);
    let values = if is_map(variant) {
        quote!((#(#all,)*))
    } else {
        quote!(#(#all)*)
    };
    quote! {
        __rpcx::Option::Some(#code) => {
            if let __rpcx::Option::Some(#values) = __rpcx::read_data::<#marker>(&__error) {
                return Self::#ident { #(#made),* };
            }
        }
    }
}

fn display(error: &ErrorEnum, other: &Ident) -> TokenStream {
    let ident = &error.ident;
    let arms = error.variants.iter().map(|variant| {
        let (pattern, message) = (pattern(variant), &variant.message);
        quote!(#pattern => ::core::write!(__f, #message),)
    });
    quote! {
        #[allow(unused_variables)]
        impl __rpcx::fmt::Display for #ident {
            fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
                match self {
                    #(#arms)*
                    Self::#other(__error) => __rpcx::fmt::Display::fmt(__error, __f),
                }
            }
        }
        impl ::core::error::Error for #ident {
            fn source(&self) -> __rpcx::Option<&(dyn ::core::error::Error + 'static)> {
                match self {
                    Self::#other(__error) => ::core::error::Error::source(__error),
                    #[allow(unreachable_patterns)]
                    _ => __rpcx::Option::None,
                }
            }
        }
    }
}
