//! What is emitted beside errors: the names the rest of the crate uses, so that one mistake is one
//! error. None of it ever runs.

use proc_macro2::TokenStream;
use quote::quote;

use super::arguments;
use super::definition::{definition, parameters};
use super::dynamic::dynamic;
use super::server;
use crate::model::{Method, Service};
use crate::names::{Names, RESERVED};

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
    quote!(#definition #client #server #dynamic #arguments)
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
