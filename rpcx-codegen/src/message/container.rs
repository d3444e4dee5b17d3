//! The options of a message as a whole.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Path};

use crate::diagnostics::Diagnostics;
use crate::parse::attributes::{self, Given, Kind, Known};
use crate::parse::names::Case;

/// What stands in `#[rpcx::message(..)]` and in `#[rpcx(..)]` above the item.
pub(super) struct Options {
    pub(super) facade: Path,
    pub(super) case: Option<Case>,
    pub(super) text: bool,
    /// The name of the type, where it has no parameters.
    pub(super) this: Option<Ident>,
}

const STRUCT: Known = Known {
    place: "a message",
    options: &[("rename_all", Kind::Text), ("crate", Kind::Text)],
    repeatable: None,
};

const ENUM: Known = Known {
    place: "an enum",
    options: &[
        ("rename_all", Kind::Text),
        ("crate", Kind::Text),
        ("text", Kind::Flag),
    ],
    repeatable: None,
};

pub(super) fn of_struct(
    attr: TokenStream,
    attrs: &mut Vec<Attribute>,
    diagnostics: &mut Diagnostics,
) -> Options {
    options(attr, attrs, &STRUCT, diagnostics)
}

pub(super) fn of_enum(
    attr: TokenStream,
    attrs: &mut Vec<Attribute>,
    diagnostics: &mut Diagnostics,
) -> Options {
    options(attr, attrs, &ENUM, diagnostics)
}

fn options(
    attr: TokenStream,
    attrs: &mut Vec<Attribute>,
    known: &Known,
    diagnostics: &mut Diagnostics,
) -> Options {
    let mut given = Vec::new();
    attributes::read(attr, known, &mut given, diagnostics);
    given.extend(attributes::take(attrs, known, diagnostics));
    foreign(attrs, diagnostics);
    let mut options = Options {
        facade: default_facade(),
        case: None,
        text: false,
        this: None,
    };
    for option in &given {
        apply(option, &mut options, diagnostics);
    }
    options
}

fn default_facade() -> Path {
    syn::parse_quote!(::rpcx)
}

fn apply(option: &Given, options: &mut Options, diagnostics: &mut Diagnostics) {
    let Some(text) = option.text() else {
        options.text |= option.name == "text";
        return;
    };
    if option.name == "crate" {
        match text.parse_with(Path::parse_mod_style) {
            Ok(path) => options.facade = path,
            Err(_) => diagnostics.at(
                text,
                "this is not a path\nhelp: write `crate = \"::path::to::rpcx\"`",
            ),
        }
        return;
    }
    options.case = Case::named(&text.value());
    if options.case.is_none() {
        let message = format!(
            "unknown case rule `{}`\nhelp: use one of `{}`",
            text.value(),
            Case::NAMES.join("`, `")
        );
        diagnostics.at(text, message);
    }
}

/// Attributes of serde, which do not work here.
pub(super) fn foreign(attrs: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) {
    attrs.retain(|attr| {
        if attr.path().is_ident("serde") {
            diagnostics.at(attr, SERDE);
            return false;
        }
        true
    });
    derived(attrs, diagnostics);
}

/// Takes serde's traits out of the derives, so that rustc does not find them implemented twice.
fn derived(attrs: &mut [Attribute], diagnostics: &mut Diagnostics) {
    let serdes = |path: &Path| {
        let last = path.segments.last();
        last.is_some_and(|last| last.ident == "Serialize" || last.ident == "Deserialize")
    };
    let mut found: Vec<Path> = Vec::new();
    let derives = attrs.iter_mut();
    for attr in derives.filter(|attr| attr.path().is_ident("derive")) {
        let Ok(paths) = attr
            .parse_args_with(syn::punctuated::Punctuated::<Path, syn::Token![,]>::parse_terminated)
        else {
            continue;
        };
        if paths.iter().any(serdes) {
            let rest = paths.iter().filter(|path| !serdes(path));
            let kept: Attribute = syn::parse_quote!(#[derive(#(#rest),*)]);
            found.extend(paths.iter().filter(|path| serdes(path)).cloned());
            attr.meta = kept.meta;
        }
    }
    let names = found.iter().filter_map(|path| path.segments.last());
    let names: Vec<String> = names.map(|last| format!("`{}`", last.ident)).collect();
    if let Some(first) = found.first() {
        let names = names.join(" and ");
        let help = "remove it from the derives; for serde's own form, remove `#[rpcx::message]`";
        let text = format!("`#[rpcx::message]` implements {names} itself\nhelp: {help}");
        diagnostics.at(quote!(#first), text);
    }
}

const SERDE: &str = "`#[serde(..)]` has no effect on an rpcx message\nhelp: use `#[rpcx(name = \"..\")]`, `#[rpcx(default)]` or `#[rpcx(skip)]`, or derive serde's traits in place of `#[rpcx::message]`";
