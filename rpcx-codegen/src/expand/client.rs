//! `ArithClient`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::definition::parameters;
use super::method::passed;
use crate::model::{Arg, Form, Method, Service};
use crate::names::Names;

/// The struct, and its implementations.
pub(super) fn client(service: &Service, names: &Names) -> (TokenStream, TokenStream) {
    if !service.client {
        return (TokenStream::new(), TokenStream::new());
    }
    let Names {
        client,
        service: trait_name,
        vis,
        ..
    } = names;
    let own = names
        .each(service)
        .map(|(_, method, marker)| own(method, marker, names));
    let forwarded = service.methods.iter().map(forwarded);
    let start = start(names);
    let impls = quote! {
        impl #client {
            #start
            #(#own)*
        }
        impl #trait_name for #client {
            #(#forwarded)*
        }
    };
    (declaration(names, vis), impls)
}

fn declaration(names: &Names, vis: &syn::Visibility) -> TokenStream {
    let Names {
        client,
        service,
        private,
        ..
    } = names;
    let docs = format!(" Calls `{service}` through a channel.");
    quote! {
        #[doc = #docs]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #[allow(dead_code)]
        #vis struct #client(#private::Stub);
    }
}

/// `new`, `with_path`, `layer` and `channel`.
pub(super) fn start(names: &Names) -> TokenStream {
    let Names { service, vis, .. } = names;
    let docs = format!(" A client of `{service}` that calls through a channel.");
    quote! {
        #[doc = #docs]
        #vis fn new(__channel: impl ::core::convert::Into<__rpcx::Channel>) -> Self {
            Self(__rpcx::Stub::new(__channel, &__INFO))
        }
        /// The same, calling another service path.
        #[must_use]
        #vis fn with_path(self, __path: impl __rpcx::Into<__rpcx::Path>) -> Self {
            Self(self.0.with_path(__path))
        }
        /// Puts a layer around the calls of this client, inside of those it has.
        #[must_use]
        #vis fn layer(self, __layer: impl __rpcx::Layer) -> Self {
            Self(self.0.layer(__layer))
        }
        /// The channel that calls go through.
        #vis fn channel(&self) -> &__rpcx::Channel {
            self.0.channel()
        }
    }
}

/// The method that a caller uses: without context, and with options.
fn own(method: &Method, marker: &Ident, names: &Names) -> TokenStream {
    let Method {
        ident,
        cfgs,
        shown,
        ret,
        ..
    } = method;
    let vis = &names.vis;
    let docs = method
        .docs
        .is_empty()
        .then(|| format!(" Calls `{}`.", method.wire))
        .into_iter();
    let parameters = parameters(method, false);
    let arguments = arguments(method);
    let key = method.args.iter().find(|arg| arg.hash).map(hash_key);
    let call = match method.oneway {
        // refuses a value behind an alias, at the alias
        true => {
            let marker = Ident::new(&marker.to_string(), ret.span());
            quote_spanned!(ret.span()=> __rpcx::call_oneway::<#marker>)
        }
        false => quote!(__rpcx::call::<#marker>),
    };
    quote! {
        #(#cfgs)* #(#shown)* #(#[doc = #docs])*
        #vis fn #ident(#parameters) -> __rpcx::Call<#ret> {
            #call(&self.0, #arguments) #key
        }
    }
}

/// At the type of the argument, which may be none that can be a key.
fn hash_key(arg: &Arg) -> TokenStream {
    let ident = &arg.ident;
    let value = match arg.form {
        Form::Owned => quote!(&#ident),
        Form::Borrowed | Form::Reference => ident.to_token_stream(),
    };
    quote_spanned!(arg.ty.span()=> .hash_value(#value))
}

fn arguments(method: &Method) -> TokenStream {
    let each = method.args.iter().map(|arg| passed(arg, method));
    match method.is_map() || method.args.is_empty() {
        true => quote!((#(#each,)*)),
        false => quote!(#(#each)*),
    }
}

/// The method of the trait: the context is the parent of the call. The future is named and not an
/// `impl Future`, which rustc would have to look through for `Send`.
fn forwarded(method: &Method) -> TokenStream {
    let Method {
        ident, cfgs, ret, ..
    } = method;
    let parameters = parameters(method, true);
    let args = method.args.iter().map(|arg| &arg.ident);
    let parent = method.context.as_ref().map(|context| {
        let context = &context.ident;
        quote!(.parent(#context))
    });
    quote! {
        #(#cfgs)*
        fn #ident(#parameters) -> __rpcx::Call<#ret> {
            Self::#ident(self #(, #args)*) #parent
        }
    }
}
