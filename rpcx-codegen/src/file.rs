//! A whole source file of services: the door for build scripts.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{AttrStyle, Attribute, File, Item, ItemMod, Meta, Path, Token};

use crate::{message, service, service_error};

/// A file with our attributes expanded.
#[derive(Debug, Default)]
pub struct Expanded {
    /// The items, ours expanded and all others as they were.
    pub tokens: TokenStream,
    /// What is wrong, in source order. `tokens` is of no use then.
    pub errors: Vec<syn::Error>,
    /// How many services the file has.
    pub services: usize,
}

/// Expands every `#[rpcx::service]`, `#[rpcx::message]` and `#[derive(rpcx::ServiceError)]` of a file,
/// also in modules with a body. The result is the same as that of the macros.
pub fn expand(file: &File) -> Expanded {
    let mut out = expand_part(file);
    if out.services == 0 && out.errors.is_empty() {
        let text = "the file has no service\nhelp: put `#[rpcx::service]` above a trait";
        out.errors.push(syn::Error::new(Span::call_site(), text));
    }
    out
}

/// As [`expand`], of a file that may have types alone, which the services of other files use.
pub fn expand_part(file: &File) -> Expanded {
    let mut out = Expanded::default();
    inner_attributes(&file.attrs, &mut out.errors);
    items(&file.items, &mut out);
    out
}

/// The result is included in the middle of a module, where a file's own attributes cannot stand. Its
/// documentation is left out.
fn inner_attributes(attrs: &[Attribute], errors: &mut Vec<syn::Error>) {
    for attr in attrs.iter().filter(|attr| !attr.path().is_ident("doc")) {
        let text = "an attribute of the whole file would be lost in the generated code\n\
                    help: put it on the items, or on the module that takes the code in";
        errors.push(syn::Error::new_spanned(attr, text));
    }
}

fn items(items: &[Item], out: &mut Expanded) {
    for item in items {
        match item {
            Item::Mod(
                module @ ItemMod {
                    content: Some((_, inner)),
                    ..
                },
            ) => submodule(module, inner, out),
            other => one(other, out),
        }
    }
}

fn submodule(module: &ItemMod, inner: &[Item], out: &mut Expanded) {
    let before = std::mem::take(&mut out.tokens);
    items(inner, out);
    let inner = std::mem::replace(&mut out.tokens, before);
    let ItemMod {
        attrs, vis, ident, ..
    } = module;
    let attrs = attrs.iter().cloned().map(|attr| Attribute {
        style: AttrStyle::Outer,
        ..attr
    });
    out.tokens
        .extend(quote!(#(#attrs)* #vis mod #ident { #inner }));
}

fn one(item: &Item, out: &mut Expanded) {
    let mut item = item.clone();
    let expanded = match take_attribute(&mut item) {
        Some((Ours::Service, tokens)) => {
            out.services += 1;
            service::expand(tokens, item.into_token_stream())
        }
        Some((Ours::Message, tokens)) => message::expand(tokens, item.into_token_stream()),
        None if take_derive(&mut item) => {
            let implementations = service_error::expand(item.to_token_stream());
            without_options(&mut item);
            quote!(#item #implementations)
        }
        None => {
            item.to_tokens(&mut out.tokens);
            return;
        }
    };
    collect_errors(expanded.clone(), &mut out.errors);
    out.tokens.extend(expanded);
}

/// An attribute of ours that expands an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ours {
    /// `#[rpcx::service]`
    Service,
    /// `#[rpcx::message]`
    Message,
}

fn attributes(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    Some(match item {
        Item::Const(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        Item::Mod(item) => &mut item.attrs,
        Item::Static(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Trait(item) => &mut item.attrs,
        Item::Type(item) => &mut item.attrs,
        Item::Union(item) => &mut item.attrs,
        _ => return None,
    })
}

/// Takes the first attribute of ours, as the compiler would when it expands the item.
pub fn take_attribute(item: &mut Item) -> Option<(Ours, TokenStream)> {
    let attrs = attributes(item)?;
    let index = attrs.iter().position(|attr| ours(attr.path()).is_some())?;
    let attr = attrs.remove(index);
    let tokens = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    Some((ours(attr.path())?, tokens))
}

fn ours(path: &Path) -> Option<Ours> {
    let last = path.segments.last()?;
    let from_us = path.segments.len() == 2 && path.segments[0].ident == "rpcx";
    if !from_us && path.segments.len() != 1 {
        return None;
    }
    match &*last.ident.to_string() {
        "service" => Some(Ours::Service),
        "message" => Some(Ours::Message),
        _ => None,
    }
}

/// Takes `ServiceError` out of the derives, where the generated code needs it no more.
pub fn take_derive(item: &mut Item) -> bool {
    let Some(attrs) = attributes(item) else {
        return false;
    };
    let mut found = false;
    for attr in attrs
        .iter_mut()
        .filter(|attr| attr.path().is_ident("derive"))
    {
        let Ok(derives) = attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
        else {
            continue;
        };
        let is_ours = |path: &Path| {
            path.segments
                .last()
                .is_some_and(|last| last.ident == "ServiceError")
        };
        if derives.iter().any(is_ours) {
            found = true;
            let rest = derives.iter().filter(|path| !is_ours(path));
            *attr = syn::parse_quote!(#[derive(#(#rest),*)]);
        }
    }
    found
}

/// Takes out the `#[rpcx(..)]` that only the derive understands.
fn without_options(item: &mut Item) {
    let Item::Enum(item) = item else { return };
    let kept = |attr: &Attribute| !attr.path().is_ident("rpcx");
    item.attrs.retain(kept);
    for variant in &mut item.variants {
        variant.attrs.retain(kept);
    }
}

/// Finds the `compile_error!` calls that an expansion reports its mistakes with.
fn collect_errors(tokens: TokenStream, errors: &mut Vec<syn::Error>) {
    let mut before: [Option<TokenTree>; 2] = [None, None];
    for token in tokens {
        let TokenTree::Group(group) = &token else {
            before = [before[1].take(), Some(token)];
            continue;
        };
        let call = matches!(&before, [Some(TokenTree::Ident(name)), Some(TokenTree::Punct(mark))]
            if name == "compile_error" && mark.as_char() == '!');
        match syn::parse2::<syn::LitStr>(group.stream()) {
            Ok(text) if call => errors.push(located(before[0].take(), &text)),
            _ => collect_errors(group.stream(), errors),
        }
        before = [None, None];
    }
}

/// The error of a `compile_error!` call, whose name has the span of the first token and whose text that
/// of the last.
fn located(name: Option<TokenTree>, text: &syn::LitStr) -> syn::Error {
    syn::Error::new_spanned(quote!(#name #text), text.value())
}
