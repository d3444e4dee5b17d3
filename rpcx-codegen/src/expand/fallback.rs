//! What is emitted beside errors: the names the rest of the crate uses, so that one mistake is one
//! error. None of it ever runs.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ReturnType, TraitItem, TraitItemFn};

use super::definition::{definition, parameters, spell_out};
use super::dynamic::{boxes, dynamic};
use super::{arguments, server};
use crate::model::{Method, Service};
use crate::names::{Names, RESERVED};
use crate::parse::own_bound;

/// The trait, a client with the methods that are right, and a server that answers nothing.
pub(crate) fn fallback(service: &Service) -> TokenStream {
    let names = Names::of(service);
    let definition = definition(&service.item);
    if !service.item.generics.params.is_empty() {
        return definition;
    }
    let client = service.client.then(|| client(service, &names));
    let server = service.server.then(|| server(&names));
    let (dynamic, _) = dynamic(service, &names);
    let arguments = arguments::structs(service, &names);
    let implemented = implementations(service, &names);
    quote!(#definition #client #server #dynamic #arguments #implemented)
}

/// The trait for all types that have it, as far as there can be bodies: that of a type which is not named needs a value.
fn implementations(service: &Service, names: &Names) -> Option<TokenStream> {
    let item = &service.item;
    let functions = item.items.iter().map(|part| match part {
        TraitItem::Fn(function) if !is_unnamed(&function.sig.output) => Some(function),
        _ => None,
    });
    let functions: Vec<&TraitItemFn> = functions.collect::<Option<_>>()?;
    let mut others = item
        .supertraits
        .iter()
        .filter(|bound| own_bound(bound).is_none());
    if others.next().is_some() || item.unsafety.is_some() {
        return None;
    }
    let Names {
        client,
        service: trait_name,
        dynamic,
        private,
        allow,
        ..
    } = names;
    let bodies = functions.into_iter().map(|function| {
        let mut function = function.clone();
        // a future that holds none of the arguments, which may be none that can be sent
        let body = match function.sig.asyncness {
            Some(_) => syn::parse_quote!({ async { loop {} } }),
            None => syn::parse_quote!({ loop {} }),
        };
        function.default = None;
        function.semi_token = None;
        spell_out(&mut function);
        function.default = Some(body);
        function
    });
    let bodies: Vec<TraitItemFn> = bodies.collect();
    let client = service
        .client
        .then(|| quote!(impl #trait_name for #client { #(#bodies)* }));
    let dynamic = service.dynamic.then(|| {
        let boxes = boxes(service, names);
        quote!(#boxes impl #trait_name for dyn #dynamic { #(#bodies)* })
    });
    Some(quote! {
        #allow
        #[allow(unused)]
        const _: () = {
            use #private as __rpcx;
            #client
            #dynamic
            impl<__T: #trait_name + ?::core::marker::Sized> #trait_name for __rpcx::Arc<__T> { #(#bodies)* }
        };
    })
}

/// Whether what comes back is some `impl Trait`.
fn is_unnamed(output: &ReturnType) -> bool {
    let words = output.to_token_stream().to_string();
    words
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word == "impl")
}

fn client(service: &Service, names: &Names) -> TokenStream {
    let Names {
        client,
        vis,
        private,
        allow,
        ..
    } = names;
    let methods = service
        .methods
        .iter()
        .filter(|method| !RESERVED.iter().any(|name| method.ident == name))
        .map(|method| {
            let Method {
                ident, cfgs, ret, ..
            } = method;
            let parameters = parameters(method, false);
            quote! {
                #(#cfgs)*
                #vis fn #ident(#parameters) -> #private::Call<#ret> { loop {} }
            }
        });
    quote! {
        #[doc(hidden)]
        #[derive(Clone, Debug)]
        #vis struct #client {}
        #allow
        #[allow(unused, missing_docs)]
        impl #client {
            #vis fn new(__channel: impl ::core::convert::Into<#private::Channel>) -> Self { loop {} }
            #vis fn with_path(self, __path: impl ::core::convert::Into<#private::Cow<'static, str>>) -> Self { loop {} }
            #vis fn layer(self, __layer: impl #private::Layer) -> Self { loop {} }
            #vis fn channel(&self) -> &#private::Channel { loop {} }
            #(#methods)*
        }
    }
}

fn server(names: &Names) -> TokenStream {
    let Names {
        server,
        private,
        allow,
        ..
    } = names;
    let declaration = server::declaration(names);
    let start = server::start(names);
    quote! {
        #declaration
        #allow
        #[allow(unused)]
        const _: () = {
            use #private as __rpcx;
            #start
            impl<__T: ::core::marker::Send + ::core::marker::Sync + 'static> __rpcx::Service for #server<__T> {
                fn info(&self) -> __rpcx::ServiceRef { loop {} }
                fn find(&self, _: &[u8]) -> ::core::option::Option<__rpcx::MethodRef> { loop {} }
                fn call(&self, _: u32, _: __rpcx::Request, _: &mut __rpcx::CallSlot<'_>) { loop {} }
            }
        };
    }
}
