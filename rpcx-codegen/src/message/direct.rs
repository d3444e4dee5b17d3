//! The form of a field, which may be that of MessagePack without serde.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

use super::form::{asked, depends_on, form_of};
use super::this::named;
use crate::parse::travel::{bare, is_exactly, is_named};

/// Types that are what their names say: nothing has to be asked.
const KNOWN: [&str; 11] = [
    "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64",
];

/// The form of types that MessagePack reads and writes without serde.
pub(super) fn form() -> TokenStream {
    quote!(__rpcx::codec::Direct)
}

/// Serde's form, where the type has it.
pub(super) fn plain_form(ty: &Type, parameters: &[&Ident]) -> Option<TokenStream> {
    let form = || asked(ty).of_serde();
    (!depends_on(ty.to_token_stream(), parameters)).then(form)
}

/// The form of a field of this type; `None` where serde's own is the right one whatever the type is. `this` is the name of
/// the message that the field is of, if it is the whole of its type.
pub(super) fn form_of_field(
    ty: &Type,
    parameters: &[&Ident],
    this: Option<&Ident>,
) -> Option<TokenStream> {
    let ty = &this.map_or_else(|| ty.clone(), |this| named(ty, this));
    match bare(ty) {
        Type::Reference(reference) if is_named(&reference.elem, "str") => Some(form()),
        Type::Path(_) if KNOWN.iter().any(|name| is_exactly(ty, name)) => Some(form()),
        // a reference that cannot be read has no form, whatever is behind it
        Type::Path(_) | Type::Reference(_) if !depends_on(ty.to_token_stream(), parameters) => {
            Some(asked(ty).of_a_field())
        }
        ty => form_of(ty, parameters).map(|form| form.of_a_field()),
    }
}
