//! `rpcx list` and `rpcx describe`, and what is made of them: suggestions and completions.

use std::process::Command;

use rpcx::services::RawPayload;
use rpcx::{Codec, Server};

use crate::peers::{
    ArithServer, Calculator, go_server, rust_server, rust_server_without_reflection, serve,
};
use crate::run::{program, rpcx};

const DOCUMENT: &str = r##"{
  "services": [{"name": "Arith", "docs": "Arithmetic.\nAnd more.", "version": "1.2", "methods": [
    {"name": "Mul", "docs": "The product\u001b[31m.", "args": {"$ref": "#/$defs/Args"}, "reply": {"$ref": "#/$defs/Reply"},
     "idempotent": true, "one_way": false, "codecs": ["msgpack", "json"], "errors": [{"code": 7, "name": "Overflow", "docs": "It does not fit."}]},
    {"name": "Say", "docs": "", "args": {"type": "string"}, "reply": {"type": "string"}, "idempotent": false, "one_way": false, "codecs": [], "errors": []}
  ]}],
  "$defs": {
    "Args": {"type": "object", "properties": {"A": {"type": "integer", "format": "int64", "description": "The first."}, "B": {"type": "integer", "format": "int64"}}},
    "Reply": {"type": "object", "properties": {"C": {"type": "integer", "format": "int64"}}},
    "Unused": {"type": "boolean"}
  }
}"##;

/// A server that describes itself like this.
fn described() -> String {
    let answer = || async { Ok(RawPayload::new(Codec::JSON, DOCUMENT)) };
    let server = Server::builder().register(ArithServer::new(Calculator));
    serve(
        server
            .without_reflection()
            .handle("Reflection", "Describe", move |_, _| answer()),
    )
}

#[test]
fn names_are_lines_in_a_pipe() {
    let at = described();
    let ran = rpcx(&["list", &at]);
    assert_eq!(
        (ran.code, &*ran.out, &*ran.err),
        (Some(0), "Arith.Mul\nArith.Say\n", "")
    );
    let json = rpcx(&["list", &at, "--json"]);
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        document["services"][0]["methods"][0]["errors"][0]["code"],
        7
    );
    assert_eq!(document["$defs"]["Args"]["type"], "object");
}

#[test]
fn a_method_is_described_with_types_and_a_sample() {
    let at = described();
    let ran = rpcx(&["describe", &at, "Arith.Mul"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for text in [
        "Arith 1.2\n",
        "Arith.Mul(Args) -> Reply idempotent",
        "The product\u{fffd}[31m.",
        "error 7 Overflow It does not fit.",
        "in msgpack, json",
        "\nArgs\n  A  int64  The first.\n  B  int64",
        "\nReply\n  C  int64",
        &format!("$ rpcx call {at} Arith.Mul '{{\"A\":1,\"B\":1}}'"),
    ] {
        assert!(ran.out.contains(text), "no {text:?} in {}", ran.out);
    }
    assert!(
        !ran.out.contains("Unused") && !ran.out.contains("Say"),
        "{}",
        ran.out
    );
    let sample = ran
        .out
        .lines()
        .find_map(|line| line.strip_prefix("$ rpcx "))
        .unwrap();
    let line = format!("{} {sample}", env!("CARGO_BIN_EXE_rpcx"));
    let copied = Command::new("sh").args(["-c", &line]).output().unwrap();
    assert_eq!(
        copied.stdout, b"{\"C\":1}\n",
        "the sample is a call that works"
    );
    let all = rpcx(&["describe", &at]).out;
    assert!(all.contains("Arith.Say(string) -> string"), "{all}");
}

#[test]
fn names_that_are_not_there_are_told_with_those_that_are() {
    let at = described();
    let ran = rpcx(&["describe", &at, "Arith.Mull"]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.err.contains("is `Arith.Mul` meant?"), "{ran:?}");
    let ran = rpcx(&["call", &at, "arith.mul", "{}"]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.err.contains("is `Arith.Mul` meant?"), "{ran:?}");
    let ran = rpcx(&["call", &at, "Billing.Charge", "{}"]);
    assert!(ran.err.contains("there are Arith"), "{ran:?}");
}

#[test]
fn servers_that_say_nothing_are_told_so() {
    let silent = rpcx(&["list", &rust_server_without_reflection()]);
    assert_eq!(silent.code, Some(4), "{silent:?}");
    assert!(
        silent.err.contains("does not say") && silent.err.contains("plugin"),
        "{silent:?}"
    );
    let url = rpcx(&["list", "static://127.0.0.1:1"]);
    assert_eq!(url.code, Some(2), "{url:?}");
    assert!(url.err.contains("name a service"), "{url:?}");
    assert_eq!(rpcx(&["list", "127.0.0.1:1"]).code, Some(3));
    let Some(go) = go_server() else { return };
    assert_eq!(rpcx(&["list", &go.address]).code, Some(4));
}

#[test]
fn through_a_registry_a_server_of_the_service_is_asked() {
    let url = format!("static://{}", described());
    let ran = rpcx(&["describe", &url, "Arith.Mul"]);
    assert!(ran.out.contains("Arith.Mul(Args) -> Reply"), "{ran:?}");
}

#[test]
fn a_server_in_go_says_names() {
    let text = "package main\n\ntype Arith struct{}\n\ntype (s *Arith) Mul(ctx context.Context, arg *Args, reply *Reply) error {\n\treturn nil\n}\n";
    let json = serde_json::to_vec(text).unwrap();
    let server =
        Server::builder()
            .without_reflection()
            .handle("Reflection", "GetServices", move |_, _| {
                let json = json.clone();
                async move { Ok(RawPayload::new(Codec::JSON, json)) }
            });
    let at = serve(server);
    let ran = rpcx(&["describe", &at]);
    assert!(
        ran.out.contains("Arith.Mul()") && ran.out.contains("no types"),
        "{ran:?}"
    );
    assert!(!ran.out.contains("$ rpcx call"), "{ran:?}");
}

#[test]
fn shells_complete_commands_and_names_of_methods() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = rpcx(&["completions", shell]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(
            ran.out.contains("COMPLETE") && ran.out.contains("rpcx"),
            "{ran:?}"
        );
    }
    let at = described();
    let complete = |words: &[&str]| {
        let mut program = program();
        program.env("COMPLETE", "fish").arg("--").args(words);
        String::from_utf8(program.output().unwrap().stdout).unwrap()
    };
    assert!(complete(&["rpcx", "ca"]).contains("call"));
    let methods = complete(&["rpcx", "call", &at, "Arith."]);
    assert!(
        methods.contains("Arith.Mul") && methods.contains("Arith.Say"),
        "{methods}"
    );
    assert!(!complete(&["rpcx", "call", &at, "X"]).contains("Arith"));
}

#[test]
fn manual_pages_are_written() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    std::fs::create_dir_all(&folder).unwrap();
    assert_eq!(rpcx(&["man", folder.to_str().unwrap()]).code, Some(0));
    for page in ["rpcx.1", "rpcx-call.1", "rpcx-gateway.1", "rpcx-bench.1"] {
        let text = std::fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
    assert_eq!(rpcx(&["man", "/nowhere/at/all"]).code, Some(2));
}

#[test]
fn every_command_has_help_with_an_example() {
    let help = rpcx(&["--help"]);
    let commands = [
        "bench",
        "call",
        "completions",
        "describe",
        "dump",
        "gateway",
        "list",
        "man",
        "registry",
    ];
    for command in commands {
        assert!(
            help.out.contains(&format!("\n  {command}")),
            "{command}: {}",
            help.out
        );
        let own = rpcx(&[command, "--help"]).out;
        assert!(
            own.contains("Example") && own.contains(&format!("rpcx {command}")),
            "{own}"
        );
    }
}

#[test]
fn a_server_in_rust_describes_itself() {
    let at = rust_server();
    let names = rpcx(&["list", &at]).out;
    assert!(
        names.contains("Arith.Mul\n") && names.contains("Arith.Echo\n"),
        "{names}"
    );
    let mul = rpcx(&["describe", &at, "Arith.Mul"]).out;
    for text in [
        "The product of two numbers.",
        "idempotent",
        "A  int64",
        "C  int64",
    ] {
        assert!(mul.contains(text), "no {text}: {mul}");
    }
    assert!(mul.contains("Arith.Mul '{\"A\":1,\"B\":1}'"), "{mul}");
    let gateway = crate::gateway::Gateway::start(&["-l", "tcp@127.0.0.1:0", &at]);
    assert_eq!(rpcx(&["list", &gateway.at]).out, names, "through a gateway");
    let url = format!("static://{at}");
    let listen = ["-l", "tcp@127.0.0.1:0", &url, "--service", "Arith,Nowhere"];
    let gateway = crate::gateway::Gateway::start(&listen);
    assert_eq!(rpcx(&["list", &gateway.at]).out, names, "behind a registry");
    let (status, document) = crate::gateway::ask(&gateway.at, "GET /.well-known/rpcx.json", "", "");
    assert!(
        status.contains("200") && document.contains("\"Mul\""),
        "{status} {document}"
    );
    let (status, page) = crate::gateway::ask(&gateway.at, "GET /", "Accept: text/html\r\n", "");
    assert!(
        status.contains("200") && page.contains("<html"),
        "{status} {page}"
    );
}
