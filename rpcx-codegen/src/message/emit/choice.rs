//! An enum with data: a map with one entry, whose key is the name of the variant.
//!
//! Fields with names are those of a hidden message, which reads them; they are written by reference.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Generics, Member};

use super::super::model::{Carried, Case, Field, Message, Shape};

/// What stands beside the implementations: the messages that read fields with names.
pub(super) fn hidden(message: &Message, cases: &[Case]) -> TokenStream {
    let each = cases.iter().filter_map(|case| {
        let Carried::Fields(fields) = &case.carried else {
            return None;
        };
        let name = data(&case.ident);
        let named = |field: &Field| Field {
            form: field.form.is_some().then(|| form(case, field)),
            ..field.clone()
        };
        let own = Message {
            ident: name.clone(),
            docs: String::new(),
            generics: Generics::default(),
            facade: message.facade.clone(),
            shape: Shape::Map(fields.iter().map(named).collect()),
        };
        let read = super::reading(&own);
        let written = fields
            .iter()
            .map(|Field { member, ty, .. }| quote!(#member: #ty));
        Some(quote! {
            struct #name { #(#written),* }
            #read
        })
    });
    quote!(#(#each)*)
}

/// In front of the name of a variant.
pub(super) const DATA: &str = "__Data_";

/// The hidden message of a variant.
fn data(variant: &Ident) -> Ident {
    format_ident!("{DATA}{}", syn::ext::IdentExt::unraw(variant))
}

/// The fields of a variant.
fn fields(carried: &Carried) -> &[Field] {
    match carried {
        Carried::Nothing => &[],
        Carried::Value(field) => std::slice::from_ref(&**field),
        Carried::Fields(fields) => fields,
    }
}

/// A name for the form of each field that has one: fields of two variants may have one name.
pub(super) fn forms(cases: &[Case]) -> Vec<TokenStream> {
    let all = cases
        .iter()
        .flat_map(|case| fields(&case.carried).iter().map(move |field| (case, field)));
    let with_form = all.filter_map(|(case, field)| {
        let given = field.form.as_ref()?;
        let name = form(case, field);
        Some(quote!(type #name = #given;))
    });
    with_form.collect()
}

/// The form of a field by its name.
fn form(case: &Case, field: &Field) -> TokenStream {
    if field.form.is_none() {
        return quote!(__rpcx::codec::Plain);
    }
    let name = super::form_name(&field.member).to_string();
    let variant = syn::ext::IdentExt::unraw(&case.ident);
    format_ident!("{name}_of_{variant}").to_token_stream()
}

fn travels(case: &Case, field: &Field) -> TokenStream {
    super::encode::travels(field, form(case, field))
}

pub(super) fn serialize(cases: &[Case]) -> TokenStream {
    let arms = cases.iter().map(|case| {
        let Case { ident, wire, .. } = case;
        match &case.carried {
            Carried::Nothing => {
                quote!(Self::#ident => __rpcx::message::choice::empty(__serializer, #wire),)
            }
            Carried::Value(field) => {
                let (form, travels) = (form(case, field), travels(case, field));
                let value = quote!(&__rpcx::message::field::<_, #form>(__value));
                quote!(Self::#ident(__value) => {
                    #travels
                    __rpcx::message::choice::entry(__serializer, #wire, #value)
                })
            }
            Carried::Fields(fields) => with_fields(case, fields),
        }
    });
    quote!(match self { #(#arms)* })
}

fn with_fields(case: &Case, fields: &[Field]) -> TokenStream {
    let (variant, wire) = (&case.ident, &case.wire);
    let sent: Vec<&Field> = fields.iter().filter(|field| field.wire.is_some()).collect();
    let slots: Vec<Ident> = (0..sent.len()).map(super::decode::slot).collect();
    let members: Vec<&Member> = sent.iter().map(|field| &field.member).collect();
    let types: Vec<_> = sent.iter().map(|field| &field.ty).collect();
    let values = sent.iter().zip(&slots).map(|(field, slot)| {
        let form = form(case, field);
        quote!(&__rpcx::message::field::<_, #form>(self.#slot))
    });
    let travel = sent.iter().map(|field| travels(case, field));
    let names: Vec<_> = sent.iter().map(|field| &field.wire).collect();
    let (count, name) = (sent.len(), syn::ext::IdentExt::unraw(variant).to_string());
    let mutable = (count > 0).then(|| quote!(mut));
    let lifetime = (count > 0).then(|| quote!(<'__a>));
    let elided = (count > 0).then(|| quote!(<'_>));
    quote! {
        Self::#variant { #(#members: #slots,)* .. } => {
            struct __Fields #lifetime { #(#slots: &'__a #types),* }
            impl __rpcx::serde::Serialize for __Fields #elided {
                fn serialize<__S: __rpcx::serde::Serializer>(
                    &self,
                    __serializer: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    #(#travel)*
                    let #mutable __map = __rpcx::serde::Serializer::serialize_struct(__serializer, #name, #count)?;
                    #(__rpcx::serde::ser::SerializeStruct::serialize_field(
                        &mut __map, #names, #values,
                    )?;)*
                    __rpcx::serde::ser::SerializeStruct::end(__map)
                }
            }
            __rpcx::message::choice::entry(__serializer, #wire, &__Fields { #(#slots),* })
        }
    }
}

/// The implementation of the runtime's `Choice`, beside that of `Deserialize`.
pub(super) fn choice(message: &Message, cases: &[Case]) -> TokenStream {
    let ident = &message.ident;
    let name = syn::ext::IdentExt::unraw(ident).to_string();
    let names = cases.iter().map(|case| &case.wire);
    let default = cases.iter().find(|case| case.default);
    let default = match default {
        Some(Case { ident, .. }) => quote!(::core::option::Option::Some(Self::#ident)),
        None => quote!(::core::option::Option::None),
    };
    let reads = cases.iter().enumerate().map(|(index, case)| {
        let (ty, form, make) = case_of(case);
        let wire = &case.wire;
        quote!(#index => __rpcx::message::value::<
            ::core::option::Option<#ty>, __rpcx::codec::Maybe<#form>, __A,
        >(__map, #wire)?.map(#make),)
    });
    let zeros = cases.iter().enumerate().map(|(index, case)| {
        let (ty, form, make) = case_of(case);
        let wire = &case.wire;
        quote!(#index => __rpcx::message::zero::<#ty, #form, __E>(#wire).map(#make),)
    });
    quote! {
        impl<'__de> __rpcx::message::choice::Choice<'__de> for #ident {
            const NAME: &'static ::core::primitive::str = #name;
            const NAMES: &'static [&'static ::core::primitive::str] = &[#(#names),*];
            fn nothing() -> ::core::option::Option<Self> {
                #default
            }
            fn value<__A: __rpcx::serde::de::MapAccess<'__de>>(
                __index: ::core::primitive::usize,
                __map: &mut __A,
            ) -> ::core::result::Result<::core::option::Option<Self>, __A::Error> {
                ::core::result::Result::Ok(match __index {
                    #(#reads)*
                    _ => ::core::option::Option::None,
                })
            }
            fn zero<__E: __rpcx::serde::de::Error>(
                __index: ::core::primitive::usize,
            ) -> ::core::result::Result<Self, __E> {
                match __index {
                    #(#zeros)*
                    _ => ::core::result::Result::Err(__rpcx::message::choice::no_case::<Self, __E>()),
                }
            }
        }
    }
}

/// What is read for a variant, its form, and what makes the variant of it.
fn case_of(case: &Case) -> (TokenStream, TokenStream, TokenStream) {
    let ident = &case.ident;
    let plain = quote!(__rpcx::codec::Plain);
    match &case.carried {
        Carried::Nothing => (
            quote!(__rpcx::serde::de::IgnoredAny),
            plain,
            quote!(|_| Self::#ident),
        ),
        Carried::Value(field) => {
            let ty = &field.ty;
            (quote!(#ty), form(case, field), quote!(Self::#ident))
        }
        Carried::Fields(fields) => {
            let data = data(ident);
            let members: Vec<&Member> = fields.iter().map(|field| &field.member).collect();
            let make = quote!(|__data| Self::#ident { #(#members: __data.#members),* });
            (quote!(#data), plain, make)
        }
    }
}

pub(super) fn describe(cases: &[Case]) -> TokenStream {
    let each = cases.iter().map(
        |Case {
             wire,
             docs,
             carried,
             ..
         }| {
            let schema = match carried {
                Carried::Nothing => quote!(__schemas.object(&[])),
                Carried::Value(field) => super::describe::field_schema(field),
                Carried::Fields(fields) => super::describe::map(fields),
            };
            quote!(__rpcx::Property(#wire, #docs, &|__schemas| #schema))
        },
    );
    quote!(__schemas.choices(&[#(#each),*]))
}
