//! `rpcx call` through pipes.

use crate::peers::{go_server, guarded_server, rust_server};
use crate::run::{Ran, rpcx, rpcx_with};

const MUL: &str = r#"{"A":6,"B":7}"#;

fn call(at: &str, method: &str, arguments: &str, more: &[&str]) -> Ran {
    let mut all = vec!["call", at, method, arguments];
    all.extend_from_slice(more);
    rpcx(&all)
}

fn answers(ran: &Ran, out: &str) {
    assert_eq!(
        (ran.code, &*ran.out, &*ran.err),
        (Some(0), out, ""),
        "{ran:?}"
    );
}

fn fails(ran: &Ran, code: i32, texts: &[&str]) {
    assert_eq!((ran.code, &*ran.out), (Some(code), ""), "{ran:?}");
    for text in texts {
        assert!(ran.err.contains(text), "no `{text}` in {ran:?}");
    }
}

#[test]
fn replies_are_json_in_every_codec() {
    let at = rust_server();
    for more in [
        &["--codec", "json"][..],
        &["--codec", "msgpack"],
        &["--codec", "msgpack", "--gzip"],
        &["--gzip"],
    ] {
        answers(&call(&at, "Arith.Mul", MUL, more), "{\"C\":42}\n");
    }
    answers(
        &call(&format!("tcp@{at}"), "Arith/Mul", MUL, &[]),
        "{\"C\":42}\n",
    );
    answers(
        &call(&format!("ws@{at}"), "Arith.Mul", MUL, &[]),
        "{\"C\":42}\n",
    );
    answers(
        &call(&format!("static://{at}"), "Arith.Mul", MUL, &[]),
        "{\"C\":42}\n",
    );
    answers(
        &call(&at, "Arith.Say", r#""wörld""#, &[]),
        "\"hello wörld\"\n",
    );
    let bytes = call(
        &at,
        "Arith.Echo",
        r#"{"$bytes":"AQI="}"#,
        &["--codec", "msgpack"],
    );
    answers(&bytes, "\"AQI=\"\n");
}

#[test]
fn a_go_server_answers_the_same() {
    let Some(go) = go_server() else { return };
    for codec in ["json", "msgpack"] {
        answers(
            &call(&go.address, "Arith.Mul", MUL, &["--codec", codec]),
            "{\"C\":42}\n",
        );
        answers(
            &call(&go.address, "Arith.Say", r#""Go""#, &["-c", codec]),
            "\"hello Go\"\n",
        );
    }
    fails(
        &call(&go.address, "Arith.Error", MUL, &[]),
        1,
        &["arith: refused"],
    );
    let unknown = call(&go.address, "Arith.Nope", MUL, &[]);
    fails(&unknown, 4, &["rpcx: can't find method Nope", "try:"]);
    let meta = call(
        &go.address,
        "Arith.Meta",
        "{}",
        &["-m", "colour=red", "--json"],
    );
    let report: serde_json::Value = serde_json::from_str(&meta.out).unwrap();
    assert_eq!(report["reply"]["colour"], "red", "{report}");
    assert_eq!(report["metadata"]["served-by"], "go", "{report}");
}

#[test]
fn arguments_come_from_pipes_and_files() {
    let at = rust_server();
    let piped = rpcx_with(&["call", &at, "Arith.Mul", "-"], MUL.as_bytes());
    answers(&piped, "{\"C\":42}\n");
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("mul.json");
    std::fs::write(&file, format!("  {MUL}\n")).unwrap();
    let file = format!("@{}", file.display());
    answers(&call(&at, "Arith.Mul", &file, &[]), "{\"C\":42}\n");
    let encoded = [
        "call",
        &at,
        "Arith.Mul",
        "-",
        "--codec",
        "msgpack",
        "--encoded",
    ];
    let ran = rpcx_with(&encoded, b"\x82\xa1A\x06\xa1B\x07");
    // A map of one, whose first byte is no UTF-8; then `C`, and 42 as a byte.
    assert_eq!((ran.code, &*ran.out), (Some(0), "\u{fffd}\u{fffd}C*"));
}

#[test]
fn each_outcome_has_its_exit_code_and_says_what_to_try() {
    let at = rust_server();
    let failed = call(&at, "Arith.Error", MUL, &[]);
    fails(
        &failed,
        1,
        &[
            "error: no such \u{fffd}[31maccount (code 6)",
            r#"{"account":7}"#,
        ],
    );
    fails(
        &call(&at, "Arith.Mul", "{A:6}", &[]),
        2,
        &["the arguments are no JSON", "single quotes"],
    );
    fails(
        &call("tcp@127.0.0.1:1", "Arith.Mul", MUL, &[]),
        3,
        &["not sent", "--tls"],
    );
    fails(
        &call(&at, "Arith.Nope", MUL, &[]),
        4,
        &["can't find method Nope", "try:"],
    );
    fails(&call(&at, "Arith.Mul", "[1]", &[]), 4, &["try:"]);
    let late = call(&at, "Arith.Sleep", "10000", &["--timeout", "50ms"]);
    fails(&late, 5, &["it may have run", "--timeout"]);
    fails(&call("nope@x", "Arith.Mul", MUL, &[]), 2, &["nope"]);
    fails(&call("nope://x", "Arith.Mul", MUL, &[]), 2, &["etcd"]);
    fails(&call(&at, "Mul", MUL, &[]), 2, &["Service.Method"]);
    fails(
        &call(&at, "Arith.Mul", MUL, &["--codec", "protobuf"]),
        2,
        &["--encoded"],
    );
    fails(
        &call(&at, "Arith.Mul", MUL, &["--timeout", "5"]),
        2,
        &["500ms"],
    );
}

#[test]
fn a_token_is_presented() {
    let at = guarded_server();
    fails(&call(&at, "Arith.Mul", MUL, &[]), 4, &["--token"]);
    answers(
        &call(&at, "Arith.Mul", MUL, &["--token", "secret"]),
        "{\"C\":42}\n",
    );
    let mut program = crate::run::program();
    let output = program
        .args(["call", &at, "Arith.Mul", MUL])
        .env("RPCX_TOKEN", "secret");
    assert_eq!(output.output().unwrap().stdout, b"{\"C\":42}\n");
}

#[test]
fn a_report_has_all_that_is_known() {
    let at = rust_server();
    let report = |method: &str, arguments: &str, more: &[&str]| {
        let ran = call(&at, method, arguments, &[&["--json"], more].concat());
        assert_eq!(ran.err, "");
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        (ran.code, report)
    };
    let (code, meta) = report("Arith.Meta", r#""k""#, &["-m", "k=v=w", "-c", "msgpack"]);
    assert_eq!(
        (code, &meta["outcome"], &meta["reply"]),
        (Some(0), &"ok".into(), &"v=w".into())
    );
    assert_eq!(
        (&meta["metadata"]["seen-by"], &meta["codec"]),
        (&"a server".into(), &3.into())
    );
    assert!(meta["milliseconds"].as_f64().unwrap() > 0.0);
    let (code, failed) = report("Arith.Error", MUL, &[]);
    assert_eq!(
        (code, &failed["outcome"]),
        (Some(1), &"service-error".into())
    );
    assert_eq!(
        (&failed["code"], &failed["data"]["account"]),
        (&6.into(), &7.into())
    );
    let (code, unknown) = report("Arith.Nope", MUL, &[]);
    assert_eq!((code, &unknown["outcome"]), (Some(4), &"rejected".into()));
    assert_eq!(unknown["reason"], "unknown-method");
}

#[test]
fn offline_prints_the_frame() {
    let ran = call(
        "tcp@h:1",
        "Arith.Mul",
        r#"{"A":10,"B":20}"#,
        &["--offline", "-c", "msgpack"],
    );
    let frame = "0800003000000000000000000000003b000000054172697468000000034d756c\
                 0000001c0000000f5f5f53657276657254696d656f757400000005363030303000000007\
                 82a1410aa14214";
    answers(&ran, &format!("{frame}\n"));
}
