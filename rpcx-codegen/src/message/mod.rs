//! `#[rpcx::message]`: a struct or an enum becomes a message that Go peers understand.
//!
//! The item stays as it is; implementations are added of serde's `Serialize` and
//! `Deserialize`, and of what reads and writes MessagePack without serde. The code they need is in
//! `rpcx_runtime::codec::message` and `rpcx_runtime::codec::direct`.

mod choice;
mod container;
mod direct;
mod emit;
mod enumeration;
pub mod form;
pub(crate) mod keys;
pub mod model;
pub mod schema;
mod structure;
mod this;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Item;

pub use emit::implementations;
pub(crate) use emit::{at, at_type};

use crate::diagnostics::{Diagnostics, compile_errors};
use crate::names::generated_in;

/// Expands `#[rpcx::message(attr)] item`.
///
/// Mistakes become `compile_error!` calls at the user's tokens, all in one go. The item is emitted
/// in any case, with its implementations where they can be written, so that one mistake is one error.
pub fn expand(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut item: Item = match syn::parse2(item.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let error = error.to_compile_error();
            return quote!(#item #error);
        }
    };
    let mut diagnostics = Diagnostics::new();
    let message = read(attr, &mut item, &mut diagnostics);
    let errors = compile_errors(&diagnostics.finish());
    let impls = message.map(|message| implementations(&message));
    let item = item.to_token_stream();
    quote!(#item #impls #errors)
}

/// The model of `item`, whose `#[rpcx(..)]` attributes are taken out.
pub fn read(
    attr: TokenStream,
    item: &mut Item,
    diagnostics: &mut Diagnostics,
) -> Option<model::Message> {
    generated_in(item.to_token_stream(), diagnostics);
    match item {
        Item::Struct(item) => Some(structure::message(attr, item, diagnostics)),
        Item::Enum(item) => enumeration::message(attr, item, diagnostics),
        other => {
            diagnostics.at(quote!(#other), wrong_item(other));
            None
        }
    }
}

fn wrong_item(item: &Item) -> String {
    let found = match item {
        Item::Trait(_) => "a trait",
        Item::Impl(_) => "an `impl` block",
        Item::Fn(_) => "a function",
        Item::Mod(_) => "a module",
        Item::Union(_) => "a union",
        Item::Type(_) => "a type alias",
        Item::Const(_) | Item::Static(_) => "a constant",
        _ => "something else",
    };
    let help = match item {
        Item::Trait(_) => "a trait of methods is a service: write `#[rpcx::service]`",
        _ => "put it above a `struct` with named fields",
    };
    format!("`#[rpcx::message]` goes on a struct or an enum, found {found}\nhelp: {help}")
}
