//! What the generator writes for TypeScript: `go/NAME.rs` and `typescript/NAME.rs` become `typescript/NAME.ts`.
//!
//! `UPDATE_EXPANDED=1 cargo test -p rpcx-schema` writes them anew; the change is reviewed as a diff.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rpcx_codegen::file;
use rpcx_schema::typescript::{self, Module};

use crate::compiler::{compiled, folder};
use crate::properties;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn inputs() -> [PathBuf; 2] {
    ["go/store.rs", "typescript/shop.rs"].map(|name| tests().join(name))
}

fn read(text: &str, name: &str) -> Result<Module, Vec<String>> {
    let parsed = syn::parse_file(text).unwrap();
    typescript::read(&parsed, name).map_err(|errors| {
        let texts = errors.iter().map(ToString::to_string);
        texts.collect()
    })
}

fn emitted(text: &str, name: &str) -> Result<String, Vec<String>> {
    read(text, name).map(|module| typescript::render(&[module]).unwrap())
}

fn first_lines(text: &str) -> Vec<String> {
    let errors = emitted(text, "a.rs").expect_err("a mistake");
    let lines = errors.iter().filter_map(|text| text.lines().next());
    lines.map(str::to_owned).collect()
}

#[test]
fn files_are_as_recorded() {
    for input in inputs() {
        let text = fs::read_to_string(&input).unwrap();
        let errors = file::expand(&syn::parse_file(&text).unwrap()).errors;
        assert!(errors.is_empty(), "{errors:?}");
        let name = input.file_name().unwrap().to_str().unwrap();
        let now = emitted(&text, name).unwrap();
        let recorded = tests().join("typescript").join(name).with_extension("ts");
        if env::var_os("UPDATE_EXPANDED").is_some() {
            fs::write(recorded, now).unwrap();
        } else {
            assert!(
                fs::read_to_string(&recorded).ok().as_ref() == Some(&now),
                "run with UPDATE_EXPANDED=1 and review the diff of {recorded:?}"
            );
        }
    }
}

/// The files above, and 40 made at random: the compiler is started once.
#[test]
fn files_are_typescript() {
    let folder = folder("typescript-files");
    fs::write(folder.join("rpcx.ts"), typescript::RUNTIME).unwrap();
    for input in inputs() {
        let text = fs::read_to_string(&input).unwrap();
        let name = Path::new(input.file_name().unwrap()).with_extension("ts");
        fs::write(folder.join(name), emitted(&text, "a.rs").unwrap()).unwrap();
    }
    let mut runner = TestRunner::deterministic();
    let mut right = 0;
    while right < 40 {
        let text = properties::file().new_tree(&mut runner).unwrap().current();
        let parsed = syn::parse_file(&text).unwrap();
        let Ok(module) = typescript::read(&parsed, "a.rs") else {
            continue;
        };
        // after the other, which is faster
        if !file::expand(&parsed).errors.is_empty() {
            continue;
        }
        fs::write(
            folder.join(format!("random{right}.ts")),
            typescript::render(&[module]).unwrap(),
        )
        .unwrap();
        fs::write(folder.join(format!("random{right}.rs")), text).unwrap();
        right += 1;
    }
    compiled(&folder);
}

#[test]
fn all_that_has_no_form_is_reported() {
    let text = "
        #[rpcx::message] struct Loop(Option<Box<Loop>>);
        #[rpcx::service]
        trait A {
            async fn a(&self, n: i128, pair: (u8, u8)) -> rpcx::Result<Missing>;
            async fn b(&self, l: Loop) -> rpcx::Result<()>;
        }";
    assert_eq!(
        first_lines(text),
        [
            "`i128` has no form in other languages, whose integers have at most 64 bits",
            "a tuple has no form in other languages: its parts have no names",
            "the type `Missing` is not defined in this file",
            "`Loop` is itself or nothing, which has no form in TypeScript",
        ]
    );
}

#[test]
fn clashing_names_are_reported() {
    let text = "
        #[rpcx::message] struct ArithClient {}
        #[rpcx::message] struct ArithAddArgs {}
        #[rpcx::service]
        trait Arith {
            async fn add(&self, a: ArithClient, b: ArithAddArgs) -> rpcx::Result<()>;
        }";
    assert_eq!(
        first_lines(text),
        [
            "`ArithClient` is already the TypeScript name of the type `ArithClient`",
            "`ArithAddArgs` is already the TypeScript name of the type `ArithAddArgs`",
        ]
    );
}

#[test]
fn two_files_are_one_module() {
    let one = "#[rpcx::service] trait One { async fn a(&self) -> rpcx::Result<()>; }";
    let two = one.replace("One", "Two");
    let modules = [one, &two].map(|text| read(text, "a.rs").unwrap());
    let text = typescript::render(&modules).unwrap();
    assert!(
        text.contains("class OneClient") && text.contains("class TwoClient"),
        "{text}"
    );
    let modules = [("a.rs", one), ("b.rs", one)].map(|(name, text)| read(text, name).unwrap());
    let error = typescript::render(&modules).unwrap_err();
    assert!(
        error.starts_with("`OneClient` is a TypeScript name of both a.rs and b.rs"),
        "{error}"
    );
}
