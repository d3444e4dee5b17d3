//! Types with serde's own derives, as far as their names can be told from the attributes.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Fields, ItemEnum, ItemStruct, Lit, Meta, Path, Token};

use super::define::without_data;
use super::resolve::{Resolver, Seen};
use super::{Field, Kind, Missing, Other, Variant};
use rpcx_codegen::diagnostics::Diagnostics;
use rpcx_codegen::parse::attributes::docs;
use rpcx_codegen::parse::travel::is_named;

/// Whether one of serde's traits is derived.
pub(crate) fn derived(attrs: &[Attribute]) -> bool {
    let derives = attrs.iter().filter(|attr| attr.path().is_ident("derive"));
    let lists = derives.filter_map(|attr| {
        attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
            .ok()
    });
    lists.flatten().any(|path| {
        path.segments
            .last()
            .is_some_and(|last| last.ident == "Serialize" || last.ident == "Deserialize")
    })
}

pub(super) fn structure(
    item: &ItemStruct,
    resolver: &mut Resolver<'_>,
    out: &mut Diagnostics,
) -> Option<Kind> {
    let Fields::Named(_) = &item.fields else {
        if let (Fields::Unnamed(fields), 1) = (&item.fields, item.fields.len()) {
            return resolver
                .resolve(&fields.unnamed[0].ty, Seen::No, out)
                .map(Kind::Newtype);
        }
        out.at(
            &item.ident,
            "a struct of several unnamed fields has no form in other languages\nhelp: name the fields",
        );
        return None;
    };
    let all: Vec<Option<Field>> = fields(item, out)
        .into_iter()
        .map(|(wire, field)| {
            let ty = resolver.resolve(&field.ty, Seen::No, out)?;
            let may_miss = is_named(&field.ty, "Option")
                || has_default(&item.attrs)
                || has_default(&field.attrs);
            Some(Field {
                wire,
                docs: docs(&field.attrs),
                ty,
                written: resolver.written(&field.ty),
                missing: match may_miss {
                    true => Missing::Fine,
                    false => Missing::Error,
                },
            })
        })
        .collect();
    all.into_iter().collect::<Option<_>>().map(Kind::Struct)
}

/// The named fields that travel, with their names on the wire.
pub(crate) fn fields<'a>(
    item: &'a ItemStruct,
    out: &mut Diagnostics,
) -> Vec<(String, &'a syn::Field)> {
    let harmless = ["default", "deny_unknown_fields", "crate"];
    let container = options(&item.attrs, &harmless, out);
    let mut all = Vec::new();
    for field in &item.fields {
        let harmless = ["default", "skip_serializing_if", "alias"];
        let given = options(&field.attrs, &harmless, out);
        let Some(ident) = field.ident.as_ref().filter(|_| !given.skip) else {
            continue;
        };
        let name = ident.unraw().to_string();
        let renamed = given.rename.unwrap_or_else(|| match &container.rename_all {
            Some(rule) => field_name(&name, rule),
            None => name,
        });
        if all.iter().any(|(earlier, _)| *earlier == renamed) {
            out.at(ident, twice("fields", &renamed));
            continue;
        }
        all.push((renamed, field));
    }
    all
}

fn twice(what: &str, name: &str) -> String {
    format!(
        "two {what} have the name `{name}` on the wire\nhelp: give one of them another name with `#[serde(rename = \"..\")]`"
    )
}

/// The variants, with their names on the wire.
pub(crate) fn variants<'a>(
    item: &'a ItemEnum,
    out: &mut Diagnostics,
) -> Vec<(String, &'a syn::Variant)> {
    let container = options(&item.attrs, &["crate"], out);
    let mut all: Vec<(String, &syn::Variant)> = Vec::new();
    for variant in &item.variants {
        let given = options(&variant.attrs, &["alias", "other"], out);
        let name = variant.ident.unraw().to_string();
        let renamed = given.rename.unwrap_or_else(|| match &container.rename_all {
            Some(rule) => variant_name(&name, rule),
            None => name,
        });
        if all.iter().any(|(earlier, _)| *earlier == renamed) {
            out.at(&variant.ident, twice("variants", &renamed));
            continue;
        }
        all.push((renamed, variant));
    }
    all
}

/// The variants, and among them the one that takes all others.
pub(super) fn enumeration(item: &ItemEnum, out: &mut Diagnostics) -> Option<(Kind, Option<Other>)> {
    if !without_data(item, out) {
        return None;
    }
    let other = item.variants.iter().find(|one| has(&one.attrs, "other"));
    let other = other.map(|variant| Other {
        name: variant.ident.unraw().to_string(),
        docs: docs(&variant.attrs),
        kept: false,
    });
    let variants = variants(item, out).into_iter();
    let variants = variants.map(|(value, variant)| Variant {
        name: variant.ident.unraw().to_string(),
        docs: docs(&variant.attrs),
        value,
    });
    Some((Kind::Texts(variants.collect()), other))
}

#[derive(Default)]
struct Options {
    rename: Option<String>,
    rename_all: Option<String>,
    skip: bool,
}

/// `#[serde(default)]`, also with a path.
fn has_default(attrs: &[Attribute]) -> bool {
    has(attrs, "default")
}

/// Whether `#[serde(..)]` has this option.
fn has(attrs: &[Attribute], option: &str) -> bool {
    let ours = attrs.iter().filter(|attr| attr.path().is_ident("serde"));
    let lists = ours.filter_map(|attr| {
        attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .ok()
    });
    lists.flatten().any(|meta| meta.path().is_ident(option))
}

/// Reads `#[serde(..)]`. Options that change the form in a way that is not known here are reported.
fn options(attrs: &[Attribute], harmless: &[&str], out: &mut Diagnostics) -> Options {
    let mut options = Options::default();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        let Ok(list) = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else {
            continue;
        };
        for meta in list {
            let name = meta.path().get_ident().map(ToString::to_string);
            match (name.as_deref().unwrap_or_default(), value(&meta)) {
                ("rename", Some(text)) => options.rename = Some(text),
                ("rename_all", Some(text)) => options.rename_all = Some(text),
                ("skip", None) => options.skip = true,
                (name, _) if harmless.contains(&name) => {}
                (name, _) => out.at(
                    &meta,
                    format!("`#[serde({name})]` has no form in other languages\nhelp: use `#[rpcx::message]`"),
                ),
            }
        }
    }
    options
}

fn value(meta: &Meta) -> Option<String> {
    match meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// serde's rules for the names of fields, which are taken to be in snake case.
fn field_name(name: &str, rule: &str) -> String {
    let pascal: String = name.split('_').map(capitalized).collect();
    match rule {
        "PascalCase" => pascal,
        "camelCase" => uncapitalized(&pascal),
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => name.to_ascii_uppercase(),
        "kebab-case" => name.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => name.to_ascii_uppercase().replace('_', "-"),
        _ => name.to_owned(),
    }
}

/// serde's rules for the names of variants, which are taken to be in Pascal case.
fn variant_name(name: &str, rule: &str) -> String {
    let mut snake = String::new();
    for (index, c) in name.char_indices() {
        if index > 0 && c.is_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    match rule {
        "lowercase" => name.to_ascii_lowercase(),
        "UPPERCASE" => name.to_ascii_uppercase(),
        "camelCase" => uncapitalized(name),
        "snake_case" => snake,
        "PascalCase" => name.to_owned(),
        rule => field_name(&snake, rule),
    }
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

fn uncapitalized(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        assert_eq!(field_name("new_name", "camelCase"), "newName");
        assert_eq!(field_name("new_name", "kebab-case"), "new-name");
        assert_eq!(field_name("new_name", "PascalCase"), "NewName");
        assert_eq!(variant_name("NewName", "snake_case"), "new_name");
        assert_eq!(variant_name("NewName", "SCREAMING-KEBAB-CASE"), "NEW-NAME");
        assert_eq!(variant_name("NewName", "lowercase"), "newname");
    }
}
