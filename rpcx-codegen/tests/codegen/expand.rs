//! What the generator writes, as files to read: `expand/NAME.rs` becomes `expand/NAME.expanded.rs`.
//!
//! `UPDATE_EXPANDED=1 cargo test -p rpcx-codegen` writes them anew; the change is reviewed as a diff.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use rpcx_codegen::{file, lines};
use syn::parse::Parser;
use syn::{Attribute, Item};

use super::readable::{Reflection, unparse};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand")
}

fn inputs() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut inputs: Vec<_> = entries
        .filter(|path| !path.to_str().unwrap().ends_with(".expanded.rs"))
        .collect();
    inputs.sort();
    inputs
}

fn parsed(path: &Path) -> syn::File {
    syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap()
}

fn expanded(path: &Path) -> String {
    expanded_with(path, Reflection::On)
}

fn expanded_with(path: &Path, reflection: Reflection) -> String {
    let out = file::expand(&parsed(path));
    let errors: Vec<_> = out
        .errors
        .iter()
        .map(ToString::to_string)
        .filter(|text| !text.starts_with("the file has no service"))
        .collect();
    assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    let file =
        syn::parse2(out.tokens).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    unparse(&file, reflection)
}

#[test]
fn expansions_are_as_recorded() {
    let update = env::var_os("UPDATE_EXPANDED").is_some();
    let mut stale = Vec::new();
    for input in inputs() {
        let recorded = input.with_extension("expanded.rs");
        let now = expanded(&input);
        if update {
            fs::write(&recorded, now).unwrap();
        } else if fs::read_to_string(&recorded).ok().as_ref() != Some(&now) {
            stale.push(recorded);
        }
    }
    assert!(
        stale.is_empty(),
        "run with UPDATE_EXPANDED=1 and review the diff of {stale:?}"
    );
}

/// DESIGN 8: at most 60 lines for each method of a service with five, beside what describes them.
#[test]
fn a_method_stays_within_its_budget() {
    let input = folder().join("arith.rs");
    let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
    let mut file = parsed(&input);
    file.attrs.clear();
    let own = lines(&prettyplease::unparse(&file));
    let generated = lines(&expanded_with(&input, Reflection::Off)) - own;
    assert!(generated <= 5 * 60, "{generated} lines for five methods");
}

/// The same for a large service, where what a service has once weighs nothing.
#[test]
fn a_hundred_methods_stay_within_their_budget() {
    let methods: String = (0..100)
        .map(|number| {
            format!("async fn m{number}(&self, a: i32, user: &User) -> rpcx::Result<User>;\n")
        })
        .collect();
    let file = format!("#[rpcx::service]\npub trait Many {{\n{methods}}}\n");
    let tokens = file::expand(&syn::parse_file(&file).unwrap()).tokens;
    let text = prettyplease::unparse(&syn::parse2(tokens).unwrap());
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 100 * 60, "{lines} lines for a hundred methods");
}

/// What the macros give for a file, in the way of rustc: each attribute gets its arguments and the item
/// without it, and the derive gets the item without derives.
fn by_macros(items: &[Item]) -> TokenStream {
    items.iter().map(by_macro).collect()
}

fn by_macro(item: &Item) -> TokenStream {
    let mut item = item.clone();
    let attrs = match &mut item {
        Item::Mod(module) => {
            let (_, items) = module.content.take().unwrap();
            let (vis, ident, inner) = (&module.vis, &module.ident, by_macros(&items));
            return quote!(#vis mod #ident { #inner });
        }
        Item::Trait(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        other => return other.to_token_stream(),
    };
    let of_ours = |attr: &Attribute| {
        let path = attr.path().to_token_stream().to_string();
        ["rpcx :: service", "rpcx :: message"].contains(&&*path)
    };
    if let Some(index) = attrs.iter().position(of_ours) {
        let attr = attrs.remove(index);
        let options = match &attr.meta {
            syn::Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        return match attr.path().segments[1].ident == "service" {
            true => rpcx_codegen::service::expand(options, item.into_token_stream()),
            false => rpcx_codegen::message::expand(options, item.into_token_stream()),
        };
    }
    match &item {
        Item::Enum(errors) if errors.attrs.iter().any(is_error_derive) => by_derive(errors.clone()),
        _ => item.into_token_stream(),
    }
}

fn is_error_derive(attr: &Attribute) -> bool {
    let text = attr.to_token_stream().to_string();
    text.starts_with("# [derive") && text.contains("ServiceError")
}

/// The item, of which rustc ignores the options by then, and what the derive adds to it.
fn by_derive(mut item: syn::ItemEnum) -> TokenStream {
    let mut given = item.clone();
    given.attrs.retain(|attr| !attr.path().is_ident("derive"));
    let added = rpcx_codegen::service_error::expand(given.into_token_stream());
    let options = |attr: &Attribute| !attr.path().is_ident("rpcx");
    item.attrs.retain(options);
    for variant in &mut item.variants {
        variant.attrs.retain(options);
    }
    for attr in item.attrs.iter_mut().filter(|attr| is_error_derive(attr)) {
        let text = attr.to_token_stream().to_string();
        let rest = text
            .replace(", rpcx :: ServiceError", "")
            .replace("rpcx :: ServiceError", "");
        *attr = Attribute::parse_outer.parse_str(&rest).unwrap().remove(0);
    }
    quote!(#item #added)
}

/// The files whose expansions are recorded here and elsewhere.
fn every_input() -> Vec<PathBuf> {
    let tests = folder().join("..");
    let mut all = inputs();
    all.extend(["color", "mode", "user"].map(|name| tests.join(format!("message/{name}.rs"))));
    all.push(tests.join("../../rpcx-schema/tests/go/store.rs"));
    all.push(tests.join("../../tests/interop/generated/forms.rs"));
    all.push(tests.join("../../tests/packages/hygiene/arith.rs"));
    all.push(tests.join("../../examples/from-trait/service/arith.rs"));
    all
}

/// The macro and the build script call the same functions; this shows that the file adds nothing.
#[test]
fn a_macro_and_a_build_script_give_the_same_tokens() {
    let every = every_input();
    assert!(every.len() >= 13, "{every:?}");
    for path in every {
        let input = parsed(&path);
        let from_file = file::expand(&input).tokens.to_string();
        let from_macros = by_macros(&input.items).to_string();
        assert!(
            !from_file.contains("# [rpcx"),
            "{}: {from_file}",
            path.display()
        );
        assert_eq!(from_file, from_macros, "{}", path.display());
    }
}

/// `RPCX_DEBUG_EXPAND` prints without a formatter.
#[test]
fn every_expansion_can_be_printed() {
    for input in inputs() {
        let tokens = file::expand(&parsed(&input)).tokens;
        let printed = lines::text(&tokens).unwrap_or_else(|| panic!("{}", input.display()));
        let again = syn::parse_file(&printed).unwrap();
        assert_eq!(
            unparse(&again, Reflection::On),
            expanded(&input),
            "{}",
            input.display()
        );
    }
}
