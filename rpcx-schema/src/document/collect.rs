//! The items of a file, by what they are to us.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{DeriveInput, Item, ItemMod, Member};

use super::{Data, ErrorDefinition, Variant};
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::file::{Ours, take_attribute, take_derive};
use rpcx_codegen::model::Service;
use rpcx_codegen::parse::attributes::docs;
use rpcx_codegen::{parse, service_error};

/// What a file has.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) services: Vec<Service>,
    pub(crate) types: Vec<Candidate>,
    pub(crate) errors: Vec<ErrorDefinition>,
}

/// A type, not looked into yet.
pub(crate) struct Candidate {
    pub(crate) ident: Ident,
    /// What tells it from those of other files: its name, or `file::Name`.
    pub(crate) id: String,
    /// The file that it stands in.
    pub(crate) home: usize,
    pub(crate) item: Item,
    /// What stands in `#[rpcx::message(..)]`, if the type has that.
    pub(crate) message: Option<TokenStream>,
}

/// Collects the items, also those in modules with a body.
pub(crate) fn collect(items: &[Item], diagnostics: &mut Diagnostics) -> Found {
    let mut found = Found::default();
    walk(items, &mut found, diagnostics);
    found
}

fn walk(items: &[Item], found: &mut Found, diagnostics: &mut Diagnostics) {
    for item in items {
        if let Item::Mod(ItemMod {
            content: Some((_, inner)),
            ..
        }) = item
        {
            walk(inner, found, diagnostics);
        } else {
            one(item.clone(), found, diagnostics);
        }
    }
}

fn one(mut item: Item, found: &mut Found, diagnostics: &mut Diagnostics) {
    let message = match take_attribute(&mut item) {
        Some((Ours::Service, tokens)) => {
            let service = parse::service(tokens, item.into_token_stream(), diagnostics);
            found.services.extend(service);
            return;
        }
        Some((Ours::Message, tokens)) => Some(tokens),
        None if take_derive(&mut item) => {
            found.errors.extend(error(item, diagnostics));
            return;
        }
        None => None,
    };
    let ident = match &item {
        Item::Struct(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return,
    };
    if found.types.iter().any(|other| other.ident == *ident) {
        let text = format!(
            "two types of this file have the name `{ident}`, and other languages have no modules to tell them apart\n\
             help: give one of them another name"
        );
        diagnostics.at(ident, text);
        return;
    }
    found.types.push(Candidate {
        ident: ident.clone(),
        id: ident.to_string(),
        home: 0,
        item,
        message,
    });
}

fn error(item: Item, diagnostics: &mut Diagnostics) -> Option<ErrorDefinition> {
    let Item::Enum(item) = item else { return None };
    let input: DeriveInput = syn::parse2(item.to_token_stream()).ok()?;
    let model = service_error::read(input, diagnostics)?;
    let json = model.json;
    let data = model.variants.iter().map(data).collect();
    let variants = model.variants.into_iter().map(|variant| Variant {
        docs: item
            .variants
            .iter()
            .find(|written| written.ident == variant.ident)
            .map_or_else(String::new, |written| docs(&written.attrs)),
        name: variant.ident.unraw().to_string(),
        value: variant.code,
    });
    Some(ErrorDefinition {
        id: item.ident.to_string(),
        home: 0,
        docs: docs(&item.attrs),
        variants: variants.collect(),
        data,
        json,
        ident: item.ident,
    })
}

/// Several fields, and one with a name, travel in a map.
fn data(variant: &service_error::Variant) -> Data {
    let is_map = variant.named || variant.fields.len() > 1;
    let fields = variant.fields.iter().map(|field| {
        let name = match &field.member {
            Member::Named(name) => name.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        };
        (is_map.then_some(name), field.ty.clone())
    });
    Data::Written(fields.collect())
}
