//! The schema of a type, as an expression that asks the runtime for it.
//!
//! Whether a type has a schema is decided where the user's crate is compiled, and not by names. Only what is inside of a
//! container is written down beside it, for containers of types that have none.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, PathArguments, Type};

use super::form::is_plain;
use crate::parse::travel::{bare, last};

/// The schema of `ty` in the form that its values travel in; `own`: the type may have a form of its own, so that
/// it is not simply serde's.
pub fn of(ty: &Type, own: bool) -> TokenStream {
    let schema = asked(ty);
    // numbers and texts have one form
    match own || is_plain(ty) {
        true => schema,
        false => quote!(__schemas.plain(&|__schemas| #schema)),
    }
}

/// The schema of a byte string, whatever its type.
pub fn of_bytes() -> TokenStream {
    asked(&syn::parse_quote!([::core::primitive::u8]))
}

/// Asks for the schema of a type. `__schemas` has to be there.
fn asked(ty: &Type) -> TokenStream {
    let parts = parts(ty).into_iter().map(|part| {
        let schema = asked(part);
        quote!(&|__schemas| #schema)
    });
    quote!(__rpcx::Shaped::<#ty>::NEW.schema(__schemas, &[#(#parts),*]))
}

/// The types inside of a type, unless all of them are plain.
fn parts(ty: &Type) -> Vec<&Type> {
    match bare(ty) {
        Type::Array(array) => vec![&array.elem],
        Type::Slice(slice) => vec![&slice.elem],
        Type::Reference(reference) => vec![&reference.elem],
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        ty if is_plain(ty) => Vec::new(),
        ty => {
            let Some(PathArguments::AngleBracketed(list)) =
                last(ty).map(|segment| &segment.arguments)
            else {
                return Vec::new();
            };
            let types = list.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            types.collect()
        }
    }
}
