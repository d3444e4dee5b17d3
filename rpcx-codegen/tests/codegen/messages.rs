//! What `#[rpcx::message]` writes, and what it says to mistakes.
//!
//! `tests/message/NAME.rs` becomes `NAME.expanded.rs`; `UPDATE_EXPANDED=1 cargo test -p rpcx-codegen`
//! writes it anew, and the change is reviewed as a diff.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;
use proptest::prelude::*;
use rpcx_codegen::message::expand;
use syn::Item;

use super::readable::{Reflection, unparse};

/// The item without its first attribute, and what stood in that.
fn split(source: &str) -> (TokenStream, TokenStream) {
    let mut item: Item = syn::parse_str(source).unwrap();
    let attrs = match &mut item {
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        other => panic!("{other:?}"),
    };
    let options = match attrs.remove(0).meta {
        syn::Meta::List(list) => list.tokens,
        _ => TokenStream::new(),
    };
    (options, quote::quote!(#item))
}

fn expanded(source: &str) -> String {
    let (attr, item) = split(source);
    let file = syn::parse2(expand(attr, item)).unwrap();
    unparse(&file, Reflection::On)
}

#[test]
fn expansions_are_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/message");
    let update = env::var_os("UPDATE_EXPANDED").is_some();
    for name in ["user", "color", "mode", "stage", "tint", "payment"] {
        let now = expanded(&fs::read_to_string(folder.join(name).with_extension("rs")).unwrap());
        let recorded = folder.join(format!("{name}.expanded.rs"));
        if update {
            fs::write(&recorded, now).unwrap();
        } else {
            assert_eq!(
                fs::read_to_string(&recorded).unwrap_or_default(),
                now,
                "{name}"
            );
        }
    }
}

/// The texts of all `compile_error!` calls in the output.
fn errors(attr: &str, item: &str) -> Vec<String> {
    let out = expand(attr.parse().unwrap(), item.parse().unwrap());
    let file: syn::File = syn::parse2(out).unwrap();
    let mut texts = Vec::new();
    for item in &file.items {
        if let Item::Macro(call) = item
            && call
                .mac
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "compile_error")
        {
            texts.push(call.mac.parse_body::<syn::LitStr>().unwrap().value());
        }
    }
    texts
}

/// Options, item and part of the one error.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "",
        "trait A {}",
        "`#[rpcx::message]` goes on a struct or an enum, found a trait",
    ),
    ("", "union U { a: u8 }", "found a union"),
    (
        "",
        "struct A { a: usize }",
        "`usize` has another size on other machines\nhelp: use `u64`",
    ),
    (
        "",
        "struct A(u8, u8);",
        "can have one field, not 2\nhelp: name the fields",
    ),
    (
        "",
        "enum E { A(u8, u8) }",
        "the variant `A` has 2 fields without names\nhelp: name them",
    ),
    (
        "",
        "enum E { A, B(Option<u8>) }",
        "`B` of nothing could not be told from another variant\nhelp: write a variant for nothing",
    ),
    (
        "",
        "enum E { A, B(()) }",
        "`B` of nothing could not be told from another variant\nhelp: write the variant without it",
    ),
    (
        "text",
        "enum E { A(u8) }",
        "`text` is for enums without data",
    ),
    (
        "",
        "enum E { A(u8), B = 3 }",
        "so a number says nothing\nhelp: remove it",
    ),
    (
        "",
        "enum E { #[rpcx(default)] A(u8), B }",
        "nil says nothing about data",
    ),
    (
        "",
        "enum E { #[rpcx(default)] A, #[rpcx(default)] B, C(u8) }",
        "two variants are the default",
    ),
    (
        "",
        "enum E { A(u8), #[rpcx(name = \"A\")] B }",
        "two variants have the name `A` on the wire: `A` and `B`",
    ),
    (
        "",
        "enum E { A { a: u8, #[rpcx(name = \"A\")] b: u8 } }",
        "two fields have the name `A` on the wire",
    ),
    ("", "enum E<T> { A(T) }", "has no parameters"),
    ("", "enum E {}", "an enum without variants has no values"),
    ("", "enum E<T> { A }", "has no parameters"),
    ("naem = \"x\"", "struct A;", "unknown option `naem`"),
    (
        "rename_all = \"UPPER\"",
        "struct A;",
        "unknown case rule `UPPER`\nhelp: use one of `PascalCase`",
    ),
    ("crate = \"1\"", "struct A;", "this is not a path"),
    ("text", "struct A;", "unknown option `text`"),
    (
        "",
        "struct A { #[rpcx(nmae = \"x\")] a: u8 }",
        "did you mean `name`?",
    ),
    (
        "",
        "struct A { #[rpcx(name = \"\")] a: u8 }",
        "cannot be empty",
    ),
    (
        "",
        "struct A { #[rpcx(skip, name = \"x\")] a: u8 }",
        "a skipped field has no name",
    ),
    (
        "",
        "struct A { #[rpcx(default = \"1+\")] a: u8 }",
        "this is not a path\nhelp: write the path of a function",
    ),
    (
        "",
        "struct A { #[rpcx(bytes, plain)] a: u8 }",
        "exclude each other",
    ),
    (
        "",
        "struct A { a_b: u8, #[rpcx(name = \"AB\")] c: u8 }",
        "two fields have the name `AB` on the wire: `a_b` and `c`",
    ),
    ("", "struct A { __: u8 }", "no letters to make a name of"),
    ("", "struct A { #[cfg(x)] a: u8 }", "cannot be conditional"),
    (
        "",
        "struct A { #[serde(default)] a: u8 }",
        "`#[serde(..)]` has no effect",
    ),
    (
        "",
        "#[derive(Clone, Serialize, Debug)] #[derive(serde::Deserialize)] struct A;",
        "implements `Serialize` and `Deserialize` itself",
    ),
    (
        "text",
        "enum E { A, #[rpcx(name = \"A\")] B }",
        "two variants have the name `A`",
    ),
    (
        "",
        "enum E { #[rpcx(default)] A, #[rpcx(default)] B }",
        "two variants are the default",
    ),
    (
        "",
        "enum E { A, #[rpcx(other)] B(u8) }",
        "the variant `B` has to hold the number that no other variant has\nhelp: write `B(i64)`",
    ),
    (
        "text",
        "enum E { A, #[rpcx(other)] B { text: String } }",
        "has to hold the text that no other variant has\nhelp: write `B(String)`",
    ),
    ("", "enum E { A, #[rpcx(other)] B }", "help: write `B(i64)`"),
    (
        "",
        "enum E { A, #[rpcx(other)] B(i64), #[rpcx(other)] C(i64) }",
        "two variants are `other`",
    ),
    (
        "",
        "enum E { #[rpcx(other)] B(i64), A }",
        "stands behind all others",
    ),
    (
        "",
        "enum E { #[rpcx(other)] B(i64) }",
        "needs a variant beside the one for everything else",
    ),
    (
        "",
        "enum E { A, #[rpcx(other, default)] B(i64) }",
        "cannot be both `default` and `other`",
    ),
    (
        "text",
        "enum E { A, #[rpcx(other, name = \"b\")] B(String) }",
        "has no name of its own",
    ),
    (
        "",
        "struct A { a: Vec<Option<Option<u8>>> }",
        "`Some(None)` of `Option<Option<u8>>` would arrive as `None`: both are nil on the wire\nhelp: use one `Option`",
    ),
    (
        "",
        "struct A { a: std::option::Option<Box<Option<String>>> }",
        "`Some(None)` of `std::option::Option<Box<Option<String>>>` would arrive",
    ),
    (
        "",
        "struct A { a: (u8, Option<()>) }",
        "`Some(())` of `Option<()>` would arrive as `None`: both are nil on the wire\nhelp: use `bool`",
    ),
];

#[test]
fn mistakes_are_named() {
    for (attr, item, text) in MISTAKES {
        let found = errors(attr, item);
        assert!(
            found.len() == 1 && found[0].contains(text),
            "{item}: {found:#?}"
        );
    }
}

#[test]
fn several_mistakes_at_once_and_the_item_remains() {
    let item = "struct A { a: usize, #[rpcx(x)] b: isize, #[rpcx(name = 5)] c: u8 }";
    let out = expand(TokenStream::new(), item.parse().unwrap()).to_string();
    assert_eq!(errors("", item).len(), 4);
    assert!(out.starts_with("struct A"));
    assert!(
        out.contains("Serialize for A"),
        "no second error about a missing implementation"
    );
}

fn tokens() -> impl Strategy<Value = String> {
    let words = [
        "struct", "enum", "A", "b", "u8", "{", "}", "(", ")", "[", "]", "<", ">", ",", ":", ";",
        "#", "=", "\"x\"", "'a", "rpcx", "name", "default", "skip", "Vec", "Option", "&", "pub",
        "where", "1", "const",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..40)
        .prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn nothing_panics(attr in tokens(), item in tokens()) {
        if let (Ok(attr), Ok(item)) = (attr.parse(), item.parse()) {
            let _ = expand(attr, item);
        }
    }

    #[test]
    fn options_never_panic(attr in tokens(), field in tokens()) {
        let item = format!("struct A {{ #[rpcx({field})] a: Vec<u8>, #[rpcx = 1] b: u8 }}");
        if let (Ok(attr), Ok(item)) = (attr.parse(), item.parse()) {
            let _ = expand(attr, item);
        }
    }
}
