//! What one gets wrong, and what is said of it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::peers::{go_server, rust_server};
use crate::run::{Ran, program, rpcx};

const MUL: &str = r#"{"A":6,"B":7}"#;

fn says(ran: &Ran, code: i32, texts: &[&str]) {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    for text in texts {
        assert!(ran.err.contains(text), "no `{text}` in {ran:?}");
    }
}

fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a file");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn numbers_are_not_rounded_in_silence() {
    let wide = r#"{"A":18446744073709551616,"B":7}"#;
    let call = ["call", "127.0.0.1:1", "Arith.Mul", wide, "--offline", "-c"];
    let texts = ["18446744073709551616", "64 bits"];
    says(&rpcx(&[&call[..], &["msgpack"]].concat()), 2, &texts);
    assert_eq!(rpcx(&[&call[..], &["json"]].concat()).code, Some(0));
}

#[test]
fn urls_of_networks_are_no_registries() {
    for (url, meant) in [
        ("tcp://127.0.0.1:1", "`tcp@127.0.0.1:1`"),
        ("http://127.0.0.1:1/x", "`tcp@127.0.0.1:1`"),
        ("https://example.org:443", "`--tls`"),
        ("ws://127.0.0.1:1/p", "`ws@127.0.0.1:1/p`"),
        ("unix:///run/x.sock", "`unix@/run/x.sock`"),
    ] {
        says(&rpcx(&["call", url, "Arith.Mul", MUL]), 2, &[url, meant]);
        says(&rpcx(&["describe", url, "Arith"]), 2, &[meant]);
        says(&rpcx(&["list", url]), 2, &[meant]);
    }
}

#[test]
fn tls_where_there_is_none_is_told_so() {
    let rust = rust_server();
    let go = go_server();
    let addresses = [Some(&rust), go.as_ref().map(|go| &go.address)];
    for at in addresses.into_iter().flatten() {
        let ran = rpcx(&["call", at, "Arith.Mul", MUL, "--insecure"]);
        says(&ran, 3, &["not sent", "without `--tls`"]);
    }
}

#[test]
fn a_server_in_go_that_cannot_read_the_arguments_is_helped_by_a_file() {
    let Some(go) = go_server() else { return };
    let wrong = r#"{"A":"six"}"#;
    for codec in ["json", "msgpack"] {
        let ran = rpcx(&["call", &go.address, "Arith.Mul", wrong, "-c", codec]);
        says(&ran, 1, &["--trait FILE"]);
    }
    let refused = rpcx(&["call", &go.address, "Arith.Error", MUL]);
    assert!(!refused.err.contains("try:"), "{refused:?}");
}

#[test]
fn files_of_go_say_what_they_leave_out() {
    let alone = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/interop/peer/services.go"
    );
    let ran = rpcx(&["call", "127.0.0.1:1", "Arith.Mul", MUL, "--trait", alone]);
    says(
        &ran,
        2,
        &[
            "the type `Args` is not in these files",
            "left out: ",
            "services.go:",
        ],
    );
    let empty = file("nothing.go", "package nothing\n");
    let ran = rpcx(&["call", "127.0.0.1:1", "Arith.Mul", MUL, "--trait", &empty]);
    says(&ran, 2, &["there is no service in", "nothing.go"]);
}

#[test]
fn what_cannot_be_measured_or_written_is_said_before() {
    let at = rust_server();
    let bench = |more: &[&str]| rpcx(&[&["bench", &at, "Arith.Mul", MUL], more].concat());
    says(&bench(&["-d", "0s"]), 2, &["no time"]);
    says(&bench(&["--schedule", "5:0s"]), 2, &["no time"]);
    // It would take an hour otherwise.
    let nowhere = ["-d", "1h", "--html", "/nowhere/at/all.html"];
    says(&bench(&nowhere), 2, &["/nowhere/at/all.html"]);
}

/// The rate is what the schedule has, also where its last call is answered long before its end.
#[test]
fn few_calls_make_no_high_rate() {
    let at = rust_server();
    let few = ["--rate", "2", "-d", "1s", "--warm-up", "0s", "--json"];
    let ran = rpcx(&[&["bench", &at, "Arith.Mul", MUL], &few[..]].concat());
    let result: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert!(result["rate"].as_f64() <= Some(2.0), "{result}");
    assert!(result["seconds"].as_f64() >= Some(1.0), "{result}");
}

#[test]
fn an_address_without_a_port_is_no_server_to_look_at() {
    says(
        &rpcx(&["dump", "127.0.0.1"]),
        2,
        &["has no port", "host:port"],
    );
    says(&rpcx(&["dump", "127.0.0.1:http"]), 2, &["has no port"]);
}

/// `rpcx dump | head`: it ends with the first frame that nothing reads.
#[test]
fn a_command_that_runs_on_ends_with_its_reader() {
    let at = rust_server();
    let mut dump = program()
        .args(["dump", &at])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it was built");
    let mut out = BufReader::new(dump.stdout.take().expect("it is piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    drop(out);
    let proxy = line.trim().strip_prefix("listening ").expect("where");
    let _ = rpcx(&["call", proxy, "Arith.Mul", MUL]);
    assert!(dump.wait().expect("it ends").success());
}

/// A reply of megabytes, read by one that wants its first bytes; a full disk.
#[test]
fn readers_that_go_early_are_no_error_and_a_full_disk_is_one() {
    let Some(go) = go_server() else { return };
    let mut call = program()
        .args(["call", &go.address, "Types.Big", r#"{"Size":30000000}"#])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it was built");
    let mut first = [0; 16];
    let mut out = call.stdout.take().expect("it is piped");
    out.read_exact(&mut first).expect("some bytes");
    drop(out);
    let ended = call.wait_with_output().expect("it ends");
    assert!(
        ended.status.success() && ended.stderr.is_empty(),
        "{ended:?}"
    );
    let full = PathBuf::from("/dev/full");
    if let Ok(full) = std::fs::File::options().write(true).open(full) {
        let ran = program()
            .args(["call", &go.address, "Arith.Mul", MUL])
            .stdout(full)
            .output()
            .expect("it was built");
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(
            ran.status.code() == Some(2) && told.contains("standard output"),
            "{told}"
        );
    }
}
