//! Model to the implementations of `ServiceError`, `Display` and `Error`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{ErrorEnum, Variant};
use crate::message::form::form_of;

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
    let names = variants.iter().filter_map(marked);
    let into = variants.iter().map(|variant| into(variant, error.json));
    let read = error
        .json
        .then(|| quote!(let error = __rpcx::read_json_text(error);));
    let from = variants.iter().map(from);
    let display = error.display.then(|| display(error, other));
    quote! {
        #[allow(unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery)]
        const _: () = {
            use #facade::__private as __rpcx;
            #(#names)*
            impl __rpcx::ServiceError for #ident {
                fn into_error(self) -> __rpcx::Error {
                    let __text = __rpcx::ToString::to_string(&self);
                    match self {
                        #(#into)*
                        Self::#other(error) => error,
                    }
                }
                fn from_error(error: __rpcx::Error) -> Self {
                    #read
                    match __rpcx::error_code(&error) {
                        #(#from)*
                        _ => {}
                    }
                    Self::#other(error)
                }
            }
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
    let texts = display.then(|| {
        quote! {
            #[allow(unused)]
            impl ::core::fmt::Display for #ident {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { loop {} }
            }
            impl ::core::error::Error for #ident {}
        }
    });
    quote! {
        #[allow(unused)]
        impl #facade::__private::ServiceError for #ident {
            fn into_error(self) -> #facade::__private::Error { loop {} }
            fn from_error(error: #facade::__private::Error) -> Self { loop {} }
        }
        #texts
    }
}

fn marker(variant: &Variant) -> Ident {
    format_ident!("__{}", variant.ident.unraw())
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

fn names(variant: &Variant, marker: &Ident) -> TokenStream {
    let name = variant.ident.unraw().to_string();
    let fields = variant.fields.iter().map(|(ident, _)| {
        let name = ident.unraw().to_string();
        if variant.named {
            name
        } else {
            name.trim_start_matches('_').to_owned()
        }
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
    let elements = variant
        .fields
        .iter()
        .map(|(_, ty)| match form_of(ty, &quote!(__rpcx)) {
            Some(form) => quote_spanned!(ty.span()=> __rpcx::As<#ty, __rpcx::Formed<#form>>),
            None => quote_spanned!(ty.span()=> __rpcx::As<#ty>),
        });
    match &variant.fields[..] {
        [(_, ty)] if !is_map(variant) => quote_spanned!(ty.span()=> __rpcx::One<#(#elements)*>),
        _ => quote_spanned!(variant.ident.span()=> __rpcx::Fields<#marker, (#(#elements,)*)>),
    }
}

fn pattern(variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    let fields = variant.fields.iter().map(|(ident, _)| ident);
    match (variant.fields.is_empty(), variant.named) {
        (true, _) => quote!(Self::#ident { .. }),
        (false, true) => quote!(Self::#ident { #(#fields),* }),
        (false, false) => quote!(Self::#ident(#(#fields),*)),
    }
}

fn into(variant: &Variant, json: bool) -> TokenStream {
    let (pattern, code) = (pattern(variant), variant.code);
    let text = match json {
        true => quote!(__rpcx::json_text(#code, __text)),
        false => quote!(__text),
    };
    let error = quote!(__rpcx::Error::service(#text).with_code(#code));
    if variant.fields.is_empty() {
        return quote!(#pattern => #error,);
    }
    let marker = marker(variant);
    let refs = variant.fields.iter().map(|(ident, _)| quote!(&#ident));
    let refs = if is_map(variant) {
        quote!((#(#refs,)*))
    } else {
        quote!(#(#refs)*)
    };
    quote!(#pattern => __rpcx::with_data::<#marker>(#error, #refs),)
}

fn from(variant: &Variant) -> TokenStream {
    let Variant {
        ident, code, named, ..
    } = variant;
    if variant.fields.is_empty() {
        // braces fit a unit, an empty tuple and an empty struct variant alike
        return quote!(__rpcx::Option::Some(#code) => return Self::#ident {},);
    }
    let marker = marker(variant);
    let fields = || variant.fields.iter().map(|(ident, _)| ident);
    let (all, made) = (fields(), fields());
    let values = if is_map(variant) {
        quote!((#(#all,)*))
    } else {
        quote!(#(#all)*)
    };
    let made = if *named {
        quote!(Self::#ident { #(#made),* })
    } else {
        quote!(Self::#ident(#(#made),*))
    };
    quote! {
        __rpcx::Option::Some(#code) => {
            if let __rpcx::Option::Some(#values) = __rpcx::read_data::<#marker>(&error) {
                return #made;
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
                    Self::#other(error) => __rpcx::fmt::Display::fmt(error, __f),
                }
            }
        }
        impl ::core::error::Error for #ident {
            fn source(&self) -> __rpcx::Option<&(dyn ::core::error::Error + 'static)> {
                match self {
                    Self::#other(error) => ::core::error::Error::source(error),
                    #[allow(unreachable_patterns)]
                    _ => __rpcx::Option::None,
                }
            }
        }
    }
}
