//! Model to tokens. The only place where code is written; the runtime is named as
//! `::rpcx::__private` and nothing else.

mod arguments;
mod client;
mod definition;
mod describe;
mod dynamic;
mod fallback;
mod info;
mod keys;
mod lent;
mod method;
mod server;

pub(crate) use keys::checked;
pub(crate) use method::blamed;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use fallback::fallback;

use crate::model::Service;
use crate::names::Names;

/// Everything for one service, in reading order: the trait, the client, the server, and in a block
/// of its own all that needs no name.
pub(crate) fn service(service: &Service) -> TokenStream {
    let names = Names::of(service);
    let definition = definition::definition(&service.item);
    let arguments = arguments::structs(service, &names);
    let (client, client_impls) = client::client(service, &names);
    let (server, server_impls) = server::server(service, &names);
    let methods = method::markers(service, &names);
    let keys = keys::keys(service);
    let info = info::service(service, &names);
    let described = describe::describe(service, &names);
    let shared = definition::for_arc(service, &names);
    let (dynamic, dynamic_impls) = dynamic::dynamic(service, &names);
    let Names { private, allow, .. } = &names;
    quote! {
        #definition
        #client
        #server
        #dynamic
        #arguments
        #allow
        const _: () = {
            use #private::{self as __rpcx, NoForm as _};
            #info
            #described
            #(#methods)*
            #keys
            #client_impls
            #server_impls
            #shared
            #dynamic_impls
        };
    }
}
