//! `ArithServer<T>`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::info;
use super::method::given;
use crate::model::{Method, Service};
use crate::names::Names;

/// The struct, and its implementations.
pub(super) fn server(service: &Service, names: &Names) -> (TokenStream, TokenStream) {
    if !service.server {
        return (TokenStream::new(), TokenStream::new());
    }
    let start = start(names);
    let dispatch = dispatch(service, names);
    let shared = shared(names);
    (declaration(names), quote!(#start #shared #dispatch))
}

pub(super) fn declaration(names: &Names) -> TokenStream {
    let Names {
        server,
        service,
        vis,
        private,
        ..
    } = names;
    let docs = format!(" Serves `{service}`: register it with a server.");
    quote! {
        #[doc = #docs]
        #[allow(dead_code)]
        #vis struct #server<__T>(#private::Shared<__T>, #private::Layers);
    }
}

/// `new` and `from_arc`.
pub(super) fn start(names: &Names) -> TokenStream {
    let Names {
        server,
        service,
        vis,
        ..
    } = names;
    quote! {
        impl<__T: #service> #server<__T> {
            /// Serves this service.
            #vis fn new(__service: __T) -> Self {
                Self::from_arc(__rpcx::Arc::new(__service))
            }
            /// Serves a service that others hold too.
            #vis fn from_arc(__service: __rpcx::Arc<__T>) -> Self {
                Self(__rpcx::Shared::new(__service), __rpcx::Layers::new())
            }
            /// Puts a layer around the calls of this service, inside of those it has.
            #[must_use]
            #vis fn layer(self, __layer: impl __rpcx::Layer) -> Self {
                Self(self.0, self.1.with(__layer))
            }
        }
    }
}

/// `Clone` and `Debug`, which ask nothing of the service.
fn shared(names: &Names) -> TokenStream {
    let server = &names.server;
    let name = server.to_string();
    quote! {
        impl<__T> ::core::clone::Clone for #server<__T> {
            fn clone(&self) -> Self {
                Self(__rpcx::clone(&self.0), __rpcx::clone(&self.1))
            }
        }
        impl<__T> __rpcx::fmt::Debug for #server<__T> {
            fn fmt(&self, __f: &mut __rpcx::fmt::Formatter<'_>) -> __rpcx::fmt::Result {
                __f.debug_struct(#name).finish_non_exhaustive()
            }
        }
    }
}

fn dispatch(service: &Service, names: &Names) -> TokenStream {
    let Names {
        server,
        service: trait_name,
        ..
    } = names;
    let found = info::arms(service, names);
    // where the configuration takes out all methods, only the way out is left
    let conditional = service.methods.iter().all(|method| !method.cfgs.is_empty());
    let allowed = conditional.then(|| quote!(#[allow(unreachable_code)]));
    let calls = names
        .each(service)
        .map(|(id, method, marker)| call(id, method, marker, names));
    quote! {
        impl<__T: #trait_name> __rpcx::Service for #server<__T> {
            fn info(&self) -> __rpcx::ServiceRef {
                ::core::convert::From::from(&__INFO)
            }
            #allowed
            fn find(&self, __name: &[__rpcx::u8]) -> __rpcx::Option<__rpcx::MethodRef> {
                __rpcx::found(match __name {
                    #(#found)*
                    _ => return __rpcx::Option::None,
                })
            }
            fn layers(&self) -> &__rpcx::Layers {
                &self.1
            }
            fn for_connection(&self) -> __rpcx::OwnService {
                __rpcx::own(Self(self.0.apart(), __rpcx::Layers::new()))
            }
            fn call(
                &self,
                __method: ::core::primitive::u32,
                __request: __rpcx::Request,
                __slot: &mut __rpcx::CallSlot<'_>,
            ) {
                let __service = __rpcx::clone(&self.0);
                match __method {
                    #(#calls)*
                    _ => __rpcx::no_such_method(__slot),
                }
            }
        }
    }
}

/// Decodes, calls and answers: all in the future, so that it happens where the handler runs.
fn call(id: u32, method: &Method, marker: &Ident, names: &Names) -> TokenStream {
    let Method { ident, cfgs, .. } = method;
    let trait_name = &names.service;
    let pattern = pattern(method);
    let context = method
        .context
        .as_ref()
        .map(|_| quote!(let __context = __slot.context(&__request);));
    let given_context = method.context.iter().map(|_| quote!(&__context));
    let given = given_context.chain(method.args.iter().map(|arg| given(arg, method)));
    quote! {
        #(#cfgs)*
        #id => {
            #context
            let __future = async move {
                let #pattern = __rpcx::decode::<#marker>(&__request)?;
                __rpcx::Result::Ok(<__T as #trait_name>::#ident(&__service #(, #given)*).await)
            };
            __slot.run(__future, __rpcx::reply::<#marker>)
        }
    }
}

fn pattern(method: &Method) -> TokenStream {
    let each = method.args.iter().map(|arg| &arg.ident);
    match method.is_map() || method.args.is_empty() {
        true => quote!((#(#each,)*)),
        false => quote!(#(#each)*),
    }
}
