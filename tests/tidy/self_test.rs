//! The scanner finds what it is there for, and nothing else.

use super::check;
use super::source::Source;

fn found(path: &str, text: &str) -> Vec<String> {
    check(&Source::new(path, text))
}

fn in_layer(file: &str, text: &str) -> Vec<String> {
    found(&format!("rpcx-runtime/src/{file}"), text)
}

#[test]
fn a_layer_names_only_those_below_it() {
    assert_eq!(
        in_layer("connection/mod.rs", "use crate::protocol::Frame;"),
        [""; 0]
    );
    assert_eq!(
        in_layer(
            "transport/tcp.rs",
            "use std::io;\nuse crate::client::Channel;"
        ),
        ["rpcx-runtime/src/transport/tcp.rs:2: `transport` names `client`, which is above it"]
    );
}

#[test]
fn locks_are_taken_in_one_way() {
    let text = "use std::sync::PoisonError;";
    assert_eq!(in_layer("sync.rs", text), [""; 0]);
    assert_eq!(
        in_layer("connection/pending.rs", text),
        ["rpcx-runtime/src/connection/pending.rs:1: a lock is taken with `crate::sync::lock`"]
    );
}

#[test]
fn groups_are_read_over_several_lines() {
    let text =
        "use crate::{\n    error::{Error, Result},\n    server::{Server, Load},\n    codec,\n};";
    let findings = in_layer("context.rs", text);
    assert_eq!(
        findings,
        ["rpcx-runtime/src/context.rs:1: `context` names `server`, which is above it"]
    );
}

#[test]
fn paths_in_bodies_count_too() {
    let text = "fn f() { let x = crate::gateway::start(); }";
    assert_eq!(in_layer("client/call.rs", text).len(), 1);
}

#[test]
fn super_does_not_lead_around_the_layers() {
    assert_eq!(
        in_layer("codec/json.rs", "use super::super::server::Server;").len(),
        1
    );
    assert_eq!(
        in_layer("codec/mod.rs", "use super::server::Server;").len(),
        1
    );
    assert_eq!(
        in_layer("codec/mod.rs", "use super::{error, server};").len(),
        1
    );
    assert_eq!(in_layer("codec/json.rs", "use super::server;"), [""; 0]);
    assert_eq!(
        in_layer("codec/msgpack/de.rs", "use super::super::read;"),
        [""; 0]
    );
}

#[test]
fn client_and_server_stay_apart() {
    assert_eq!(
        in_layer("client/mod.rs", "use crate::server::Shared;").len(),
        1
    );
    assert_eq!(
        in_layer("server/mod.rs", "use crate::client::Call;").len(),
        1
    );
    assert_eq!(
        in_layer("in_process.rs", "use crate::{client, server};"),
        [""; 0]
    );
    assert_eq!(
        in_layer("transport/mod.rs", "use crate::protocol::Frame;").len(),
        1
    );
}

#[test]
fn the_crate_root_is_not_a_way_around() {
    let findings = in_layer("codec/mod.rs", "use crate::Context;");
    assert!(
        findings[0].contains("write the module that defines it"),
        "{findings:?}"
    );
    assert_eq!(in_layer("codec/mod.rs", "use crate::*;").len(), 1);
    assert_eq!(
        in_layer("codec/mod.rs", "use crate::__private::Call;").len(),
        1
    );
    assert_eq!(in_layer("private.rs", "pub use crate::Context;"), [""; 0]);
    assert_eq!(
        in_layer("lib.rs", "pub use crate::Context;\n#![forbid(unsafe_code)]"),
        [""; 0]
    );
    assert!(in_layer("extras.rs", "")[0].contains("no place among the layers"));
}

#[test]
fn bytes_and_values_need_no_tokio() {
    assert_eq!(
        in_layer("protocol/decode.rs", "use tokio::io::AsyncRead;").len(),
        1
    );
    assert_eq!(in_layer("codec/mod.rs", "use not_tokio::X;"), [""; 0]);
    assert_eq!(
        in_layer("transport/tcp.rs", "use tokio::io::AsyncRead;"),
        [""; 0]
    );
}

#[test]
fn comments_texts_and_tests_are_not_code() {
    let text = r##"
//! See crate::server::Server and todo!().
/* crate::server /* nested */ crate::server */
const A: &str = "crate::server \" todo!()";
const B: &str = r#"crate::server " dbg!()"#;
const C: char = '"';
fn f<'a>(x: &'a str) -> char { '\'' }
#[cfg(test)]
mod tests {
    use crate::server::Server;
}
"##;
    assert_eq!(in_layer("codec/mod.rs", text), [""; 0]);
    let after = format!("{text}use crate::server::Server;");
    assert_eq!(
        in_layer("codec/mod.rs", &after).len(),
        1,
        "code behind the tests is code"
    );
}

#[test]
fn long_files_are_found_and_their_tests_not_counted() {
    let lines = |n| "const A: u8 = 0;\n".repeat(n);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", lines(100));
    assert_eq!(found("examples/a.rs", &(lines(500) + &tests)), [""; 0]);
    let findings = found("examples/a.rs", &(lines(501) + &tests));
    assert_eq!(
        findings,
        ["examples/a.rs:1: 501 lines without its tests, 500 is the most"]
    );
}

#[test]
fn long_functions_are_found() {
    let function = |n| {
        format!(
            "\nfn long(f: fn(u8)) -> [u8; 2] {{\n{}}}\n",
            "    x();\n".repeat(n)
        )
    };
    assert_eq!(in_layer("error.rs", &function(58)), [""; 0]);
    let findings = in_layer("error.rs", &function(59));
    assert_eq!(
        findings,
        ["rpcx-runtime/src/error.rs:2: the function `long` has 61 lines, 60 is the most"]
    );
    assert_eq!(found("rpcx-codegen/src/model.rs", &function(78)), [""; 0]);
    assert_eq!(found("rpcx-codegen/src/model.rs", &function(79)).len(), 1);
    assert_eq!(in_layer("error.rs", "trait T { fn f(&self); }"), [""; 0]);
}

#[test]
fn names_that_say_nothing_are_found() {
    assert_eq!(in_layer("codec/utils.rs", "").len(), 1);
    assert_eq!(in_layer("codec/types/mod.rs", "").len(), 1);
    assert_eq!(in_layer("codec/mod.rs", "mod helpers { }").len(), 1);
    assert_eq!(in_layer("codec/mod.rs", "fn common() {}"), [""; 0]);
}

#[test]
fn features_stand_on_items() {
    let outside = "#[cfg(feature = \"tcp\")]\nmod tcp;\nconst A: bool = cfg!(feature = \"tcp\");";
    assert_eq!(in_layer("transport/mod.rs", outside), [""; 0]);
    let inside = "fn f() {\n    #[cfg(not(feature = \"tcp\"))]\n    g();\n}";
    assert_eq!(in_layer("transport/mod.rs", inside).len(), 1);
    assert_eq!(
        in_layer(
            "transport/mod.rs",
            "fn f() {\n    #[cfg(unix)]\n    g();\n}"
        ),
        [""; 0]
    );
}

#[test]
fn leftovers_are_found() {
    for leftover in [
        "fn f() { todo!() }",
        "fn f() { dbg!(1); }",
        "#[ignore]\nfn f() {}",
        "unimplemented!();",
    ] {
        assert_eq!(found("tests/it/main.rs", leftover).len(), 1, "{leftover}");
    }
    let path = concat!("// see ", "/", "home/me/x");
    assert_eq!(found("README.md", path).len(), 1);
    assert_eq!(
        found(
            "README.md",
            concat!("in frame", "/", "work/ and a", "/", "home/")
        ),
        [""; 0]
    );
    assert_eq!(
        found("rpcx-macros/src/lib.rs", "pub fn f() {}").len(),
        1,
        "no forbid"
    );
}

#[test]
fn docs_are_for_their_readers() {
    let path = "rpcx-runtime/src/error.rs";
    assert_eq!(
        found(
            path,
            "/// use rpcx::Error; [x](crate::Error) [y](https://a.b/c.md)"
        ),
        [""; 0]
    );
    assert_eq!(
        found(
            path,
            "\n/// use rpcx_runtime::Error;\n//! see [the rest](../README.md#a)"
        ),
        [
            format!("{path}:2: an example names `rpcx_runtime`, where a user writes `rpcx`"),
            format!("{path}:3: `../README.md#a` leads nowhere from rendered docs"),
        ]
    );
    assert_eq!(
        found("docs/errors.md", "see [state](state.md)"),
        ["docs/errors.md:1: `state.md` leads nowhere from rendered docs"]
    );
    assert_eq!(found("docs/fleet.md", "see [state](state.md)"), [""; 0]);
}
