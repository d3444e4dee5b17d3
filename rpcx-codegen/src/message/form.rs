//! From the tokens of a type to the form its values travel in.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

use crate::parse::travel::{bare, is_exactly};

/// The form of a type that serde would not write as Go expects; `None` for all others.
///
/// The result names `codec::Bytes` and the like below `root`, the path of the private module.
/// Types are told by their last path segment, through invisible groups and parentheses.
pub fn form_of(ty: &Type, root: &TokenStream) -> Option<TokenStream> {
    match bare(ty) {
        Type::Reference(reference) => match bare(&reference.elem) {
            Type::Slice(slice) if is_u8(&slice.elem) => Some(quote!(#root::codec::Bytes)),
            inner => form_of(inner, root),
        },
        Type::Array(array) if is_u8(&array.elem) => Some(quote!(#root::codec::ByteArray)),
        Type::Path(path) => path_form(path.path.segments.last()?, root),
        _ => None,
    }
}

fn path_form(segment: &PathSegment, root: &TokenStream) -> Option<TokenStream> {
    let name = segment.ident.to_string();
    let inner = last_argument(segment);
    match (&*name, inner) {
        ("Bytes", None) => Some(quote!(#root::codec::Bytes)),
        ("SystemTime", None) => Some(quote!(#root::codec::Time)),
        ("Duration", None) => Some(quote!(#root::codec::Nanos)),
        ("Vec", Some(inner)) if is_u8(inner) => Some(quote!(#root::codec::Bytes)),
        ("Box" | "Cow", Some(inner)) => match bare(inner) {
            Type::Slice(slice) if is_u8(&slice.elem) => Some(quote!(#root::codec::Bytes)),
            _ => None,
        },
        ("Vec", Some(inner)) => form_of(inner, root).map(|form| quote!(#root::codec::Many<#form>)),
        ("Option", Some(inner)) => {
            form_of(inner, root).map(|form| quote!(#root::codec::Maybe<#form>))
        }
        _ => None,
    }
}

/// `T` of `Vec<T>` and `Cow<'_, T>`.
fn last_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.last()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

fn is_u8(ty: &Type) -> bool {
    is_exactly(ty, "u8")
}
