//! `args = "MulArgs"`: the arguments of a method as a struct, which is the message that travels.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Member, Type};

use crate::message;
use crate::message::form::form_of;
use crate::message::model::{Field, Message, Missing, Said, Shape};
use crate::model::{Arg, Method, Service};
use crate::names::{Names, struct_taken};
use crate::parse::travel::{bare, is_named};

/// A struct for each method that asks for one.
pub(super) fn structs(service: &Service, names: &Names) -> TokenStream {
    let methods = service.methods.iter().enumerate();
    methods
        .filter(|(index, _)| struct_taken(service, *index).is_none())
        .filter_map(|(_, method)| structure(method, service, names))
        .collect()
}

fn structure(method: &Method, service: &Service, names: &Names) -> Option<TokenStream> {
    let ident = method.args_name.as_ref()?;
    let (vis, cfgs) = (&names.vis, &method.cfgs);
    let docs = format!(
        " The arguments of `{}`: the message that it takes.",
        method.wire
    );
    let fields = method.args.iter().map(|arg| {
        let (name, (ty, _)) = (&arg.ident, owned(arg));
        let docs = format!(" Travels as `{}`.", arg.wire);
        quote!(#[doc = #docs] #vis #name: #ty)
    });
    let message = Message {
        ident: ident.clone(),
        docs: String::new(),
        generics: syn::Generics::default(),
        facade: service.facade.clone(),
        shape: Shape::Map(method.args.iter().map(field).collect()),
    };
    let implementations = message::implementations(&message);
    Some(quote! {
        #(#cfgs)*
        #[doc = #docs]
        #[allow(dead_code, missing_debug_implementations)]
        #vis struct #ident { #(#fields),* }
        #(#cfgs)*
        #implementations
    })
}

fn field(arg: &Arg) -> Field {
    let (ty, form) = owned(arg);
    Field {
        member: Member::Named(arg.ident.clone()),
        docs: String::new(),
        wire: Some(arg.wire.clone()),
        ty,
        form,
        open: false,
        // asked for the method
        keys: None,
        said: Said::Nothing,
        missing: match arg.default {
            true => Missing::Default,
            false => Missing::Zero,
        },
    }
}

/// The type of the field, and the form that it travels in: that of the argument.
fn owned(arg: &Arg) -> (Type, Option<TokenStream>) {
    let bytes = quote!(__rpcx::codec::Bytes);
    let ty = match bare(&arg.ty) {
        Type::Reference(reference) => match bare(&reference.elem) {
            Type::Slice(slice) if is_named(&slice.elem, "u8") => {
                let ty = syn::parse_quote!(::std::vec::Vec<::core::primitive::u8>);
                return (ty, Some(bytes));
            }
            Type::Slice(slice) => {
                let element = &slice.elem;
                syn::parse_quote!(::std::vec::Vec<#element>)
            }
            ty if is_named(ty, "str") => syn::parse_quote!(::std::string::String),
            ty => ty.clone(),
        },
        ty => ty.clone(),
    };
    let form = match arg.bytes {
        true => Some(bytes),
        false => form_of(&ty, &[]).map(|form| form.of_a_field()),
    };
    (ty, form)
}
