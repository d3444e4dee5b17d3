//! The door for macros: every function hands its tokens to `rpcx-codegen`. They are documented where
//! users meet them, in the crate `rpcx`.
#![forbid(unsafe_code)]

mod debug;

use proc_macro::TokenStream;

#[allow(missing_docs)]
#[proc_macro_attribute]
pub fn service(attr: TokenStream, item: TokenStream) -> TokenStream {
    let expansion = rpcx_codegen::service::expand(attr.into(), item.clone().into());
    debug::shown(&item, expansion.into())
}

#[allow(missing_docs)]
#[proc_macro_attribute]
pub fn message(attr: TokenStream, item: TokenStream) -> TokenStream {
    let expansion = rpcx_codegen::message::expand(attr.into(), item.clone().into());
    debug::shown(&item, expansion.into())
}

#[allow(missing_docs)]
#[proc_macro_derive(ServiceError, attributes(rpcx))]
pub fn service_error(item: TokenStream) -> TokenStream {
    let expansion = rpcx_codegen::service_error::expand(item.clone().into());
    debug::shown(&item, expansion.into())
}
