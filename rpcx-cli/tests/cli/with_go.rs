//! What each command does with a server in Go, beside one in Rust: the table of `docs/command-line.md`, which is made of what happens here.
//!
//! `UPDATE_EXPANDED=1` writes it. Without Go the test says so and passes; with `RPCX_INTEROP=required` it fails.

use std::path::Path;
use std::process::Stdio;

use crate::gateway::{Gateway, ask};
use crate::peers::{go_server, go_server_with, rust_server};
use crate::registry::Running;
use crate::run::{Ran, program, rpcx};

const MUL: &str = r#"{"A":6,"B":7}"#;

const TRAIT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/interop/imported/peer.rs"
);

/// What happens, in a few words, with the server at an address.
type Row = (&'static str, fn(&str) -> String);

const ROWS: [Row; 13] = [
    ("`rpcx list`", list),
    ("`rpcx describe`", |at| describe(at, &[])),
    ("`rpcx describe --trait FILE`", |at| {
        describe(at, &["--trait", TRAIT])
    }),
    ("`rpcx call`", |at| call(at, &["Arith.Mul", MUL])),
    ("`rpcx call --codec msgpack`", |at| {
        call(at, &["Arith.Mul", MUL, "-c", "msgpack"])
    }),
    ("`rpcx call --trait FILE`, names in either case", |at| {
        call(at, &["Arith.Mul", r#"{"a":6,"b":7}"#, "--trait", TRAIT])
    }),
    ("`rpcx call` of a name that is not there", |at| {
        call(at, &["Arith.Mull", MUL])
    }),
    ("`rpcx bench`", bench),
    ("`rpcx dump`", dump),
    ("completions of method names", complete),
    ("`rpcx gateway`: JSON, JSON-RPC, Go's HTTP invoke", gateway),
    ("its `/openapi.json`", openapi),
    ("its page", page),
];

/// The last words of a command that failed, as they stand there.
fn said(ran: &Ran) -> String {
    let lines: Vec<_> = ran.err.lines().collect();
    let code = ran.code.expect("it ended by itself");
    format!("exit {code}, \"{}\"", lines.join(" / "))
}

fn list(at: &str) -> String {
    let ran = rpcx(&["list", at]);
    match ran.out.contains("Arith.Mul\n") {
        true => "names".to_owned(),
        false => said(&ran),
    }
}

fn describe(at: &str, more: &[&str]) -> String {
    let ran = rpcx(&[&["describe", at, "Arith"], more].concat());
    if ran.out.contains("Arith.Mul(Args) -> Reply") && ran.out.contains("$ rpcx call") {
        return "types, docs, a sample".to_owned();
    }
    match ran.out.lines().last() {
        Some(last) => {
            // Where the output is for a program, the sentence is beside it.
            let json = rpcx(&["describe", at, "Arith", "--json"]);
            assert!(json.err.contains(last), "{json:?}");
            format!("names, and \"{last}\"")
        }
        None => said(&ran),
    }
}

fn call(at: &str, arguments: &[&str]) -> String {
    let ran = rpcx(&[&["call", at], arguments].concat());
    match &*ran.out {
        "{\"C\":42}\n" => "the reply".to_owned(),
        _ => said(&ran),
    }
}

fn bench(at: &str) -> String {
    let ran = rpcx(&[
        "bench",
        at,
        "Arith.Mul",
        MUL,
        "--rate",
        "50",
        "-d",
        "500ms",
        "--warm-up",
        "0s",
    ]);
    assert!(ran.code == Some(0) && ran.out.contains(" ok\n"), "{ran:?}");
    "what it measured".to_owned()
}

fn dump(at: &str) -> String {
    let mut dump = Running::start(&["dump", at]);
    let line = dump.line();
    let proxy = line.strip_prefix("listening ").expect("where it listens");
    assert_eq!(call(proxy, &["Arith.Mul", MUL]), "the reply");
    let frame = dump.line();
    assert!(frame.contains("Arith.Mul"), "{frame}");
    "the frames".to_owned()
}

fn complete(at: &str) -> String {
    let mut program = program();
    program.env("COMPLETE", "fish").arg("--");
    let output = program.args(["rpcx", "call", at, "Arith."]).output();
    let names = String::from_utf8(output.expect("it ran").stdout).expect("text");
    match names.contains("Arith.Mul") {
        true => "names".to_owned(),
        false => "none".to_owned(),
    }
}

fn before(at: &str) -> Gateway {
    Gateway::start(&["-l", "tcp@127.0.0.1:0", at])
}

fn gateway(at: &str) -> String {
    crate::gateway::answers(&before(at).at);
    "answered".to_owned()
}

fn openapi(at: &str) -> String {
    let (status, body) = ask(&before(at).at, "GET /openapi.json", "", "");
    assert!(status.contains("200"), "{status}");
    let made: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let mul = &made["paths"]["/Arith/Mul"]["post"];
    let schema = &mul["requestBody"]["content"]["application/json"]["schema"];
    match (mul.is_object(), made["info"]["description"].as_str()) {
        (true, None) if schema["$ref"].is_string() => "schemas".to_owned(),
        (true, Some(said)) => format!("names, and \"{said}\""),
        (false, Some(said)) => format!("\"{said}\""),
        other => panic!("{other:?}"),
    }
}

/// What a browser shows is tested in `page.rs`: here it is which of the descriptions it gets, and that it has the words for it.
fn page(at: &str) -> String {
    let gateway = before(at);
    let has = |request: &str| ask(&gateway.at, request, "", "\"\"").0.contains("200");
    let words = match () {
        () if has("POST /Reflection/Describe") => return "forms".to_owned(),
        () if has("POST /Reflection/GetServices") => {
            "The server tells the names of its methods and no types: their arguments are written as JSON."
        }
        () => "The server does not describe its services",
    };
    let (_, html) = ask(&gateway.at, "GET /", "Accept: text/html\r\n", "");
    assert!(html.contains(words), "the page has no `{words}`");
    format!("JSON, and \"{}\"", words.trim_end_matches('.'))
}

/// Rows whose tests are elsewhere.
const ELSEWHERE: &str = "\
| `rpcx registry ls`, `watch`, `set` | entries | those of Go's plugins | the same (`it registries::`) |
| TypeScript through the gateway, or by WebSocket | calls, pushes | calls, pushes | the same (`it typescript::`); types from a trait file, which `cargo rpcx import` makes of Go |
";

const HEAD: &str = "\
| | a server in Rust | in Go, with the plugin `reflection` | in Go, without it |
|---|---|---|---|
";

#[test]
fn the_table_of_the_docs_is_what_happens() {
    let (Some(told), Some(silent)) = (go_server_with(&["-reflection"]), go_server()) else {
        return;
    };
    let servers = [rust_server(), told.address.clone(), silent.address.clone()];
    let mut table = HEAD.to_owned();
    for (what, happens) in ROWS {
        let cells = servers.iter().map(|at| happens(at).replace(at, "ADDRESS"));
        let cells = cells.collect::<Vec<_>>().join(" | ");
        table.push_str(&format!("| {what} | {cells} |\n"));
    }
    table.push_str(ELSEWHERE);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/command-line.md");
    let text = std::fs::read_to_string(&file).expect("the docs");
    let (head, rest) = text.split_once(HEAD).expect("the head of the table");
    let end = rest.find("\n\n").expect("the table has an end") + 1;
    let written = format!("{head}{table}{}", &rest[end..]);
    if std::env::var_os("UPDATE_EXPANDED").is_some() {
        std::fs::write(&file, &written).expect("a file");
    }
    assert_eq!(
        text, written,
        "`UPDATE_EXPANDED=1` writes the table of docs/command-line.md"
    );
}

#[test]
fn a_server_that_dies_is_told_apart_from_one_that_is_not_there() {
    let Some(go) = go_server() else { return };
    let at = go.address.clone();
    // What is between them says when the request has come that far.
    let mut dump = Running::start(&["dump", &at]);
    let line = dump.line();
    let proxy = line.strip_prefix("listening ").expect("where it listens");
    let mut call = program();
    let call = call.args(["call", proxy, "Arith.Sleep", r#"{"Ms":600000}"#]);
    let call = call.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let frame = dump.line();
    assert!(frame.contains("Arith.Sleep"), "{frame}");
    drop(go);
    let ended = call.expect("it was built").wait_with_output();
    let ended = ended.expect("it ends");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(5), "{told}");
    assert!(told.contains("it may have run"), "{told}");
    let gone = rpcx(&["call", &at, "Arith.Mul", MUL]);
    assert!(
        gone.code == Some(3) && gone.err.contains("not sent"),
        "{gone:?}"
    );
}
