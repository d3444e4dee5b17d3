//! The clients that are generated for TypeScript, compiled, and run in Node and in a browser: by HTTP and by WebSocket
//! against a server of Rust, and against one of Go by WebSocket and by HTTP through a gateway.

#[allow(clippy::use_self, reason = "types are named as users name them")]
mod bank;
mod page;
mod server;

use std::path::{Path, PathBuf};
use std::process::Command;

use rpcx_schema::typescript;

use crate::compiler::{compiled, folder};
use crate::go_peers::peer::{GoServer, programs};

/// The trait files, and what is written in TypeScript for the tests.
const TRAITS: [&str; 3] = [
    include_str!("../go_peers/services.rs"),
    include_str!("../go_peers/push.rs"),
    include_str!("bank.rs"),
];
const PROGRAMS: [(&str, &str); 2] = [
    ("cases.ts", include_str!("cases.ts")),
    ("node.ts", include_str!("node.ts")),
];

/// What the report says of each way to a server that has all services.
const EVERYWHERE: [&str; 17] = [
    "mul: 200n",
    "large: 9007199254740993n",
    "many: true",
    "say: hello wörld",
    "echo: true",
    "nil: [true,\"0001-01-01T00:00:00Z\",[0,0,0,0],[],[]]",
    "big: true",
    "error failed: RpcError, service, arith: refused",
    "missing failed: RpcError, rejected, unknown-method, rpcx: can't find method Nothing",
    "nowhere failed: RpcError, rejected, unknown-method, rpcx: can't find service Nowhere",
    "misfit failed: RpcError, not-sent, the arguments of Types.Echo cannot be sent: .inner.score: 2147483648 is no i32",
    "timeout: true",
    "abort failed: TimeoutError: ",
    "aborted failed: Error: before",
    "metadata: [\"a b&c=ä\",\"client\",\"a b&c=ä\"]",
    "deadline: [true,\"-1n\"]",
    "oneway: 1n",
];

const RUST: [&str; 14] = [
    "open: {\"number\":\"0n\",\"level\":7,\"currency\":\"US$\",\"parent\":{\"number\":\"0n\",\"level\":0}}",
    "open with a note failed: BankErrorClosed, service, 9007199254740993n, closed",
    "no such level failed: RpcError, not-sent, the arguments of the.bank.Open cannot be sent: .account.level: 3 is no value of [0, 7]",
    "pay: nothing",
    "too poor: [true,\"9007199254740992n\",\"the bank\"]",
    "no account: 404n",
    "closed: 9007199254740993n",
    "wrapped: wrapped -5",
    "token: Bearer t",
    "overloaded: 1",
    "overloaded once failed: RpcError, rejected, overloaded, the bank is full",
    "raw: [0,255,8]",
    "stages: [1,7,\"9007199254740993n\",0]",
    "float: [12345678901234567000,0.1,3]",
];

/// Values of any type, by the codec: JSON has no byte strings and no times.
const ANY: [(&str, [&str; 2]); 2] = [
    (
        "json",
        [
            r#"anything: [["half",0.5],["large","18446744073709551615n"],["list",[true,[["deep",[]]],"AQ=="]],["none",null],["text","12345678901234567890"],["whole",-7]]"#,
            r#"everything: [["bytes","AP8="],["digits","12345678901234567890 \u0001"],["float",0.5],["large","18446744073709551615n"],["least","-9223372036854775808n"],["list",[true,[]]],["nil",null],["small",-7],["time","1970-01-01T00:00:00Z"]]"#,
        ],
    ),
    (
        "msgpack",
        [
            r#"anything: [["half",0.5],["large","18446744073709551615n"],["list",[true,[["deep",[]]],[1]]],["none",null],["text","12345678901234567890"],["whole",-7]]"#,
            r#"everything: [["bytes",[0,255]],["digits","12345678901234567890 \u0001"],["float",0.5],["large","18446744073709551615n"],["least","-9223372036854775808n"],["list",[true,[]]],["nil",null],["small",-7],["time","1970-01-01T00:00:00Z"]]"#,
        ],
    ),
];

const AGAIN: [&str; 5] = [
    "cut failed: RpcError, unknown, the connection was lost (",
    "after it: 42n",
    "pushes after it: 0n",
    "states: connecting open closed connecting open closed connecting open",
    "closed failed: RpcError, not-sent, the connection was closed",
];

const ALONE: [&str; 14] = [
    "no answer failed: RpcError, unknown, no reply within 20 ms",
    "nowhere by http: [\"unknown\"]",
    "nowhere by ws failed: RpcError, not-sent, cannot connect to ws://127.0.0.1:1/_rpcx_",
    "a page failed: RpcError, unknown, HTTP 502 Bad Gateway, which is no answer of rpcx",
    "another type failed: RpcError, unknown, a reply of the type \"text/html\", expected application/json",
    "not a number failed: RpcError, unknown, the reply of Arith.Mul cannot be read: .c: 1.5 is no i64",
    "silence: [\"the connection was lost: the server gives no sign of life\",3]",
    "lost: 3",
    "lost and not idempotent failed: RpcError, unknown, http://x/the.bank/Lost cannot be reached: lost",
    "not finite failed: RpcError, not-sent, the arguments of the.bank.Echo cannot be sent: Infinity has no form in JSON",
    "times: [\"0001-01-01T00:00:00Z\",\"1969-12-31T23:59:59.999999999Z\",\"2024-02-29T12:30:00.5Z\",\"9999-12-31T23:59:59Z\"]",
    "no time failed: RangeError: \"2026-13-01T00:00:00Z\" is no time of RFC 3339",
    "dates: [\"1969-12-31T23:59:59.999Z\",-1,2.5]",
    "codecs: [[\"12345678901234567890n\",\"\\\\\",\"1234567890123456789\",-1.5,null],\"the value ends too early\",\"it is deeper than 128 levels\",\"0xc1 begins no value that is known here\",\"there is a text that is not UTF-8\",\"there are bytes behind the value\"]",
];

/// A trait file for the parts of the guide, and one for those of the README.
const ARITH: &str = "
    #[rpcx::message] pub struct Args { pub a: i64, pub b: i64 }
    #[rpcx::message] pub struct Reply { pub c: i64 }
    #[rpcx::service] pub trait Arith { async fn mul(&self, args: Args) -> rpcx::Result<Reply>; }";
const README: &str = include_str!("../../../README.md");
const GUIDE: &str = include_str!("../../../docs/typescript.md");

/// What is generated and what uses it, as JavaScript; `None` where there is no compiler.
fn programs_in(name: &str) -> Option<PathBuf> {
    let folder = folder(name);
    let modules = TRAITS.map(|text| {
        let file = syn::parse_file(text).unwrap();
        typescript::read(&file, "services.rs").unwrap()
    });
    let client = typescript::render(&modules).unwrap();
    let generated = [("client.ts", &*client), ("rpcx.ts", typescript::RUNTIME)];
    for (name, text) in generated.into_iter().chain(PROGRAMS) {
        std::fs::write(folder.join(name), text).unwrap();
    }
    compiled(&folder).then(|| folder.join("out"))
}

/// The code in a page that is in this language.
fn code<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("\n```{language}\n");
    let parts = page.split(&*fence).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap())
        .collect()
}

#[test]
fn the_code_in_the_guides_is_typescript() {
    let folder = folder("typescript-guides");
    let bank = code(GUIDE, "rust")[0].replace("# fn main() {}", "");
    for (name, page, traits) in [("guide", GUIDE, &*bank), ("readme", README, ARITH)] {
        let folder = folder.join(name);
        std::fs::create_dir(&folder).unwrap();
        let module = typescript::read(&syn::parse_file(traits).unwrap(), "a.rs").unwrap();
        let parts = code(page, "ts");
        assert!(!parts.is_empty(), "{name}");
        for (index, part) in parts.iter().enumerate() {
            // each is a module, also one that imports nothing
            std::fs::write(
                folder.join(format!("part{index}.ts")),
                format!("{part}export {{}};\n"),
            )
            .unwrap();
        }
        std::fs::write(
            folder.join("client.ts"),
            typescript::render(&[module]).unwrap(),
        )
        .unwrap();
        std::fs::write(folder.join("rpcx.ts"), typescript::RUNTIME).unwrap();
        compiled(&folder);
    }
}

/// `UPDATE_EXPANDED=1` writes them anew.
#[test]
fn the_client_of_the_example_is_that_of_its_services() {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/web");
    let text = std::fs::read_to_string(web.join("board.rs")).unwrap();
    let module = typescript::read(&syn::parse_file(&text).unwrap(), "examples/web/board.rs");
    let client = typescript::render(&[module.unwrap()]).unwrap();
    for (name, now) in [("client.ts", &*client), ("rpcx.ts", typescript::RUNTIME)] {
        let path = web.join(name);
        if std::env::var_os("UPDATE_EXPANDED").is_some() {
            std::fs::write(path, now).unwrap();
        } else {
            let there = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                there == now,
                "run with UPDATE_EXPANDED=1 and review the diff of {name}"
            );
        }
    }
}

#[test]
fn the_page_of_the_example_is_typescript() {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/web");
    let folder = folder("typescript-example");
    for name in ["client.ts", "rpcx.ts", "page.ts"] {
        std::fs::copy(web.join(name), folder.join(name)).unwrap();
    }
    compiled(&folder);
}

/// A Go server on the network `ws`, where there is Go.
fn go() -> Option<GoServer> {
    programs().map(|go| go.serve_with("ws@127.0.0.1:0", &[]))
}

/// Compares a report with what is expected, line by line.
fn check(report: &str, with_go: bool) {
    let mut expected: Vec<(String, &[&str])> = Vec::new();
    for (codec, any) in &ANY {
        let prices: &[&str] = &["prices: 0=0 1=1 2=2 3=3 4=4"];
        for (name, parts) in [
            ("http", &[&EVERYWHERE[..], &RUST, any][..]),
            (
                "ws",
                &[&EVERYWHERE, &RUST, any, prices, &["rates: Euro 0, Euro 1"]],
            ),
            ("gateway", &[&EVERYWHERE]),
            ("go", &[&EVERYWHERE, prices, &["raw: [0,255,8]"]]),
        ] {
            if with_go || !["go", "gateway"].contains(&name) {
                let parts = parts.iter().map(|part| (format!("{name} {codec} "), *part));
                expected.extend(parts);
            }
        }
    }
    expected.push(("again ".to_owned(), &AGAIN));
    expected.push(("given up ".to_owned(), &["forever: true"]));
    expected.push(("alone ".to_owned(), &ALONE));
    let expected = expected.iter();
    let expected =
        expected.flat_map(|(name, lines)| lines.iter().map(move |line| format!("{name}{line}")));
    let expected: Vec<String> = expected.collect();
    for (line, wanted) in report.lines().zip(&expected) {
        assert!(
            line.starts_with(wanted),
            "{line}\nexpected: {wanted}\n{report}"
        );
    }
    assert_eq!(report.lines().count(), expected.len(), "{report}");
}

fn node(out: &Path, arguments: &[String]) -> String {
    let output = Command::new("node")
        // from version 22 on it is there without
        .args(["--experimental-websocket", "--no-warnings"])
        .arg(out.join("node.js"))
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "");
    assert!(output.status.success(), "node ended with {}", output.status);
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_calls_servers() {
    let report = tokio::task::spawn_blocking(|| programs_in("typescript-node"));
    let Some(out) = report.await.unwrap() else {
        return;
    };
    let go = tokio::task::spawn_blocking(go).await.unwrap();
    let at = server::serve("http://127.0.0.1:1").await;
    let mut arguments = vec![format!("http://{at}"), format!("ws://{at}")];
    if let Some(go) = &go {
        let gateway = server::gateway("http://127.0.0.1:1", &format!("ws@{}", go.address)).await;
        arguments.extend([format!("http://{gateway}"), format!("ws://{}", go.address)]);
    }
    let run = move || check(&node(&out, &arguments), go.is_some());
    tokio::task::spawn_blocking(run).await.unwrap();
}
