//! The list in `#[rpcx::service(..)]` and `#[rpcx(..)]`: names, values and the errors about them.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Lit, LitStr, Token};

use super::names::similar;
use crate::diagnostics::Diagnostics;

/// What an option is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `oneway`
    Flag,
    /// `name = ".."`
    Text,
    /// `client = false`
    Bool,
    /// `code = 1001`
    Number,
    /// `default` or `default = ".."`
    OptionalText,
    /// `timeout = "500ms"`
    Time,
}

/// The options of one place.
#[derive(Debug)]
pub struct Known {
    /// `a trait`, `a method`, ..: for error texts.
    pub place: &'static str,
    /// Names and kinds.
    pub options: &'static [(&'static str, Kind)],
    /// The one option that may stand several times.
    pub repeatable: Option<&'static str>,
}

/// One option as written.
#[derive(Debug)]
pub struct Given {
    /// Its name.
    pub name: Ident,
    /// What follows `=`.
    pub value: Option<Lit>,
}

impl Given {
    /// The value of an option that is a text.
    pub fn text(&self) -> Option<&LitStr> {
        match &self.value {
            Some(Lit::Str(text)) => Some(text),
            _ => None,
        }
    }
}

/// The options in the `#[rpcx(..)]` attributes among `attrs`, which are taken out.
pub fn take(
    attrs: &mut Vec<Attribute>,
    known: &Known,
    diagnostics: &mut Diagnostics,
) -> Vec<Given> {
    let mut given = Vec::new();
    attrs.retain(|attr| {
        if !attr.path().is_ident("rpcx") {
            return true;
        }
        match &attr.meta {
            syn::Meta::List(list) => read(list.tokens.clone(), known, &mut given, diagnostics),
            other => diagnostics.at(
                other,
                "the options stand in parentheses\nhelp: write `#[rpcx(..)]`",
            ),
        }
        false
    });
    given
}

/// Reads one list of options into `given`. Options that are unknown or wrong are reported and left out.
pub fn read(
    tokens: TokenStream,
    known: &Known,
    given: &mut Vec<Given>,
    diagnostics: &mut Diagnostics,
) {
    let list = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let option = one(input)?;
            if accept(&option, known, given, diagnostics) {
                given.push(option);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = list.parse2(tokens) {
        diagnostics.syntax(error);
    }
}

fn one(input: ParseStream<'_>) -> syn::Result<Given> {
    let name = input.call(Ident::parse_any)?;
    let value = match input.parse::<Option<Token![=]>>()? {
        Some(_) => Some(input.parse::<Lit>()?),
        None => None,
    };
    Ok(Given { name, value })
}

fn accept(option: &Given, known: &Known, given: &[Given], diagnostics: &mut Diagnostics) -> bool {
    let name = option.name.to_string();
    let Some((_, kind)) = known.options.iter().find(|(known, _)| *known == name) else {
        diagnostics.at(&option.name, unknown(&name, known));
        return false;
    };
    if known.repeatable != Some(&*name) && given.iter().any(|earlier| earlier.name == name) {
        diagnostics.at(&option.name, format!("the option `{name}` is given twice"));
        return false;
    }
    let wanted = match (kind, &option.value) {
        (Kind::Flag, None)
        | (Kind::Text | Kind::Time, Some(Lit::Str(_)))
        | (Kind::Bool, Some(Lit::Bool(_)))
        | (Kind::Number, Some(Lit::Int(_)))
        | (Kind::OptionalText, None | Some(Lit::Str(_))) => return true,
        (Kind::Flag, Some(value)) => {
            diagnostics.at(
                value,
                format!("the option `{name}` takes no value\nhelp: write `{name}`"),
            );
            return false;
        }
        (Kind::Time, Some(Lit::Int(number))) => {
            let number = number.base10_digits();
            format!(
                "the unit too, in quotes: `{name} = \"{number}s\"`, `\"{number}ms\"` or `\"{number}m\"`"
            )
        }
        (Kind::Time, _) => format!("`{name} = \"500ms\"`"),
        (Kind::Text | Kind::OptionalText, Some(Lit::Int(number))) => {
            format!("`{name} = \"{}\"`", number.base10_digits())
        }
        (Kind::Text | Kind::OptionalText, _) => format!("`{name} = \"..\"`"),
        (Kind::Bool, _) => format!("`{name} = false`"),
        (Kind::Number, _) => format!("`{name} = 1`"),
    };
    match &option.value {
        Some(value) => diagnostics.at(
            value,
            format!("this is no value for `{name}`\nhelp: write {wanted}"),
        ),
        None => diagnostics.at(
            &option.name,
            format!("the option `{name}` needs a value\nhelp: write {wanted}"),
        ),
    }
    false
}

fn unknown(name: &str, known: &Known) -> String {
    let names: Vec<&str> = known.options.iter().map(|(name, _)| *name).collect();
    let place = known.place;
    match similar(name, &names) {
        Some(meant) => format!("unknown option `{name}`, did you mean `{meant}`?"),
        None if names.is_empty() => format!("unknown option `{name}`: {place} has no options"),
        None => format!(
            "unknown option `{name}`, expected one of: `{}`",
            names.join("`, `")
        ),
    }
}

/// The text of the doc comment among `attrs`, one line per comment line.
pub fn docs(attrs: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attr in attrs {
        if let syn::Meta::NameValue(pair) = &attr.meta
            && pair.path.is_ident("doc")
            && let syn::Expr::Lit(syn::ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &pair.value
        {
            let text = text.value();
            lines.push(
                text.strip_prefix(' ')
                    .unwrap_or(&text)
                    .trim_end()
                    .to_owned(),
            );
        }
    }
    lines.join("\n").trim().to_owned()
}
