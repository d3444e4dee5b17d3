//! MessagePack without serde: the runtime's `direct::Read` and `direct::Write`.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::super::model::{Field, Message, Missing, Shape};
use super::form;
use crate::parse::travel::{generics, last};

/// The two implementations, and that the type has them; nothing for an enum, which is what serde makes of it.
pub(super) fn implementations(message: &Message) -> TokenStream {
    let (read, write) = match &message.shape {
        Shape::Map(fields) => {
            let sent: Vec<&Field> = fields.iter().filter(|field| field.wire.is_some()).collect();
            (read(message, fields, &sent), write(&sent))
        }
        Shape::Newtype(field) => (read_newtype(field), write_newtype(field)),
        Shape::Number(_) | Shape::Text(_) | Shape::Choice(_) => return TokenStream::new(),
    };
    let ident = &message.ident;
    let (own_params, args, own_clause) = message.generics.split_for_impl();
    let borrowing = super::borrowing(&message.generics);
    let (read_params, _, read_clause) = borrowing.split_for_impl();
    let serialize = syn::parse_quote!(__rpcx::serde::Serialize);
    let written = super::bounded(&message.generics, &serialize);
    let (write_params, _, write_clause) = written.split_for_impl();
    quote! {
        impl #own_params __rpcx::codec::OwnForm for #ident #args #own_clause {
            type Form = __rpcx::codec::Direct;
            type Lent = __rpcx::codec::Direct;
        }
        impl #write_params __rpcx::direct::Write for #ident #args #write_clause {
            fn write<const __N: ::core::primitive::usize>(
                &self,
                __out: &mut __rpcx::direct::Output,
                __at: ::core::primitive::usize,
                __prefix: &'static [::core::primitive::u8; __N],
            ) -> ::core::result::Result<::core::primitive::usize, __rpcx::codec::EncodeError> {
                #write
            }
        }
        impl #read_params __rpcx::direct::Read<'__de> for #ident #args #read_clause {
            fn read(
                __reader: &mut __rpcx::direct::Reader<'__de>,
            ) -> ::core::result::Result<Self, __rpcx::codec::DecodeError> {
                #read
            }
        }
    }
}

/// Bytes of the longest number.
const NUMBER: usize = 9;

/// Bytes that are set aside for a text, whose length is not known.
const TEXT: usize = 64;

/// The bytes of the map's header stand with those of the first key, and each key is one copy with what follows it.
fn write(sent: &[&Field]) -> TokenStream {
    let mut front = header(sent.len());
    let value = |field: &Field| match is_text(&field.ty) {
        true => TEXT,
        false => NUMBER,
    };
    let room: usize = sent
        .iter()
        .map(|field| key(field).len() + value(field))
        .sum();
    let steps: Vec<TokenStream> = sent
        .iter()
        .map(|field| {
            front.extend(key(field));
            let bytes = Literal::byte_string(&std::mem::take(&mut front));
            let (form, ty, member) = (form(field), &field.ty, &field.member);
            let write = match super::open::written(field) {
                Some(form) => quote!(#form.write(&self.#member, __out, __at, #bytes)),
                None => {
                    let write = quote_spanned!(super::at(ty)=> <#form as __rpcx::codec::EncodeAs<#ty>>::write);
                    quote!(#write(&self.#member, __out, __at, #bytes))
                }
            };
            quote!(let __at = #write?;)
        })
        .collect();
    let alone = (!front.is_empty()).then(|| {
        let bytes = Literal::byte_string(&front);
        quote!(let __at = __out.put(__at, #bytes);)
    });
    quote! {
        __out.expect(__at, #room);
        let __at = __out.put(__at, __prefix);
        #alone
        #(#steps)*
        ::core::result::Result::Ok(__at)
    }
}

fn write_newtype(field: &Field) -> TokenStream {
    let (form, ty, member) = (form(field), &field.ty, &field.member);
    match super::open::written(field) {
        Some(form) => quote!(#form.write(&self.#member, __out, __at, __prefix)),
        None => {
            quote!(<#form as __rpcx::codec::EncodeAs<#ty>>::write(&self.#member, __out, __at, __prefix))
        }
    }
}

/// The header of a map.
fn header(len: usize) -> Vec<u8> {
    match u8::try_from(len) {
        Ok(len) if len < 16 => vec![0x80 | len],
        _ => {
            let [.., a, b, c, d] = len.to_be_bytes();
            match (a, b) {
                (0, 0) => vec![0xde, c, d],
                _ => vec![0xdf, a, b, c, d],
            }
        }
    }
}

/// The name of a field as it is written.
fn key(field: &Field) -> Vec<u8> {
    let name = field.wire.as_deref().unwrap_or_default().as_bytes();
    let [.., a, b, c, d] = name.len().to_be_bytes();
    let mut key = match (a, b, c) {
        (0, 0, 0) if d < 32 => vec![0xa0 | d],
        (0, 0, 0) => vec![0xd9, d],
        (0, 0, _) => vec![0xda, c, d],
        _ => vec![0xdb, a, b, c, d],
    };
    key.extend(name);
    key
}

fn read_newtype(field: &Field) -> TokenStream {
    let (form, ty) = (form(field), &field.ty);
    let read = match super::open::read(field) {
        Some(form) => quote!(#form.whole::<#ty>(__reader)),
        None => quote!(<#form as __rpcx::codec::DecodeAs<'__de, #ty>>::read(__reader)),
    };
    quote! {
        let __value = #read?;
        ::core::result::Result::Ok(Self(__value))
    }
}

fn read(message: &Message, fields: &[Field], sent: &[&Field]) -> TokenStream {
    let name = message.ident.to_string();
    let names = sent.iter().map(|field| &field.wire);
    let types: Vec<_> = sent.iter().map(|field| &field.ty).collect();
    let slots: Vec<_> = (0..sent.len()).map(super::decode::slot).collect();
    let kept = sent.iter().map(|field| {
        let ty = &field.ty;
        match is_text(ty) {
            true => quote!(__rpcx::direct::Slot<'__de, #ty>),
            false => quote!(::core::option::Option<#ty>),
        }
    });
    let initial = sent.iter().map(|field| initial(field));
    let texts = sent.iter().zip(&slots);
    let texts = texts.filter(|(field, _)| is_text(&field.ty));
    let (text_slots, text_forms): (Vec<_>, Vec<_>) =
        texts.map(|(field, slot)| (slot, form(field))).unzip();
    let texts_checked = checked(&text_slots, &text_forms);
    let reading = reading(sent, !text_slots.is_empty());
    let mut index = 0;
    let values = fields.iter().map(|field| {
        let value = finished(field, index);
        index += usize::from(field.wire.is_some());
        let member = &field.member;
        quote!(#member: #value)
    });
    quote! {
        let __layout = const {
            &__rpcx::direct::Layout {
                name: #name,
                size: ::core::mem::size_of::<Self>(),
                names: &[#(#names),*],
                sizes: &[#(::core::mem::size_of::<#types>()),*],
            }
        };
        let mut __fields = __rpcx::direct::Fields::enter(__reader, __layout)?;
        let mut __cursor = __fields.first(__reader);
        #(let mut #slots: #kept = #initial;)*
        #reading
        __rpcx::direct::Fields::leave(__reader);
        #texts_checked
        ::core::result::Result::Ok(Self { #(#values),* })
    }
}

/// What a field is before it is read: its zero value, where the type has one that is known when it is compiled.
fn initial(field: &Field) -> TokenStream {
    if is_text(&field.ty) {
        return quote!(__rpcx::direct::Slot::empty());
    }
    match &field.missing {
        Missing::Zero if !field.open => {
            let (form, ty) = (form(field), &field.ty);
            quote_spanned!(super::at(ty)=> <#form as __rpcx::codec::DecodeAs<'__de, #ty>>::zero())
        }
        _ => quote!(::core::option::Option::None),
    }
}

/// What follows the fields: the texts among them that wait for it are checked.
fn checked(slots: &[&Ident], forms: &[TokenStream]) -> TokenStream {
    if slots.is_empty() {
        return TokenStream::new();
    }
    quote! {
        let __held = [#(#slots.text::<#forms>()),*];
        let __scratch = __rpcx::direct::Scratch::new(__waiting, &__held);
        let mut __texts = match (__read, __scratch.checked()) {
            (::core::result::Result::Ok(()), ::core::option::Option::Some(__texts)) => __texts,
            (__read, _) => return ::core::result::Result::Err(__reader.invalid(__read.err(), &__held)),
        };
    }
}

/// Whether a field may wait for a check together with others. By the looks of its type: a text under another name
/// is checked by itself.
fn is_text(ty: &Type) -> bool {
    let Some(segment) = last(ty) else {
        return false;
    };
    match &*segment.ident.to_string() {
        "String" | "Text" => segment.arguments.is_none(),
        "Option" => generics(segment).next().is_some_and(is_text),
        _ => false,
    }
}

/// Passes over the fields in order until there are no more keys; one pass is enough where the peer writes them in
/// the same order.
///
/// An error of a message with texts is kept until those that wait are looked at. By a block and not by a closure, which
/// would have the fields behind references.
fn reading(sent: &[&Field], has_texts: bool) -> TokenStream {
    let ok = |result: TokenStream| match has_texts {
        true => quote! {
            match #result {
                ::core::result::Result::Ok(__ok) => __ok,
                ::core::result::Result::Err(__error) => break '__read ::core::result::Result::Err(__error),
            }
        },
        false => quote!(#result?),
    };
    let more = ok(quote!(__fields.more(__reader, &mut __cursor, __layout)));
    let steps = steps(sent, &ok);
    let whole = quote!(while #more { #steps });
    match has_texts {
        true => quote! {
            let mut __waiting = 0;
            let __read = '__read: {
                #whole
                ::core::result::Result::Ok(())
            };
        },
        false => whole,
    }
}

fn steps(sent: &[&Field], ok: &dyn Fn(TokenStream) -> TokenStream) -> TokenStream {
    let each = sent.iter().enumerate().map(|(index, field)| {
        let (slot, ty, form) = (super::decode::slot(index), &field.ty, form(field));
        let key = Literal::byte_string(&key(field));
        let put = match is_text(ty) {
            true => {
                let hold = quote_spanned!(super::at(ty)=> __cursor.hold::<#ty, #form>);
                ok(quote!(#hold(__reader, &mut #slot, &mut __waiting)))
            }
            false => {
                let value = ok(match super::open::read(field) {
                    Some(form) => quote!(#form.read::<#ty>(&mut __cursor, __reader)),
                    None => {
                        let read = quote_spanned!(super::at(ty)=> __cursor.read::<#ty, #form>);
                        quote!(#read(__reader))
                    }
                });
                quote!(#slot = ::core::option::Option::Some(#value);)
            }
        };
        let found = ok(quote!(__fields.find(__reader, &mut __cursor, #index, __layout)));
        quote! {
            if __cursor.at(#key) || #found {
                #put
            }
        }
    });
    quote!(#(#each)*)
}

fn finished(field: &Field, index: usize) -> TokenStream {
    let (ty, form, name) = (&field.ty, form(field), &field.wire);
    let missing = match &field.missing {
        Missing::Zero => match super::open::read(field) {
            Some(form) => quote!(#form.zero::<#ty, __rpcx::codec::DecodeError>(#name)?),
            None => {
                quote!(__rpcx::message::zero::<#ty, #form, __rpcx::codec::DecodeError>(#name)?)
            }
        },
        Missing::Default => quote!(::core::default::Default::default()),
        Missing::Call(path) => quote!(#path()),
        Missing::Refused => quote!(::core::unreachable!()),
    };
    if field.wire.is_none() {
        return missing;
    }
    let slot = super::decode::slot(index);
    let value = match is_text(ty) {
        true => quote!(#slot.finish::<#form>(&mut __texts)),
        false => quote!(#slot),
    };
    quote! {
        match #value {
            ::core::option::Option::Some(__value) => __value,
            ::core::option::Option::None => #missing,
        }
    }
}
