//! `--trait`: types of a file, for servers that do not tell theirs.

use std::path::Path;

use crate::peers::{go_server, go_server_with, rust_server_without_reflection};
use crate::run::{Ran, rpcx};

/// A trait file of the services of `tests/interop/peer`, and the Go that it was made of.
const TRAIT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/interop/imported/peer.rs"
);
const GO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/interop/peer/");

/// A field of every kind, none of them zero.
const ALL: &str = r#"{"Int":-1,"I8":-8,"I16":-16,"I32":-32,"I64":-9007199254740993,"U8":8,"U16":16,"U32":32,"U64":18446744073709551615,
    "F32":1.5,"F64":2,"Bool":true,"Str":"täxt","Bytes":"AQID","Arr":[1,2,3,4],"Time":"2026-01-02T03:04:05.000000006Z","Dur":1500000000,
    "Strs":["a","b"],"Map":{"x":1},"IntMap":{"-7":"seven"},"Inner":{"Name":"n","Score":1,"Tags":["t"]},"Ptr":{"Name":"p","Score":2,"Tags":[]},
    "Inners":[{"Name":"i","Score":3,"Tags":[]}]}"#;

fn assert_all(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let reply: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    for (field, wanted) in [
        ("I64", "-9007199254740993"),
        ("U64", "18446744073709551615"),
        ("F32", "1.5"),
        ("F64", "2.0"),
        ("Bytes", "\"AQID\""),
        ("Dur", "1500000000"),
        ("Map", r#"{"x":1}"#),
        ("IntMap", r#"{"-7":"seven"}"#),
    ] {
        let got = reply[field].to_string();
        let same = got == wanted || (field == "F64" && got == "2");
        assert!(same, "{field}: {got}, not {wanted}");
    }
    assert_eq!(reply["Ptr"]["Name"], "p");
    assert_eq!(reply["Inners"][0]["Score"], 3);
    let time = reply["Time"].as_str().expect("a text");
    assert!(time.starts_with("2026-01-02T0"), "{time}");
    let bytes = [
        serde_json::json!("AQIDBA=="),
        serde_json::json!([1, 2, 3, 4]),
    ];
    assert!(bytes.contains(&reply["Arr"]), "{}", reply["Arr"]);
}

#[test]
fn a_go_server_is_called_with_the_forms_of_its_types() {
    let Some(server) = go_server() else {
        return;
    };
    let at = &*server.address;
    // In msgpack, which is what clients of the service send, and in JSON.
    assert_all(&rpcx(&["call", at, "Types.Echo", ALL, "--trait", TRAIT]));
    assert_all(&rpcx(&[
        "call",
        at,
        "Types.Echo",
        ALL,
        "--trait",
        TRAIT,
        "--codec",
        "json",
    ]));
    // Without the types what travels is something else, and Go says so.
    let untyped = rpcx(&["call", at, "Types.Echo", ALL, "--codec", "msgpack"]);
    assert_ne!(untyped.code, Some(0), "{untyped:?}");
    // Names in either case: Go's msgpack would take `a` for nothing.
    let mul = ["call", at, "Arith.Mul", r#"{"a":6,"b":7}"#];
    let (services, shapes) = (format!("{GO}services.go"), format!("{GO}shapes.go"));
    for files in [
        &["--trait", TRAIT][..],
        &["--trait", &services, "--trait", &shapes],
    ] {
        let ran = rpcx(&[&mul[..], files].concat());
        assert_eq!((ran.code, &*ran.out), (Some(0), "{\"C\":42}\n"), "{ran:?}");
    }
    let ran = rpcx(&["call", at, "Arith.Echo", "\"AQID\"", "--trait", TRAIT]);
    assert_eq!((ran.code, &*ran.out), (Some(0), "\"AQID\"\n"), "{ran:?}");
    let ran = rpcx(&["describe", at, "Types.Echo", "--trait", TRAIT]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out.contains("IntMap") && ran.out.contains("bytes"),
        "{}",
        ran.out
    );
    let load = rpcx(&[
        "bench",
        at,
        "Arith.Mul",
        r#"{"a":6,"b":7}"#,
        "--trait",
        TRAIT,
        "--rate",
        "100",
        "--duration",
        "300ms",
        "--warm-up",
        "0s",
        "--json",
    ]);
    assert_eq!(load.code, Some(0), "{load:?}");
}

/// The plugin of Go tells names, and the file the types.
#[test]
fn names_of_go_get_the_types_of_the_file() {
    let Some(go) = go_server_with(&["-reflection"]) else {
        return;
    };
    let ran = rpcx(&["list", &go.address]);
    assert!(ran.out.contains("Arith.Mul\n"), "{ran:?}");
    let ran = rpcx(&["describe", &go.address, "Arith.Mul"]);
    assert!(ran.out.contains("no types"), "{ran:?}");
    let ran = rpcx(&["describe", &go.address, "Arith.Mul", "--trait", TRAIT]);
    assert!(
        ran.out.contains("Arith.Mul(Args) -> Reply") && ran.out.contains("$ rpcx call"),
        "{ran:?}"
    );
}

#[test]
fn a_server_that_says_nothing_is_described_by_the_file() {
    let at = rust_server_without_reflection();
    let ran = rpcx(&["describe", &at, "Arith", "--trait", TRAIT]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("Arith.Mul(Args) -> Reply"), "{}", ran.out);
    let ran = rpcx(&["describe", &at, "Arith"]);
    assert!(
        ran.code == Some(4) && ran.err.contains("--trait FILE"),
        "{ran:?}"
    );
}

#[test]
fn what_does_not_fit_is_said_before_anything_is_sent() {
    // No server is there.
    let at = "127.0.0.1:1";
    for (method, arguments, said) in [
        ("Arith.Mul", r#"{"A":6,"Bb":7}"#, "there is no field `Bb`"),
        (
            "Arith.Mul",
            r#"{"A":"6"}"#,
            "the argument `A`: a text, and it has to be a whole number",
        ),
        (
            "Arith.Mul",
            r#"{"A":1.5}"#,
            "the argument `A`: a number, and it has to be a whole number",
        ),
        (
            "Arith.Mul",
            "7",
            "the arguments: a number, and it has to be an object",
        ),
        ("Types.Echo", r#"{"U8":256}"#, "256 is not within 0 and 255"),
        (
            "Types.Echo",
            r#"{"Bytes":"%"}"#,
            "bytes are written in base64",
        ),
        ("Types.Echo", r#"{"Time":"today"}"#, "a time is written"),
        (
            "Types.Echo",
            r#"{"Arr":[1]}"#,
            "it has 1 items, and needs 4",
        ),
        (
            "Types.Echo",
            r#"{"IntMap":{"x":"y"}}"#,
            "its key is no number",
        ),
        (
            "Types.Echo",
            r#"{"Inners":[{"Score":"1"}]}"#,
            "`Inners[0].Score`",
        ),
        ("Arith.Mull", "{}", "is `Arith.Mul` meant?"),
    ] {
        let ran = rpcx(&["call", at, method, arguments, "--trait", TRAIT]);
        assert!(
            ran.code == Some(2) && ran.err.contains(said),
            "{arguments}: {ran:?}"
        );
    }
}

#[test]
fn files_that_cannot_be_read_are_told_with_the_place() {
    let at = "127.0.0.1:1";
    let ran = rpcx(&["call", at, "Arith.Mul", "{}", "--trait", "/nowhere.rs"]);
    assert!(
        ran.code == Some(2) && ran.err.contains("/nowhere.rs"),
        "{ran:?}"
    );
    let broken = Path::new(env!("CARGO_TARGET_TMPDIR")).join("broken.rs");
    std::fs::write(&broken, "#[rpcx::service] trait A { fn f(); }").expect("a file");
    let broken = broken.to_str().expect("a path");
    let ran = rpcx(&["call", at, "A.F", "{}", "--trait", broken]);
    assert!(
        ran.code == Some(2) && ran.err.contains("broken.rs:1:"),
        "{ran:?}"
    );
}
