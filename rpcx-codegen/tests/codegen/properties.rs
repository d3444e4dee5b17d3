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

/// Name, type, attribute, and what follows the name of a variant.
type Field<'a> = (String, &'a str, &'a str, &'a str);

/// A struct or an enum whose parts are right or nearly right.
fn message() -> impl Strategy<Value = (String, String)> {
    let attr = prop_oneof![
        Just(""),
        Just("#[rpcx(name = \"N\")]"),
        Just("#[rpcx(default)]"),
        Just("#[rpcx(default = \"one\")]"),
        Just("#[rpcx(skip)]"),
        Just("#[rpcx(bytes)]"),
        Just("#[rpcx(plain)]"),
        Just("#[rpcx(nmae)]"),
        Just("#[cfg(any())]"),
    ];
    let ty = prop_oneof![
        Just("u8"),
        Just("&'a str"),
        Just("Option<Vec<u8>>"),
        Just("T"),
        Just("HashMap<String, Vec<Option<[u8; 4]>>>"),
        Just("Box<Self>"),
        Just("usize"),
        Just("fn(u8) -> (u8,)"),
        Just("(T, &'a [u8])"),
    ];
    let part = prop_oneof![
        Just(""),
        Just("= 1"),
        Just("= -5"),
        Just("(u8)"),
        Just("{ a: u8 }")
    ];
    let field = ("[a-e]|r#type|a_b", ty, attr, part);
    let shape = prop_oneof![Just("named"), Just("tuple"), Just("enum"), Just("unit")];
    let options = prop_oneof![
        Just(""),
        Just("text"),
        Just("rename_all = \"snake_case\""),
        Just("crate = \"a::b\""),
        Just("rename_all = \"UP\""),
    ];
    let fields = proptest::collection::vec(field, 0..5);
    (shape, options, fields).prop_map(|(shape, options, fields)| {
        let each = |f: &dyn Fn(&Field<'_>) -> String| fields.iter().map(f).collect::<String>();
        let item = match shape {
            "named" => {
                let fields = each(&|(name, ty, attr, _)| format!("{attr} pub {name}: {ty}, "));
                format!("#[derive(Debug)] pub struct A<'a, T: Clone, const N: usize> where T: Copy {{ {fields} }}")
            }
            "tuple" => format!("struct A<T>({});", each(&|(_, ty, attr, _)| format!("{attr} {ty}, "))),
            "enum" => {
                let variants = each(&|(name, _, attr, part)| format!("{attr} V{} {part}, ", name.trim_start_matches("r#")));
                format!("pub enum A {{ {variants} }}")
            }
            _ => "struct A;".to_owned(),
        };
        (options.to_owned(), item)
    })
}

/// An enum of errors whose parts are right or nearly right.
fn errors() -> impl Strategy<Value = String> {
    let option = prop_oneof![
        Just("code = 1, message = \"x\""),
        Just("code = -2, message = \"{a} {0} {{}}\""),
        Just("code = 3, message = \"{a:?}\""),
        Just("message = \"{b\""),
        Just("code = 4"),
        Just("other"),
        Just("other, code = 5"),
        Just("cod = 1"),
    ];
    let fields = prop_oneof![
        Just(""),
        Just("(u8)"),
        Just("(rpcx::Error)"),
        Just("(String, Vec<u8>)"),
        Just("{ a: u64 }"),
        Just("{ a: String, r#type: Option<u8> }"),
        Just("= 1"),
    ];
    let variant = ("[A-F]", option, fields)
        .prop_map(|(name, option, fields)| format!("#[rpcx({option})] {name} {fields}, "));
    let whole = prop_oneof![
        Just(""),
        Just("#[rpcx(wire = \"json\")]"),
        Just("#[rpcx(crate = \"a\")]"),
        Just("#[rpcx(wire = 1)]")
    ];
    (whole, proptest::collection::vec(variant, 0..5))
        .prop_map(|(whole, variants)| format!("{whole} pub enum E {{ {} }}", variants.concat()))
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
    fn nearly_right_messages_become_rust((options, item) in message()) {
        let out = rpcx_codegen::message::expand(options.parse().unwrap(), item.parse().unwrap());
        is_rust(out);
    }

    #[test]
    fn nearly_right_errors_become_rust(text in errors()) {
        is_rust(rpcx_codegen::service_error::expand(text.parse().unwrap()));
    }

    #[test]
    fn any_options_of_a_message(attr in soup(), field in soup()) {
        let item = quote::quote!(pub struct A { #[rpcx(#field)] pub a: Vec<u8> });
        is_rust(rpcx_codegen::message::expand(attr.clone(), item));
        let item = quote::quote!(#[rpcx(#attr)] enum E { #[rpcx(#field)] A { a: u8 }, #[rpcx(other)] B(Error) });
        is_rust(rpcx_codegen::service_error::expand(item));
    }
}
