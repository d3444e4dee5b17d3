//! `Deserialize`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::super::model::{Field, Message, Missing, Shape, Variant, Variants};
use super::{form, owner};

pub(super) fn deserialize(message: &Message) -> TokenStream {
    let name = super::shown(&message.ident);
    let (also, body) = match &message.shape {
        Shape::Map(fields) => (
            Some(map(message, fields)),
            quote!(__rpcx::message::deserialize(__deserializer)),
        ),
        Shape::Newtype(field) => (None, newtype(field)),
        Shape::Number(variants) => (None, number(&name, variants)),
        Shape::Text(variants) => (None, text(&name, variants)),
        Shape::Choice(cases) => (
            Some(super::choice::choice(message, cases)),
            quote!(__rpcx::message::choice::deserialize(__deserializer)),
        ),
    };
    let ident = &message.ident;
    let generics = super::borrowing(&message.generics);
    let (params, _, clause) = generics.split_for_impl();
    let (_, args, _) = message.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #params __rpcx::serde::Deserialize<'__de> for #ident #args #clause {
            fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
                __deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                #body
            }
        }
        #also
    }
}

fn newtype(field: &Field) -> TokenStream {
    let (ty, form) = (&field.ty, form(field));
    let read = match super::open::read(field) {
        Some(form) => quote!(#form.decode::<#ty, __D>(__deserializer)),
        None => {
            quote!(<#form as __rpcx::codec::DecodeAs<'__de, #ty>>::decode_as(__deserializer))
        }
    };
    quote! {
        let __value = #read?;
        ::core::result::Result::Ok(Self(__value))
    }
}

fn map(message: &Message, fields: &[Field]) -> TokenStream {
    let sent: Vec<&Field> = fields.iter().filter(|field| field.wire.is_some()).collect();
    let names = sent.iter().map(|field| &field.wire);
    let read = if sent.is_empty() {
        quote!(__rpcx::message::ignore(__map)?;)
    } else {
        read(&sent)
    };
    let mutable = (!sent.is_empty()).then(|| quote!(mut));
    let mut index = 0;
    let values = fields.iter().map(|field| {
        let value = finished(field, index);
        index += usize::from(field.wire.is_some());
        let member = &field.member;
        quote!(#member: #value)
    });
    let ident = &message.ident;
    let name = super::shown(ident);
    let generics = super::borrowing(&message.generics);
    let (params, _, clause) = generics.split_for_impl();
    let (_, args, _) = message.generics.split_for_impl();
    quote! {
        impl #params __rpcx::message::Message<'__de> for #ident #args #clause {
            const NAME: &'static ::core::primitive::str = #name;
            const NAMES: &'static [&'static ::core::primitive::str] = &[#(#names),*];
            fn from_map<__A: __rpcx::serde::de::MapAccess<'__de>>(
                #mutable __map: __A,
            ) -> ::core::result::Result<Self, __A::Error> {
                #read
                ::core::result::Result::Ok(Self { #(#values),* })
            }
        }
    }
}

/// Passes over the fields in order until the map has no more keys; one pass is enough where the
/// peer writes them in the same order.
fn read(sent: &[&Field]) -> TokenStream {
    let slots = sent.iter().enumerate().map(|(index, field)| {
        let (slot, ty) = (slot(index), &field.ty);
        quote!(let mut #slot = ::core::option::Option::<#ty>::None;)
    });
    let steps = sent.iter().enumerate().map(|(index, field)| {
        let (slot, name, ty, form) = (slot(index), &field.wire, &field.ty, form(field));
        let value = match super::open::read(field) {
            Some(form) => quote!(#form.value::<#ty, __A>(&mut __map, #name)),
            None => quote_spanned!(super::at(ty)=> __rpcx::message::value::<#ty, #form, __A>(&mut __map, #name)),
        };
        quote! {
            if __key == __rpcx::message::NONE {
                __key = __rpcx::message::next_key::<Self, __A>(&mut __map, #index, #name)?;
            }
            if __key == #index {
                #slot = ::core::option::Option::Some(#value?);
                __key = __rpcx::message::NONE;
            }
        }
    });
    quote! {
        #(#slots)*
        let mut __key = __rpcx::message::NONE;
        while __key != __rpcx::message::END {
            #(#steps)*
        }
    }
}

pub(super) fn slot(index: usize) -> Ident {
    format_ident!("__field{index}")
}

fn finished(field: &Field, index: usize) -> TokenStream {
    let (ty, form, name) = (&field.ty, form(field), &field.wire);
    let missing = match &field.missing {
        Missing::Zero => {
            let zero = match super::open::read(field) {
                Some(form) => quote!(#form.zero::<#ty, __A::Error>(#name)),
                None => {
                    quote_spanned!(super::at(ty)=> __rpcx::message::zero::<#ty, #form, __A::Error>(#name))
                }
            };
            quote!(#zero?)
        }
        Missing::Default => quote!(::core::default::Default::default()),
        Missing::Call(path) => quote!(#path()),
        Missing::Refused => quote!(::core::unreachable!()),
    };
    if field.wire.is_none() {
        return missing;
    }
    let slot = slot(index);
    quote! {
        match #slot {
            ::core::option::Option::Some(__value) => __value,
            ::core::option::Option::None => #missing,
        }
    }
}

fn number(name: &str, variants: &Variants) -> TokenStream {
    let known = &variants.known;
    let idents: Vec<_> = known.iter().map(|variant| &variant.ident).collect();
    let owner = owner(variants);
    let zero = known
        .iter()
        .find(|variant| variant.default)
        .map(|Variant { ident, .. }| {
            quote! {
                if __number == 0 {
                    return ::core::result::Result::Ok(Self::#ident);
                }
            }
        });
    let unknown = match &variants.other {
        Some(other) => {
            let ident = &other.ident;
            quote!(::core::result::Result::Ok(Self::#ident(__number)))
        }
        None => quote!(::core::result::Result::Err(__rpcx::message::no_variant(#name, __number))),
    };
    quote! {
        let __number = <::core::primitive::i64 as __rpcx::serde::Deserialize>::deserialize(__deserializer)?;
        #(
            if __number == #owner::#idents as ::core::primitive::i64 {
                return ::core::result::Result::Ok(Self::#idents);
            }
        )*
        #zero
        #unknown
    }
}

fn text(name: &str, variants: &Variants) -> TokenStream {
    let known = &variants.known;
    let arms = known.iter().map(
        |Variant { ident, wire, .. }| quote!(#wire => ::core::option::Option::Some(Self::#ident),),
    );
    let zero = known
        .iter()
        .find(|variant| variant.default)
        .map(|Variant { ident, .. }| quote!("" => ::core::option::Option::Some(Self::#ident),));
    let unknown = match &variants.other {
        Some(other) => {
            let ident = &other.ident;
            quote!(::core::option::Option::Some(Self::#ident(::core::convert::From::from(__text))))
        }
        None => quote!(::core::option::Option::None),
    };
    quote! {
        __rpcx::message::variant(__deserializer, #name, |__text| match __text {
            #(#arms)*
            #zero
            _ => #unknown,
        })
    }
}
