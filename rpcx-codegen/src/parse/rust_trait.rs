//! `#[rpcx::service] trait ..`

use proc_macro2::TokenStream;
use syn::{Attribute, Item, ItemTrait, TraitItem, TraitItemFn, TypeParamBound};

use super::attributes::docs;
use super::{method, options};
use crate::diagnostics::Diagnostics;
use crate::model::{Family, Service};

/// Reads a service. What was wrong is in `diagnostics`; the service has the methods that were right.
/// `None` for something that is not a trait.
pub fn service(
    attr: TokenStream,
    item: TokenStream,
    diagnostics: &mut Diagnostics,
) -> Option<Service> {
    let mut item = match syn::parse2::<Item>(item) {
        Ok(Item::Trait(item)) => item,
        Ok(other) => {
            not_a_trait(&other, diagnostics);
            return None;
        }
        Err(error) => {
            diagnostics.syntax(error);
            return None;
        }
    };
    let options = options::service(attr, diagnostics);
    if let Some(function) = rewritten(&item) {
        diagnostics.at(
            &function.sig.ident,
            format!("`#[async_trait]` stands above `#[rpcx::service]`, and {NOT_NEEDED}"),
        );
        return None;
    }
    attributes(&mut item, diagnostics);
    header(&item, diagnostics);
    let mut methods = Vec::new();
    let mut any = false;
    for part in &mut item.items {
        match part {
            TraitItem::Fn(function) => {
                any = true;
                methods.extend(method::read(function, &options, diagnostics));
            }
            other => {
                any = true;
                associated(other, diagnostics);
            }
        }
    }
    let name = &item.ident;
    // a service of a `.proto` file may be there for later versions of it
    if !any && options.codecs.first != Family::Protobuf {
        diagnostics.at(name, format!("the rpcx service `{name}` has no methods"));
    }
    Some(Service {
        path: match &options.name {
            Some(name) => name.value(),
            None => syn::ext::IdentExt::unraw(name).to_string(),
        },
        docs: docs(&item.attrs),
        version: options.version,
        client: options.client,
        dynamic: options.dynamic,
        server: options.server,
        facade: options.facade,
        methods,
        item,
    })
}

const NOT_NEEDED: &str = "is not needed: the methods of an rpcx service are `async fn` as they stand\n\
    help: remove it here and from the implementations";

/// A method as `#[async_trait]` leaves it, if that has seen the trait first.
fn rewritten(item: &ItemTrait) -> Option<&TraitItemFn> {
    item.items.iter().find_map(|part| match part {
        TraitItem::Fn(function) => {
            let mut lifetimes = function.sig.generics.lifetimes();
            let own = |lifetime: &syn::LifetimeParam| lifetime.lifetime.ident == "async_trait";
            lifetimes.any(own).then_some(function)
        }
        _ => None,
    })
}

fn not_a_trait(item: &Item, diagnostics: &mut Diagnostics) {
    let (what, at): (_, &dyn quote::ToTokens) = match item {
        Item::Impl(item) => ("an `impl` block", &item.impl_token),
        Item::Struct(item) => ("a struct", &item.struct_token),
        Item::Enum(item) => ("an enum", &item.enum_token),
        Item::Fn(item) => ("a function", &item.sig.fn_token),
        Item::Mod(item) => ("a module", &item.mod_token),
        other => ("another item", other),
    };
    diagnostics.at(
        at,
        format!(
            "`#[rpcx::service]` goes on a trait, found {what}\n\
             help: declare the methods in a trait and implement the trait for your type"
        ),
    );
}

/// Reports attributes that do not go with ours, and takes them out: what they would expand to is of
/// no interest any more.
fn attributes(item: &mut ItemTrait, diagnostics: &mut Diagnostics) {
    let name = &item.ident;
    item.attrs.retain(|attr| {
        let message = if is_ours(attr) {
            format!("`#[rpcx::service]` stands twice on `{name}`")
        } else if attr.path().is_ident("rpcx") {
            "the options of a service stand in `#[rpcx::service(..)]`".to_owned()
        } else if attr
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "async_trait")
        {
            format!("`#[async_trait]` {NOT_NEEDED}")
        } else {
            return true;
        };
        diagnostics.at(attr, message);
        false
    });
}

fn is_ours(attr: &Attribute) -> bool {
    let path: Vec<_> = attr
        .path()
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    matches!(
        path.iter().map(String::as_str).collect::<Vec<_>>()[..],
        ["service"] | ["rpcx", "service"]
    )
}

fn header(item: &ItemTrait, diagnostics: &mut Diagnostics) {
    if let Some(token) = &item.unsafety {
        diagnostics.at(
            token,
            "an rpcx service cannot be an `unsafe` trait: a remote caller cannot promise anything",
        );
    }
    if let Some(token) = &item.modifiers.auto_token {
        diagnostics.at(
            token,
            "an rpcx service cannot be an `auto` trait: it has methods",
        );
    }
    if !item.generics.params.is_empty() {
        diagnostics.at(
            &item.generics.params,
            "an rpcx service cannot be generic: the names on the wire are fixed\n\
             help: declare one trait per message type, or send an enum",
        );
    }
    if let Some(clause) = &item.generics.where_clause {
        diagnostics.at(clause, "an rpcx service cannot have a `where` clause: the generated client could not promise it");
    }
    // Those that each service has may be written, as other frameworks want them.
    let others = item
        .supertraits
        .iter()
        .filter(|bound| own_bound(bound).is_none());
    for bound in others {
        diagnostics.at(
            bound,
            "an rpcx service cannot have supertraits: the generated client could not implement them\n\
             help: `Send + Sync + 'static` is added for you; put other bounds on your own type",
        );
    }
}

/// Which of the bounds that each service has this is.
pub(crate) fn own_bound(bound: &TypeParamBound) -> Option<&'static str> {
    let path = match bound {
        TypeParamBound::Lifetime(lifetime) => {
            return (lifetime.ident == "static").then_some("static");
        }
        TypeParamBound::Trait(bound) if bound.maybe.is_none() => &bound.path,
        _ => return None,
    };
    let names: Vec<String> = path
        .segments
        .iter()
        .map(|one| one.ident.to_string())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ([name] | ["std" | "core", "marker", name]) = names[..] else {
        return None;
    };
    ["Send", "Sync"].into_iter().find(|own| *own == name)
}

fn associated(item: &TraitItem, diagnostics: &mut Diagnostics) {
    match item {
        TraitItem::Type(item) => diagnostics.at(
            &item.ident,
            "an rpcx service cannot have associated types: the types on the wire are fixed",
        ),
        TraitItem::Const(item) => {
            diagnostics.at(
                &item.ident,
                "an rpcx service cannot have associated constants",
            );
        }
        TraitItem::Macro(item) => {
            diagnostics.at(
                item,
                "an rpcx service cannot have macro calls: its methods must be known here",
            );
        }
        other => diagnostics.at(other, "an rpcx service has methods only"),
    }
}
