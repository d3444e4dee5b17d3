//! `Serialize`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse_quote;

use super::super::form::asks;
use super::super::keys;
use super::super::model::{Field, Message, Shape, Variant, Variants};
use super::{form, owner};

pub(super) fn serialize(message: &Message) -> TokenStream {
    let body = match &message.shape {
        Shape::Map(fields) => map(&message.ident.to_string(), fields),
        Shape::Newtype(field) => newtype(field),
        Shape::Number(variants) => number(variants),
        Shape::Text(variants) => text(variants),
        Shape::Choice(cases) => super::choice::serialize(cases),
    };
    let ident = &message.ident;
    let generics = super::bounded(&message.generics, &parse_quote!(__rpcx::serde::Serialize));
    let (params, _, clause) = generics.split_for_impl();
    let (_, args, _) = message.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #params __rpcx::serde::Serialize for #ident #args #clause {
            fn serialize<__S: __rpcx::serde::Serializer>(
                &self,
                __serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                #body
            }
        }
    }
}

fn map(name: &str, fields: &[Field]) -> TokenStream {
    let sent: Vec<&Field> = fields.iter().filter(|field| field.wire.is_some()).collect();
    let count = sent.len();
    let entries = sent.iter().map(|field| {
        let (wire, value) = (&field.wire, value(field));
        quote!(__rpcx::serde::ser::SerializeStruct::serialize_field(&mut __map, #wire, #value)?;)
    });
    let travel = sent.iter().map(|field| travels(field, form(field)));
    let mutable = (count > 0).then(|| quote!(mut));
    quote! {
        #(#travel)*
        let #mutable __map = __rpcx::serde::Serializer::serialize_struct(__serializer, #name, #count)?;
        #(#entries)*
        __rpcx::serde::ser::SerializeStruct::end(__map)
    }
}

fn value(field: &Field) -> TokenStream {
    let member = &field.member;
    match &field.form {
        None => match super::open::written(field) {
            Some(form) => quote!(&#form.field(&self.#member)),
            None => quote!(&self.#member),
        },
        Some(_) => {
            let form = form(field);
            quote!(&__rpcx::message::field::<_, #form>(&self.#member))
        }
    }
}

fn newtype(field: &Field) -> TokenStream {
    let (travels, value) = (travels(field, form(field)), value(field));
    quote! {
        #travels
        __rpcx::serde::Serialize::serialize(#value, __serializer)
    }
}

/// That the type of a field has a form, and the keys of its maps too. It is an error at that type, and the only one,
/// where they have none.
pub(super) fn travels(field: &Field, form: TokenStream) -> TokenStream {
    let ty = &field.ty;
    let asked = field.form.as_ref().filter(|form| asks(form));
    let travels = asked.map(|_| {
        let form = super::at_type(form, ty);
        quote_spanned!(super::at(ty)=> let _: __rpcx::message::Travels<#ty, #form>;)
    });
    let keys = field.keys.as_ref().map(|asked| keys::travel(ty, asked));
    quote!(#travels #keys)
}

fn number(variants: &Variants) -> TokenStream {
    let idents: Vec<_> = variants
        .known
        .iter()
        .map(|variant| &variant.ident)
        .collect();
    let owner = owner(variants);
    let other = variants.other.as_ref().map(|other| {
        let ident = &other.ident;
        quote!(Self::#ident(__value) => *__value,)
    });
    quote! {
        let __number = match self { #(Self::#idents => #owner::#idents as ::core::primitive::i64,)* #other };
        __rpcx::serde::Serializer::serialize_i64(__serializer, __number)
    }
}

fn text(variants: &Variants) -> TokenStream {
    let arms = variants
        .known
        .iter()
        .map(|Variant { ident, wire, .. }| quote!(Self::#ident => #wire,));
    let other = variants.other.as_ref().map(|other| {
        let ident = &other.ident;
        quote!(Self::#ident(__value) => &**__value,)
    });
    quote! {
        let __name = match self { #(#arms)* #other };
        __rpcx::serde::Serializer::serialize_str(__serializer, __name)
    }
}
