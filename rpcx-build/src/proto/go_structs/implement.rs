//! serde's traits for the messages that prost has generated.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use rpcx_codegen::message::form::form_of;
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, Item, ItemEnum, ItemStruct, LitBool, LitStr, Path, Token, Type};

use super::MARK;

/// Adds the implementations for the messages and `oneof`s of these items, and takes our attributes out.
pub(in crate::proto) fn implement(items: &mut Vec<Item>) {
    let mut added = Vec::new();
    for item in items.iter_mut() {
        match item {
            Item::Mod(module) => {
                if let Some((_, inner)) = &mut module.content {
                    implement(inner);
                }
            }
            Item::Struct(item) if derives(&item.attrs, "Message") => added.push(message(item)),
            Item::Enum(item) if derives(&item.attrs, "Oneof") => added.push(oneof(item)),
            _ => {}
        }
    }
    items.extend(added.into_iter().map(Item::Verbatim));
}

fn derives(attrs: &[Attribute], name: &str) -> bool {
    let mut derives = attrs.iter().filter(|attr| attr.path().is_ident("derive"));
    derives.any(|attr| {
        let paths = attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        paths.is_ok_and(|paths| {
            let mut prost = paths.iter().filter(|path| path.segments.len() > 1);
            prost.any(|path| path.segments.last().is_some_and(|last| last.ident == name))
        })
    })
}

/// The names above a field: in Go, in JSON, and whether JSON has it when it is zero.
struct Names {
    go: String,
    json: String,
    kept: bool,
}

/// The names that were put above this field. prost repeats attributes for what is nested below a path, so the
/// longest is that of the field itself.
fn take(attrs: &mut Vec<Attribute>, field: &Ident) -> Names {
    let mut found: Option<(usize, Names)> = None;
    attrs.retain(|attr| {
        if !attr.path().is_ident(MARK) {
            return true;
        }
        let parsed = attr.parse_args_with(|input: syn::parse::ParseStream<'_>| {
            let path = input.parse::<LitStr>()?.value();
            input.parse::<Token![,]>()?;
            let go = input.parse::<LitStr>()?.value();
            input.parse::<Token![,]>()?;
            let json = input.parse::<LitStr>()?.value();
            input.parse::<Token![,]>()?;
            let kept = input.parse::<LitBool>()?.value;
            Ok((path.len(), Names { go, json, kept }))
        });
        if let Ok(parsed) = parsed
            && found.as_ref().is_none_or(|before| before.0 < parsed.0)
        {
            found = Some(parsed);
        }
        false
    });
    found.map_or_else(|| unnamed(field), |(_, names)| names)
}

/// A field that the descriptors do not have, as one that an attribute of the user's has added.
fn unnamed(field: &Ident) -> Names {
    let json = field.to_string();
    Names {
        go: crate::proto::names::go(&json),
        json,
        kept: false,
    }
}

fn form(ty: &Type) -> TokenStream {
    match form_of(ty, &[]) {
        Some(form) => form.of_a_field(),
        None => quote!(__rpcx::codec::Plain),
    }
}

fn message(item: &mut ItemStruct) -> TokenStream {
    let name = item.ident.clone();
    let shown = name.to_string();
    let (mut zeros, mut writes, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    let (mut all_go, mut all_json) = (Vec::new(), Vec::new());
    for (place, field) in item.fields.iter_mut().enumerate() {
        let Some(member) = field.ident.clone() else {
            continue;
        };
        let Names { go, json, kept } = take(&mut field.attrs, &member);
        let (ty, form) = (&field.ty, form(&field.ty));
        zeros.push(match kept {
            true => quote!(false),
            false => quote!(__rpcx::generated_go::is_zero(&self.#member)),
        });
        writes.push(quote! {
            let __name = __rpcx::generated_go::Name { go: #go, json: #json };
            __map.field::<#ty, #form>(__name, &self.#member, __zeros[#place])?;
        });
        reads.push(quote! {
            #place => self.#member = __rpcx::message::value::<#ty, #form, __A>(__map, #json)?,
        });
        all_go.push(go);
        all_json.push(json);
    }
    let count = zeros.len();
    implementation(
        &name,
        &quote! {
            let __zeros: [::core::primitive::bool; #count] = [#(#zeros),*];
            let mut __map = __rpcx::generated_go::begin(__serializer, &__zeros)?;
            #(#writes)*
            __map.end()
        },
        &quote!(read),
        &quote! {
            impl __rpcx::generated_go::GoStruct for #name {
                const NAME: &'static __rpcx::str = #shown;
                const GO: &'static [&'static __rpcx::str] = &[#(#all_go),*];
                const JSON: &'static [&'static __rpcx::str] = &[#(#all_json),*];
                fn read<'__de, __A: __rpcx::serde::de::MapAccess<'__de>>(
                    &mut self,
                    __place: ::core::primitive::usize,
                    __map: &mut __A,
                ) -> __rpcx::Result<(), __A::Error> {
                    match __place {
                        #(#reads)*
                        _ => {}
                    }
                    __rpcx::Result::Ok(())
                }
            }
        },
    )
}

fn oneof(item: &mut ItemEnum) -> TokenStream {
    let name = item.ident.clone();
    let shown = name.to_string();
    let (mut writes, mut reads, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for (place, variant) in item.variants.iter_mut().enumerate() {
        let ident = variant.ident.clone();
        let go = take(&mut variant.attrs, &ident).go;
        let Fields::Unnamed(fields) = &variant.fields else {
            continue;
        };
        let Some(field) = fields.unnamed.first() else {
            continue;
        };
        let (ty, form) = (&field.ty, form(&field.ty));
        writes.push(quote! {
            Self::#ident(__value) => {
                let __name = __rpcx::generated_go::Name { go: #go, json: #go };
                __map.field::<#ty, #form>(__name, __value, false)?;
            }
        });
        reads.push(quote! {
            #place => Self::#ident(__rpcx::message::value::<#ty, #form, __A>(__map, #go)?),
        });
        all.push(go);
    }
    implementation(
        &name,
        &quote! {
            let mut __map = __rpcx::generated_go::begin(__serializer, &[false])?;
            match self {
                #(#writes)*
            }
            __map.end()
        },
        &quote!(read_oneof),
        &quote! {
            impl __rpcx::generated_go::GoOneof for #name {
                const NAME: &'static __rpcx::str = #shown;
                const GO: &'static [&'static __rpcx::str] = &[#(#all),*];
                fn read<'__de, __A: __rpcx::serde::de::MapAccess<'__de>>(
                    __place: ::core::primitive::usize,
                    __map: &mut __A,
                ) -> __rpcx::Result<Self, __A::Error> {
                    __rpcx::Result::Ok(match __place {
                        #(#reads)*
                        _ => return __rpcx::Result::Err(__rpcx::message::no_variant(#shown, __place)),
                    })
                }
            }
        },
    )
}

fn implementation(
    name: &Ident,
    write: &TokenStream,
    read: &TokenStream,
    more: &TokenStream,
) -> TokenStream {
    quote! {
        #[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery)]
        const _: () = {
            use ::rpcx::__private as __rpcx;
            use __rpcx::NoForm as _;
            impl __rpcx::serde::Serialize for #name {
                fn serialize<__S: __rpcx::serde::Serializer>(
                    &self,
                    __serializer: __S,
                ) -> __rpcx::Result<__S::Ok, __S::Error> {
                    #write
                }
            }
            impl<'__de> __rpcx::serde::Deserialize<'__de> for #name {
                fn deserialize<__D: __rpcx::serde::Deserializer<'__de>>(
                    __deserializer: __D,
                ) -> __rpcx::Result<Self, __D::Error> {
                    __rpcx::generated_go::#read(__deserializer)
                }
            }
            #more
        };
    }
}
