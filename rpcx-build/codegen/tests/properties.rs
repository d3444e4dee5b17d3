//! Whatever stands below the attribute: no panic, and what comes out is Rust.

use proc_macro2::TokenStream;
use proptest::prelude::*;

/// Pieces of services, some right and some wrong.
const WORDS: [&str; 64] = [
    "trait", "A", "{", "}", "async", "fn", "f", "(", ")", "&", "self", "mut", ",", ";", ":", "->",
    "Result", "<", ">", "u8", "String", "Vec", "'a", "dyn", "impl", "Send", "+", "=", "#", "[",
    "]", "rpcx", "name", "\"x\"", "oneway", "pub", "unsafe", "auto", "const", "type", "where", "T",
    "x", "Context", "ctx", "Self", "usize", "_", "!", "*", "::", "enum", "struct", "code", "1",
    "other", "message", "default", "wrap", "cfg", "test", "doc", "new", "()",
];

fn soup() -> impl Strategy<Value = TokenStream> {
    let words = proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..60);
    words.prop_filter_map("not lexed", |words| words.join(" ").parse().ok())
}

/// A trait whose parts are right or nearly right.
fn service() -> impl Strategy<Value = String> {
    let ty = prop_oneof![
        Just("u8"),
        Just("&str"),
        Just("&[u8]"),
        Just("&User"),
        Just("Vec<u8>"),
        Just("Option<User>"),
        Just("usize"),
        Just("&mut u8"),
        Just("impl Fn()"),
        Just("Cow<'_, str>"),
        Just("(u8, [i64; 3])"),
        Just("&Context"),
    ];
    let arg = (
        "[a-c]",
        ty,
        prop_oneof![
            Just(""),
            Just("#[rpcx(default)]"),
            Just("#[rpcx(name = \"N\")]")
        ],
    );
    let args = proptest::collection::vec(arg, 0..5);
    let option = prop_oneof![
        Just(""),
        Just("oneway"),
        Just("wrap"),
        Just("reply = \"C\""),
        Just("alias = \"Z\""),
        Just("timeout = \"1s\""),
        Just("codec = \"raw\""),
        Just("spawn, blocking"),
        Just("onway"),
    ];
    let ret = prop_oneof![
        Just("-> rpcx::Result<()>"),
        Just("-> Result<u8, E>"),
        Just(""),
        Just("-> u8"),
        Just("-> Result<Vec<u8>>")
    ];
    let body = prop_oneof![Just(";"), Just("{ loop {} }")];
    let method = ("[f-i]", args, option, ret, body).prop_map(|(name, args, option, ret, body)| {
        let args: String = args
            .iter()
            .map(|(name, ty, attr)| format!(", {attr} {name}: {ty}"))
            .collect();
        format!("#[rpcx({option})] async fn {name}(&self{args}) {ret} {body}\n")
    });
    proptest::collection::vec(method, 0..5)
        .prop_map(|methods| format!("pub trait A {{ {} }}", methods.concat()))
}

fn is_rust(tokens: TokenStream) {
    let text = tokens.to_string();
    if let Err(error) = syn::parse2::<syn::File>(tokens) {
        panic!("{error} in {text}");
    }
}

proptest! {
    #[test]
    fn any_tokens(attr in soup(), item in soup()) {
        let _ = rpcx_codegen::service::expand(attr.clone(), item.clone());
        let _ = rpcx_codegen::message::expand(attr, item.clone());
        let _ = rpcx_codegen::service_error::expand(item);
    }

    #[test]
    fn any_options(attr in soup()) {
        let item = quote::quote!(trait A { async fn f(&self) -> Result<()>; });
        is_rust(rpcx_codegen::service::expand(attr, item));
    }

    #[test]
    fn nearly_right_services_become_rust(text in service()) {
        is_rust(rpcx_codegen::service::expand(TokenStream::new(), text.parse().unwrap()));
    }

    #[test]
    fn nearly_right_files_become_go_or_errors(text in service(), alias in "[A-C]") {
        let types = format!(
            "type A = B; type B = {alias}; type C = u8; type Result<T> = std::Result<T, {alias}>;"
        );
        let file = syn::parse_file(&format!("{types} #[rpcx::service] {text}")).unwrap();
        if rpcx_codegen::file::expand(&file).errors.is_empty() {
            let _ = rpcx_codegen::go::emit(&file, "a.rs", "a");
        }
    }
}
