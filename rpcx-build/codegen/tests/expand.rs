//! What the generator writes, as files to read: `expand/NAME.rs` becomes `expand/NAME.expanded.rs`.
//!
//! `UPDATE_EXPANDED=1 cargo test -p rpcx-codegen` writes them anew; the change is reviewed as a diff.

use std::path::{Path, PathBuf};
use std::{env, fs};

use rpcx_codegen::{file, lines};

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
    prettyplease::unparse(&file)
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

/// DESIGN 8: at most 60 lines for each method of a service with five.
#[test]
fn a_method_stays_within_its_budget() {
    let input = folder().join("arith.rs");
    let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
    let mut file = parsed(&input);
    file.attrs.clear();
    let own = lines(&prettyplease::unparse(&file));
    let generated = lines(&expanded(&input)) - own;
    assert!(generated <= 5 * 60, "{generated} lines for five methods");
}

/// The macro and the build script call the same functions; this shows that the file adds nothing.
#[test]
fn a_macro_and_a_build_script_give_the_same_tokens() {
    let input = parsed(&folder().join("arith.rs"));
    let from_file = file::expand(&input);
    let [.., syn::Item::Trait(item)] = &input.items[..] else {
        panic!("the last item is the service")
    };
    let mut item = item.clone();
    item.attrs.retain(|attr| attr.path().is_ident("doc"));
    let from_macro = rpcx_codegen::service::expand(Default::default(), quote::quote!(#item));
    assert_eq!(from_file.tokens.to_string(), from_macro.to_string());
}

/// `RPCX_DEBUG_EXPAND` prints without a formatter.
#[test]
fn every_expansion_can_be_printed() {
    for input in inputs() {
        let tokens = file::expand(&parsed(&input)).tokens;
        let printed = lines::text(&tokens).unwrap_or_else(|| panic!("{}", input.display()));
        let again = syn::parse_file(&printed).unwrap();
        assert_eq!(
            prettyplease::unparse(&again),
            expanded(&input),
            "{}",
            input.display()
        );
    }
}
