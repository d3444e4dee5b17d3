//! What a service says about the types of its methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Lifetime, Type};

use super::lent::{Lent, lent};
use super::method::decoded;
use crate::message::form::form_of;
use crate::message::schema;
use crate::model::{Arg, Codecs, Family, Method, Service};
use crate::names::Names;
use crate::parse::travel::{generics, last, with_lifetime};

/// A function that describes the methods, which is there where the runtime has the feature for it.
pub(super) fn describe(service: &Service, names: &Names) -> TokenStream {
    let each = names
        .each(service)
        .map(|(_, method, marker)| described(method, marker));
    quote! {
        __rpcx::reflect! {
            fn __describe(__methods: &mut __rpcx::Methods<'_>) {
                use __rpcx::{ByParts as _, Silent as _, Unknown as _};
                #(#each)*
            }
        }
    }
}

fn described(method: &Method, marker: &Ident) -> TokenStream {
    let cfgs = &method.cfgs;
    let (args, reply) = (args(method), reply(method, marker));
    quote! {
        #(#cfgs)*
        __rpcx::describe::<#marker>(
            __methods,
            &|__schemas| #args,
            &|__schemas| #reply,
            __rpcx::Failing::<__rpcx::Failure<#marker>>::ERRORS,
        );
    }
}

fn args(method: &Method) -> TokenStream {
    match (&method.args[..], &method.args_name) {
        (_, Some(name)) => quote!(<#name as __rpcx::JsonSchema>::schema(__schemas)),
        ([], _) => quote!(<() as __rpcx::JsonSchema>::schema(__schemas)),
        ([arg], _) if !method.is_map() => argument(arg, method),
        (args, _) => {
            let each = args.iter().map(|arg| {
                let (wire, schema) = (&arg.wire, argument(arg, method));
                quote!(__rpcx::Property(#wire, "", &|__schemas| #schema))
            });
            quote!(__schemas.object(&[#(#each),*]))
        }
    }
}

fn argument(arg: &Arg, method: &Method) -> TokenStream {
    let ty = with_lifetime(decoded(arg), &Lifetime::new("'static", Span::call_site()));
    if let Some(foreign) = foreign(&method.codecs, &ty) {
        return foreign;
    }
    match lent(arg, method) {
        Some(Lent::Text) => quote!(<__rpcx::str as __rpcx::JsonSchema>::schema(__schemas)),
        Some(Lent::Bytes) => schema::of_bytes(),
        Some(Lent::List(element)) => {
            let element = with_lifetime(&element, &Lifetime::new("'static", Span::call_site()));
            schema::of(&syn::parse_quote!([#element]), true)
        }
        Some(Lent::Optional(_)) => schema::of(&ty, true),
        None if arg.bytes => schema::of_bytes(),
        None => schema::of(&ty, form_of(&ty, &[]).is_some()),
    }
}

fn reply(method: &Method, marker: &Ident) -> TokenStream {
    let value = last(&method.ret).and_then(|segment| generics(segment).next());
    // behind an alias the value is known to the compiler alone
    let behind: Type = syn::parse_quote!(__rpcx::Success<#marker>);
    let ty = value.unwrap_or(&behind);
    let schema = foreign(&method.codecs, ty)
        .unwrap_or_else(|| schema::of(ty, value.is_some_and(|ty| form_of(ty, &[]).is_some())));
    match &method.reply {
        Some(name) => {
            quote!(__schemas.object(&[__rpcx::Property(#name, "", &|__schemas| #schema)]))
        }
        None => schema,
    }
}

/// A message that has no form in JSON.
fn foreign(codecs: &Codecs, ty: &Type) -> Option<TokenStream> {
    if codecs.has(Family::Serde) {
        return None;
    }
    match codecs.first {
        Family::Serde => None,
        Family::Raw => Some(quote!(__rpcx::Json::object())),
        Family::Protobuf | Family::Thrift => Some(match last(ty) {
            Some(segment) => {
                let name = segment.ident.to_string();
                quote!(__schemas.foreign(#name))
            }
            None => quote!(__rpcx::Json::object()),
        }),
    }
}
