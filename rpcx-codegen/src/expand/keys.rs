//! That the keys of maps in arguments and replies travel.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::message::keys::{asked, travel};
use crate::model::{Family, Method, Service};
use crate::parse::travel::{generics, last};

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
    let reply = last(&method.ret).and_then(|segment| generics(segment).next());
    let types = method.args.iter().map(|arg| &arg.ty).chain(reply);
    // under a condition a type may be there for this method alone
    let mut own = BTreeSet::new();
    let seen = match method.cfgs.is_empty() {
        true => seen,
        false => &mut own,
    };
    let cfgs = &method.cfgs;
    let checked = checked(types, seen).into_iter();
    checked.map(|one| quote!(#(#cfgs)* #one)).collect()
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
