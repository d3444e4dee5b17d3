//! The parameters of a method: the context, and what travels.

use syn::{Attribute, FnArg, Pat, PatType, Path, TraitItemFn, Type, TypePath};

use super::options::{self, ServiceOptions};
use super::travel::{Place, bare, check, check_options, is_named};
use crate::diagnostics::Diagnostics;
use crate::model::{Arg, Context, Form};

const MOST_ARGUMENTS: usize = 12;

/// The context and the arguments of a method; our attributes are taken out.
pub(super) fn all(
    item: &mut TraitItemFn,
    service: &ServiceOptions,
    diagnostics: &mut Diagnostics,
) -> (Option<Context>, Vec<Arg>) {
    let mut context = None;
    let mut args = Vec::new();
    let mut first = true;
    for input in &mut item.sig.inputs {
        let FnArg::Typed(input) = input else { continue };
        if is_context(input, first, service, diagnostics) {
            if let Some(ident) = plain_name(&input.pat) {
                context = Some(Context {
                    ident,
                    ty: (*input.ty).clone(),
                });
            }
        } else if let Some(arg) = argument(input, service, diagnostics) {
            if arg.hash && args.iter().any(|earlier: &Arg| earlier.hash) {
                diagnostics.at(
                    &arg.ident,
                    "two arguments are marked `hash`: one value says which node a call goes to\n\
                     help: put both into a struct that implements `rpcx::client::HashKey`",
                );
            }
            args.push(arg);
        }
        first = false;
    }
    let name = &item.sig.ident;
    if args.len() > MOST_ARGUMENTS {
        let count = args.len();
        diagnostics.at(
            &args[MOST_ARGUMENTS].ident,
            format!("an rpcx method takes at most {MOST_ARGUMENTS} arguments, `{name}` has {count}\nhelp: put them into a struct"),
        );
    }
    (context, args)
}

/// Whether this is the context parameter; a context that is passed wrongly counts as one.
fn is_context(
    input: &PatType,
    first: bool,
    service: &ServiceOptions,
    diagnostics: &mut Diagnostics,
) -> bool {
    let ty = bare(&input.ty);
    if is_ours(ty, &service.facade) && !is_context_alone(ty) {
        let at = &input.ty;
        diagnostics.at(
            at,
            "the context is passed by reference\n\
             help: write `ctx: &Context`; clone it to keep it longer than the call",
        );
        return true;
    }
    let Type::Reference(reference) = ty else {
        return false;
    };
    if !is_ours(&reference.elem, &service.facade) || reference.mutability.is_some() {
        return false;
    }
    if !first {
        diagnostics.at(
            input,
            "the context must be the first parameter after `&self`\n\
             help: for a type of your own write `&self::Context`",
        );
    }
    if plain_name(&input.pat).is_none() {
        diagnostics.at(
            &input.pat,
            "the context needs a plain name\nhelp: write `ctx: &Context`",
        );
    }
    true
}

/// `Context` without a path. By value it is a type of the user's own, if it can travel.
pub(crate) fn is_context_alone(ty: &Type) -> bool {
    match bare(ty) {
        Type::Path(TypePath {
            qself: None, path, ..
        }) => path.is_ident("Context"),
        _ => false,
    }
}

/// `Context` by itself or below the facade. Any other path leads to a type of the user's own.
fn is_ours(ty: &Type, facade: &Path) -> bool {
    let Type::Path(TypePath {
        qself: None, path, ..
    }) = bare(ty)
    else {
        return false;
    };
    let mut names = path.segments.iter().rev().map(|segment| &segment.ident);
    if names.next().is_none_or(|last| last != "Context") {
        return false;
    }
    let own = facade.segments.last().map(|segment| &segment.ident);
    names
        .next()
        .is_none_or(|module| module == "rpcx" || Some(module) == own)
}

fn plain_name(pat: &Pat) -> Option<proc_macro2::Ident> {
    match pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Some(pat.ident.clone()),
        _ => None,
    }
}

fn argument(
    input: &mut PatType,
    service: &ServiceOptions,
    diagnostics: &mut Diagnostics,
) -> Option<Arg> {
    let options = options::argument(&mut input.attrs, diagnostics);
    argument_attributes(&input.attrs, diagnostics);
    check(&input.ty, Place::Argument, diagnostics);
    check_options(&input.ty, diagnostics);
    let Some(ident) = plain_name(&input.pat) else {
        diagnostics.at(
            &input.pat,
            "an argument of an rpcx method needs a plain name: it is the name of the field on the wire",
        );
        return None;
    };
    let form = form(&input.ty);
    if let Some(bytes) = &options.bytes
        && form == Form::Reference
    {
        diagnostics.at(
            bytes,
            "`bytes` needs an argument that is passed by value, or `&[u8]`",
        );
    }
    let wire = match &options.name {
        Some(name) => name.value(),
        None => service.rename_args.apply(&ident),
    };
    if wire.is_empty() && options.name.is_none() {
        diagnostics.at(&ident, format!("the name `{ident}` is empty on the wire\nhelp: give it one with `#[rpcx(name = \"..\")]`"));
    }
    Some(Arg {
        wire,
        ty: (*input.ty).clone(),
        form,
        default: options.default.is_some(),
        bytes: options.bytes.is_some(),
        hash: options.hash.is_some(),
        ident,
    })
}

fn form(ty: &Type) -> Form {
    let Type::Reference(reference) = bare(ty) else {
        return Form::Owned;
    };
    match bare(&reference.elem) {
        Type::Slice(_) => Form::Borrowed,
        ty if is_named(ty, "str") => Form::Borrowed,
        _ => Form::Reference,
    }
}

fn argument_attributes(attrs: &[Attribute], diagnostics: &mut Diagnostics) {
    for attr in attrs {
        if attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr") {
            diagnostics.at(attr, "an argument of an rpcx method cannot have `#[cfg]`: both sides must agree on the message\nhelp: put `#[cfg]` on the method");
        } else if attr.path().is_ident("serde") {
            diagnostics.at(attr, "an argument of an rpcx method cannot have `#[serde]`\nhelp: name the field with `#[rpcx(name = \"..\")]`");
        }
    }
}
