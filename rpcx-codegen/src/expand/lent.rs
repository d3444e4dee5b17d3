//! Arguments that are lent: a caller passes a reference, and a handler gets one to what was decoded.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Lifetime, Type};

use crate::message::form::form_of;
use crate::model::{Arg, Family, Method};
use crate::parse::travel::{bare, generics, is_exactly, is_named, last, with_lifetime};

/// Text and bytes borrow from the payload where they can: JSON text with escapes, and base64, have to be
/// decoded into memory of their own. Other lists are decoded and lent.
pub(super) enum Lent {
    /// `&str`
    Text,
    /// `&[u8]`
    Bytes,
    /// `&[T]`
    List(Box<Type>),
    /// `Option<&str>`, `Option<&[u8]>`
    Optional(Box<Self>),
}

/// What an argument is lent as, if it is.
pub(super) fn lent(arg: &Arg, method: &Method) -> Option<Lent> {
    if !method.codecs.has(Family::Serde) {
        return None;
    }
    match bare(&arg.ty) {
        Type::Reference(reference) => of_reference(&reference.elem),
        ty => {
            let segment = last(ty).filter(|segment| segment.ident == "Option")?;
            let mut inner = generics(segment);
            let (Some(Type::Reference(reference)), None) = (inner.next().map(bare), inner.next())
            else {
                return None;
            };
            match of_reference(&reference.elem)? {
                Lent::List(_) => None,
                one => Some(Lent::Optional(Box::new(one))),
            }
        }
    }
}

fn of_reference(inner: &Type) -> Option<Lent> {
    match bare(inner) {
        Type::Slice(slice) if is_exactly(&slice.elem, "u8") => Some(Lent::Bytes),
        Type::Slice(slice) => Some(Lent::List(slice.elem.clone())),
        ty => is_named(ty, "str").then_some(Lent::Text),
    }
}

impl Lent {
    /// The type that travels, and its form.
    pub(super) fn carried(&self) -> (TokenStream, TokenStream) {
        match self {
            Self::Text => (
                quote!(__rpcx::Cow<'__a, __rpcx::str>),
                quote!(__rpcx::codec::LentText),
            ),
            Self::Bytes => (
                quote!(__rpcx::Cow<'__a, [__rpcx::u8]>),
                quote!(__rpcx::codec::LentBytes),
            ),
            Self::List(element) => {
                let ty = with_lifetime(element, &Lifetime::new("'__a", Span::call_site()));
                let form = form_of(element, &[]).map(|form| form.of_a_field());
                let form = form.unwrap_or_else(|| quote!(__rpcx::codec::Plain));
                (
                    quote!(__rpcx::codec::List<'__a, #ty>),
                    quote!(__rpcx::codec::Many<#form>),
                )
            }
            Self::Optional(inner) => {
                let (ty, form) = inner.carried();
                (
                    quote!(__rpcx::Option<#ty>),
                    quote!(__rpcx::codec::Maybe<#form>),
                )
            }
        }
    }
}
