//! Whatever a user's items are called: names of generated code stay out of their way, or the name is refused.
//!
//! The names are all those that generated code has in it, so that a new one is tried with the next run.
//! `tests/packages/accepted/every_name.rs` uses every one of them in every place where a user can choose a name, and is
//! compiled with the other files there. `UPDATE_EXPANDED=1 cargo test -p rpcx-codegen` writes it anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::{TokenStream, TokenTree};
use rpcx_codegen::names::RESERVED;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// What is written in generated code, as it can be written by a user: keywords are raw.
fn names() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["expand", "message"] {
        for entry in fs::read_dir(tests().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.to_str().unwrap().ends_with(".expanded.rs") {
                let text = fs::read_to_string(&path).unwrap();
                idents(text.parse().unwrap(), &mut found);
            }
        }
    }
    let written = |name: String| {
        let plain = name.trim_start_matches("r#").to_owned();
        let raw = format!("r#{plain}");
        let fits = |name: &String| syn::parse_str::<syn::Ident>(name).is_ok();
        // `self` and the like have no raw form
        Some(plain)
            .filter(fits)
            .or_else(|| Some(raw).filter(|raw| !raw.ends_with("self") && fits(raw)))
    };
    let mut names: BTreeSet<String> = found.into_iter().filter_map(written).collect();
    for reserved in ["r#Self", "r#super", "r#crate", "r#self"] {
        names.remove(reserved);
    }
    // not in the samples, and used by the runtime's side of the code
    names.extend(["channel", "path", "method", "args", "context", "reply"].map(str::to_owned));
    names
}

fn idents(tokens: TokenStream, out: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                out.insert(name.to_string());
            }
            TokenTree::Group(group) => idents(group.stream(), out),
            _ => {}
        }
    }
}

fn refused(text: &str) -> bool {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let errors = rpcx_codegen::file::expand(&file).errors;
    let of_the_name = |error: &syn::Error| {
        let text = error.to_string();
        text.contains("generated code uses the name")
            || text.contains("is also a function of the generated")
    };
    errors.iter().any(of_the_name)
}

/// The names that no service, message or error has to refuse.
fn free(kind: impl Fn(&str) -> String) -> Vec<String> {
    let names = names().into_iter();
    names.filter(|name| !refused(&kind(name))).collect()
}

fn a_method(name: &str) -> String {
    format!("#[rpcx::service] trait Svc {{ async fn {name}(&self) -> rpcx::Result<()>; }}")
}

fn an_argument(name: &str) -> String {
    format!("#[rpcx::service] trait Svc {{ async fn f(&self, {name}: u8) -> rpcx::Result<()>; }}")
}

fn a_field(name: &str) -> String {
    format!("#[rpcx::message] struct Msg {{ {name}: u8 }} #[rpcx::service] trait Svc {{}}")
}

fn a_variant(name: &str) -> String {
    format!("#[rpcx::message(text)] enum Msg {{ {name} }} #[rpcx::service] trait Svc {{}}")
}

#[test]
fn only_names_with_two_underscores_are_refused() {
    for kind in [a_method, an_argument, a_field, a_variant] {
        for name in names() {
            let ours = name.starts_with("__") || RESERVED.contains(&&*name);
            assert!(ours || !refused(&kind(&name)), "{}", kind(&name));
        }
    }
    for name in ["__rpcx", "__T", "__field12", "__value"] {
        assert!(
            refused(&an_argument(name)) && refused(&a_field(name)),
            "{name}"
        );
    }
    // markers make way for them
    for text in [
        "#[rpcx::service] trait A { async fn t(&self) -> rpcx::Result<()>; async fn INFO(&self, a: u8) -> rpcx::Result<()>; }",
        "#[rpcx::service] trait A { async fn user(&self, a: __User) -> rpcx::Result<__User>; }",
    ] {
        assert!(!refused(text), "{text}");
    }
}

/// Names inside of what is generated for.
fn inside() -> String {
    let mut out = String::from(
        "    #[rpcx::service(dyn, rename_methods = \"none\", rename_args = \"none\")]\n    pub trait Svc {\n",
    );
    for name in free(a_method) {
        out.push_str(&format!("async fn {name}(&self) -> rpcx::Result<u8>; "));
    }
    let mut arguments = free(an_argument);
    arguments.retain(|name| !["Ok", "Err", "Some", "None"].contains(&&**name));
    for (index, some) in arguments.chunks(12).enumerate() {
        let args: Vec<String> = some.iter().map(|name| format!("{name}: u8")).collect();
        let args = args.join(", ");
        out.push_str(&format!(
            "        async fn with_arguments_{index}(&self, {args}) -> rpcx::Result<u8>;\n"
        ));
    }
    out.push_str("    }\n    #[rpcx::message(rename_all = \"none\")]\n    pub struct Fields {\n");
    for name in free(a_field) {
        out.push_str(&format!("pub {name}: u8, "));
    }
    out.push_str("    }\n    #[rpcx::message(text)]\n    pub enum Texts {\n");
    for name in free(a_variant) {
        out.push_str(&format!("{name}, "));
    }
    out.push_str("    }\n    #[derive(Debug, rpcx::ServiceError)]\n    pub enum Errors {\n");
    for (code, some) in free(a_field).chunks(12).enumerate() {
        let fields: Vec<String> = some.iter().map(|name| format!("{name}: u8")).collect();
        let shown = some[0].trim_start_matches("r#");
        let (name, fields) = (&some[0], fields.join(", "));
        out.push_str(&format!("        #[rpcx(code = {code}, message = \"{{{shown}}}\")]\n        {name} {{ {fields} }},\n"));
    }
    out + "        #[rpcx(other)]\n        TheRest(rpcx::Error),\n    }\n"
}

/// What is generated for, with names that the samples and the names around do not share.
const SAMPLE: &str = r#"
    #[rpcx::service(dyn)]
    pub trait Svc {
        async fn none_at_all(&self) -> rpcx::Result<()>;
        async fn one_of_them(&self, ctx0: &rpcx::Context, arg1: &str) -> ::core::result::Result<u8, Failure>;
        #[rpcx(args = "SeveralArgs", reply = "C")]
        async fn several_of_them(&self, arg1: u8, #[rpcx(default)] arg2: i64) -> rpcx::Result<u8>;
        #[rpcx(oneway)]
        async fn nothing_back(&self, arg1: &[u8]) -> rpcx::Result<()>;
    }
    #[rpcx::message]
    pub struct Msg { pub field1: u8, pub field2: ::std::string::String, #[rpcx(skip)] pub field3: u8 }
    #[rpcx::message]
    pub struct Inner0(pub u64);
    #[rpcx::message]
    pub enum Num { One1 = 1, #[rpcx(default)] Two2 = 2 }
    #[rpcx::message(text)]
    pub enum Txt { One1, Two2 }
    #[derive(rpcx::ServiceError)]
    #[rpcx(wire = "json")]
    pub enum Failure {
        #[rpcx(code = 1, message = "one")]
        One1,
        #[rpcx(code = 2, message = "{0} and {1}")]
        Two2(u8, u16),
        #[rpcx(code = 3, message = "{field1}")]
        Three3 { field1: u8 },
        #[rpcx(other)]
        TheRest(rpcx::Error),
    }
    impl ::core::fmt::Debug for Failure {
        fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { loop {} }
    }
"#;

/// Names of values around what is generated for.
fn around(declare: impl Fn(&str) -> String) -> String {
    let mut written = BTreeSet::new();
    idents(SAMPLE.parse().unwrap(), &mut written);
    let ours = |name: &String| !name.starts_with("__") && !written.contains(name);
    let mut out: String = names()
        .iter()
        .filter(|name| ours(name))
        .map(|name| declare(name))
        .collect();
    out.push_str(SAMPLE);
    out
}

#[test]
fn every_name_is_tried() {
    let statics = around(|name| format!("pub static {name}: u8 = 0; "));
    let constants = around(|name| format!("pub const {name}: u8 = 0; "));
    let variants = around(|name| format!("pub use super::all::Names::{name}; "));
    let all: String = names().iter().map(|name| format!("{name}, ")).collect();
    let inside = inside();
    let now = format!(
        "//! Written by `rpcx-codegen/tests/codegen/names.rs`: every name of generated code, in every place of a user's.\n\
         #![allow(warnings)]\n\n\
         mod inside {{\n{inside}}}\n\n\
         mod statics {{\n{statics}}}\n\n\
         mod constants {{\n{constants}}}\n\n\
         mod all {{\n    pub enum Names {{\n{all}    }}\n}}\n\n\
         mod variants {{\n{variants}}}\n\n\
         fn main() {{}}\n"
    );
    let path = tests().join("../../tests/packages/accepted/every_name.rs");
    if env::var_os("UPDATE_EXPANDED").is_some() {
        fs::write(path, now).unwrap();
        return;
    }
    let recorded = fs::read_to_string(path).unwrap_or_default();
    assert!(
        now == recorded,
        "run with UPDATE_EXPANDED=1 and compile it: cargo test --test packages"
    );
}
