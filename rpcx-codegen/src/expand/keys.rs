//! That the keys of maps in arguments and replies travel.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::method::value;
use crate::message::keys::{asked, travel};
use crate::message::{at, at_type};
use crate::model::{Family, Method, Service};

/// For all methods whose values travel as serde has them.
pub(super) fn keys(service: &Service) -> TokenStream {
    let mut seen = BTreeSet::new();
    let methods = service.methods.iter();
    let serde = methods.filter(|method| method.codecs.has(Family::Serde));
    serde
        .flat_map(|method| of_method(method, &mut seen))
        .collect()
}

fn of_method(method: &Method, seen: &mut BTreeSet<String>) -> Vec<TokenStream> {
    let reply = value(method);
    let types = method.args.iter().map(|arg| &arg.ty).chain(reply);
    // under a condition a type may be there for this method alone
    let mut own = BTreeSet::new();
    let seen = match method.cfgs.is_empty() {
        true => seen,
        false => &mut own,
    };
    let cfgs = &method.cfgs;
    let checked = checked(types, seen).into_iter();
    let hidden = reply.is_none().then(|| of_answer(&method.ret));
    let all = checked.chain(hidden.filter(|one| seen.insert(one.to_string())));
    all.map(|one| quote!(#(#cfgs)* #one)).collect()
}

/// The same of the value in a `Result` that is hidden by an alias.
fn of_answer(ret: &Type) -> TokenStream {
    let asked = at_type(ret.to_token_stream(), ret);
    quote_spanned!(at(ret)=> __rpcx::keys!(Answer in #asked);)
}

/// Asks for each of the types once.
pub(crate) fn checked<'a>(
    types: impl Iterator<Item = &'a Type>,
    seen: &mut BTreeSet<String>,
) -> Vec<TokenStream> {
    let asked = types.filter_map(|ty| Some((ty, asked(ty, &[])?)));
    asked
        .filter(|(_, asked)| seen.insert(asked.to_string()))
        .map(|(ty, asked)| travel(ty, &asked))
        .collect()
}
