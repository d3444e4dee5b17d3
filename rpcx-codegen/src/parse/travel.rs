//! What can be said of a type by its tokens.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{GenericArgument, Lifetime, PathArguments, PathSegment, Token, Type, TypePath};

use crate::diagnostics::Diagnostics;

/// The type without the invisible groups and parentheses that a macro may have put around it.
pub fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        other => other,
    }
}

/// The last segment of a path type.
pub fn last(ty: &Type) -> Option<&PathSegment> {
    match bare(ty) {
        Type::Path(TypePath {
            qself: None, path, ..
        }) => path.segments.last(),
        _ => None,
    }
}

/// The types between the angle brackets of a path segment.
pub fn generics(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let list = match &segment.arguments {
        PathArguments::AngleBracketed(list) => Some(&list.args),
        _ => None,
    };
    list.into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// Whether `ty` is a plain path to `name`: `u8`, `Vec<..>`, `std::vec::Vec<..>`.
pub fn is_named(ty: &Type, name: &str) -> bool {
    last(ty).is_some_and(|segment| segment.ident == name)
}

/// Whether `ty` is a path that ends with `name` and has no arguments there: `u8`, `core::primitive::u8`.
pub fn is_exactly(ty: &Type, name: &str) -> bool {
    matches!(bare(ty), Type::Path(path) if path
        .path
        .segments
        .last()
        .is_some_and(|last| last.ident == name && last.arguments.is_none()))
}

/// Whether `ty` is `()`.
pub fn is_unit(ty: &Type) -> bool {
    matches!(bare(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Where a type stands, for error texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// After the colon of an argument.
    Argument,
    /// Inside the returned `Result`.
    Reply,
    /// A field of a message.
    Field,
}

/// Reports everything in `ty` that cannot travel, whatever the types mean.
pub(crate) fn check(ty: &Type, place: Place, diagnostics: &mut Diagnostics) {
    match bare(ty) {
        Type::Path(path) => check_path(path, place, diagnostics),
        Type::Reference(reference) => check_reference(reference, place, diagnostics),
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .for_each(|ty| check(ty, place, diagnostics)),
        Type::Array(array) => check(&array.elem, place, diagnostics),
        Type::Slice(slice) => check(&slice.elem, place, diagnostics),
        other => {
            if let Some(message) = refused(other, place) {
                diagnostics.at(other, message);
            }
        }
    }
}

/// What there is in place of streams.
const STREAMS: &str = "streams are not there yet; there are pages, pushes and bytes\n\
    help: return a `Vec` and where to go on; or push with a service of one-way methods, which the other side serves; or send bytes in parts";

/// `impl Stream<Item = ..>` and the like.
fn names_stream(ty: &Type) -> bool {
    let bounds = match ty {
        Type::ImplTrait(ty) => &ty.bounds,
        Type::TraitObject(ty) => &ty.bounds,
        _ => return false,
    };
    bounds.iter().any(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            last.is_some_and(|last| last.ident == "Stream" || last.ident == "AsyncIterator")
        }
        _ => false,
    })
}

fn refused(ty: &Type, place: Place) -> Option<String> {
    if names_stream(ty) && place != Place::Field {
        return Some(STREAMS.to_owned());
    }
    let known = "the receiver must know the type to decode\nhelp: use a concrete type or an enum";
    Some(match (ty, place) {
        (Type::ImplTrait(_), Place::Argument) => {
            format!("an argument of an rpcx method cannot be `impl Trait`: {known}")
        }
        (Type::TraitObject(_), Place::Argument) => {
            format!("an argument of an rpcx method cannot be `dyn Trait`: {known}")
        }
        (Type::ImplTrait(_), Place::Reply) => {
            "an rpcx method cannot return `impl Trait`: the caller must know the type to decode\n\
             help: return a concrete type or an enum"
                .to_owned()
        }
        (Type::TraitObject(_), Place::Reply) => {
            "an rpcx method cannot return `dyn Trait`: the caller must know the type to decode\n\
             help: return a concrete type or an enum"
                .to_owned()
        }
        (Type::ImplTrait(_) | Type::TraitObject(_), Place::Field) => {
            format!("a field of an rpcx message cannot be `dyn Trait`: {known}")
        }
        (Type::Ptr(_), _) => "a pointer cannot travel: it means nothing on another machine\n\
                              help: send the value it points to"
            .to_owned(),
        (Type::FnPtr(_), _) => "a function cannot travel: its code is on this machine only\n\
                                help: send data that says what to do, such as an enum"
            .to_owned(),
        (Type::Never(_), _) => "`!` has no value that could travel\nhelp: use `()`".to_owned(),
        (Type::Infer(_), Place::Field) => return None,
        (Type::Infer(_), _) => "the types of an rpcx method must be written out".to_owned(),
        _ => return None,
    })
}

fn check_reference(reference: &syn::TypeReference, place: Place, diagnostics: &mut Diagnostics) {
    if place == Place::Reply {
        diagnostics.at(
            reference,
            "an rpcx method cannot return a reference: the reply is decoded on another machine\n\
             help: return an owned type such as `String` or `Vec<u8>`",
        );
        return;
    }
    if reference.mutability.is_some() {
        let message = match place {
            Place::Field => {
                "a field of an rpcx message cannot be `&mut`: the payload that it borrows from is not its own\n\
                 help: use an owned type, or `&'a str`"
            }
            _ => {
                "an argument of an rpcx method cannot be `&mut`: changes would not travel back\n\
                 help: return the new value"
            }
        };
        diagnostics.at(reference, message);
        return;
    }
    if let (Some(lifetime), Place::Argument) = (&reference.lifetime, place) {
        check_lifetime(lifetime, diagnostics);
    }
    check(&reference.elem, place, diagnostics);
}

fn check_lifetime(lifetime: &Lifetime, diagnostics: &mut Diagnostics) {
    if lifetime.ident != "_" {
        diagnostics.at(
            lifetime,
            format!(
                "an argument of an rpcx method cannot have the lifetime `{lifetime}`: it is borrowed from the request\n\
                 help: leave the lifetime out"
            ),
        );
    }
}

/// Reports every `Some` that would arrive as `None`: nil is all that is left of `Option<Option<T>>` and `Option<()>`.
pub fn check_options(ty: &Type, diagnostics: &mut Diagnostics) {
    match bare(ty) {
        Type::Tuple(tuple) => {
            let parts = tuple.elems.iter();
            parts.for_each(|part| check_options(part, diagnostics));
        }
        Type::Array(array) => check_options(&array.elem, diagnostics),
        Type::Slice(slice) => check_options(&slice.elem, diagnostics),
        Type::Reference(reference) => check_options(&reference.elem, diagnostics),
        ty => {
            let Some(segment) = last(ty) else { return };
            for inner in generics(segment) {
                match segment.ident == "Option" && is_nothing(inner) {
                    true => diagnostics.at(ty, some_nothing(ty)),
                    false => check_options(inner, diagnostics),
                }
            }
        }
    }
}

/// Whether a value can be nil on the wire without being inside an `Option`.
fn is_nothing(ty: &Type) -> bool {
    let Some(segment) = last(ty) else {
        return is_unit(ty);
    };
    let given: Vec<&Type> = generics(segment).collect();
    match (&*segment.ident.to_string(), &given[..]) {
        ("Option", [_]) => true,
        ("Box" | "Arc" | "Rc", [inner]) => is_nothing(inner),
        _ => false,
    }
}

fn some_nothing(ty: &Type) -> String {
    let inner = last(ty).and_then(|segment| generics(segment).next());
    let (value, help) = match inner {
        Some(inner) if is_unit(inner) => ("Some(())", "use `bool`"),
        _ => (
            "Some(None)",
            "use one `Option`, or a struct with an `Option` in it",
        ),
    };
    format!(
        "`{value}` of `{}` would arrive as `None`: both are nil on the wire\nhelp: {help}",
        text(ty)
    )
}

fn check_path(ty: &TypePath, place: Place, diagnostics: &mut Diagnostics) {
    if let Some(message) = refused_path(ty, place) {
        diagnostics.at(ty, message);
        return;
    }
    for segment in &ty.path.segments {
        let PathArguments::AngleBracketed(list) = &segment.arguments else {
            continue;
        };
        for argument in &list.args {
            match argument {
                GenericArgument::Type(ty) => check(ty, place, diagnostics),
                GenericArgument::Lifetime(lifetime) if place == Place::Argument => {
                    check_lifetime(lifetime, diagnostics);
                }
                GenericArgument::Lifetime(lifetime)
                    if place == Place::Reply && lifetime.ident != "static" =>
                {
                    let shown = text(&Type::Path(ty.clone()));
                    diagnostics.at(
                        lifetime,
                        format!(
                            "an rpcx method cannot return `{shown}`, which borrows: the reply is decoded on another machine\n\
                             help: write `'static`, or return an owned type such as `String`"
                        ),
                    );
                }
                _ => {}
            }
        }
    }
}

fn refused_path(ty: &TypePath, place: Place) -> Option<String> {
    let first = ty.path.segments.first()?;
    if ty.qself.is_none() && first.ident == "Self" && place != Place::Field {
        return Some(
            "`Self` is another type on the other side, so it cannot travel\n\
             help: name the type"
                .to_owned(),
        );
    }
    let last = ty.path.segments.last()?;
    let (size, other) = match &*last.ident.to_string() {
        "usize" => ("usize", "`u64` or `u32`"),
        "isize" => ("isize", "`i64` or `i32`"),
        "Stream" if place != Place::Field && is_stream(ty, last) => {
            return Some(STREAMS.to_owned());
        }
        _ => return None,
    };
    Some(format!(
        "`{size}` has another size on other machines\nhelp: use {other}"
    ))
}

/// `Stream<T>` or `rpcx::Stream<T>`; a `Stream` of the user's own without parameters is just a type.
fn is_stream(ty: &TypePath, last: &PathSegment) -> bool {
    let from_us = ty.path.segments.len() > 1 && ty.path.segments[0].ident == "rpcx";
    from_us || (ty.path.segments.len() == 1 && !last.arguments.is_none())
}

/// `ty` with `lifetime` wherever one was left out.
pub fn with_lifetime(ty: &Type, lifetime: &Lifetime) -> Type {
    let mut ty = ty.clone();
    fill(&mut ty, lifetime);
    ty
}

fn fill(ty: &mut Type, lifetime: &Lifetime) {
    match ty {
        Type::Group(group) => fill(&mut group.elem, lifetime),
        Type::Paren(paren) => fill(&mut paren.elem, lifetime),
        Type::Array(array) => fill(&mut array.elem, lifetime),
        Type::Slice(slice) => fill(&mut slice.elem, lifetime),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(|ty| fill(ty, lifetime)),
        Type::Reference(reference) => {
            if reference
                .lifetime
                .as_ref()
                .is_none_or(|written| written.ident == "_")
            {
                reference.lifetime = Some(lifetime.clone());
            }
            fill(&mut reference.elem, lifetime);
        }
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(list) = &mut segment.arguments {
                    fill_generics(&mut list.args, lifetime);
                }
            }
        }
        _ => {}
    }
}

fn fill_generics(list: &mut Punctuated<GenericArgument, Token![,]>, lifetime: &Lifetime) {
    for argument in list {
        match argument {
            GenericArgument::Type(ty) => fill(ty, lifetime),
            GenericArgument::Lifetime(written) if written.ident == "_" => {
                *written = lifetime.clone()
            }
            _ => {}
        }
    }
}

/// Whether the type of an argument borrows in a way that is not that of `&T`.
pub(super) fn borrowed(written: &Type) -> bool {
    let ty = match bare(written) {
        Type::Reference(reference) => bare(&reference.elem),
        ty => ty,
    };
    borrows(ty.to_token_stream())
}

fn borrows(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => matches!(punct.as_char(), '&' | '\''),
        TokenTree::Group(group) => borrows(group.stream()),
        _ => false,
    })
}

/// The type as the user would write it, for error texts.
pub fn text(ty: &Type) -> String {
    let ty = bare(ty);
    let spaced = quote!(#ty).to_string();
    let mut out = String::with_capacity(spaced.len());
    for word in spaced.split(' ') {
        let tight = out.is_empty()
            || out.ends_with(['<', '&', '(', '[', ':'])
            || word.starts_with(['<', '>', ',', ')', ']', ':', ';']);
        if !tight {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
