//! The options of a message as a whole.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Meta, Path};

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
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        let Meta::List(list) = &attr.meta else {
            continue;
        };
        let Ok(paths) = list
            .parse_args_with(syn::punctuated::Punctuated::<Path, syn::Token![,]>::parse_terminated)
        else {
            continue;
        };
        for path in &paths {
            let Some(last) = path.segments.last() else {
                continue;
            };
            if last.ident == "Serialize" || last.ident == "Deserialize" {
                let message = format!(
                    "`#[rpcx::message]` implements `{}` itself\nhelp: remove it from the derives",
                    last.ident
                );
                diagnostics.at(quote!(#path), message);
            }
        }
    }
}

const SERDE: &str = "`#[serde(..)]` has no effect on an rpcx message\nhelp: use `#[rpcx(name = \"..\")]`, `#[rpcx(default)]` or `#[rpcx(skip)]`, or derive serde's traits in place of `#[rpcx::message]`";
