//! The program on a terminal: a pseudo terminal, whose other end is read here.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::peers::rust_server;
use crate::run::program;

/// What the program writes to its terminal.
fn on_terminal(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo terminal");
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap());
    let theirs: OwnedFd = theirs.unwrap().into();
    let end = || Stdio::from(theirs.as_fd().try_clone_to_owned().unwrap());
    let mut program = program();
    program.args(arguments).env("TERM", "xterm-256color");
    program.envs(variables.iter().copied());
    program.stdin(end()).stdout(end()).stderr(end());
    let mut child = program.spawn().unwrap();
    drop((program, theirs));
    let mut bytes = Vec::new();
    // The end of the other side is an error of this one.
    let _ = File::from(ours).read_to_end(&mut bytes);
    child.wait().unwrap();
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

#[test]
fn a_terminal_gets_lines_and_colours() {
    let at = rust_server();
    let call = ["call", &at, "Arith.Mul", r#"{"A":6,"B":7}"#];
    let shown = on_terminal(&call, &[]);
    assert!(
        shown.contains("\u{1b}[") && shown.contains("42"),
        "{shown:?}"
    );
    let plain = on_terminal(&call, &[("NO_COLOR", "1")]);
    assert_eq!(plain, "{\n  \"C\": 42\n}\n");
    let failed = on_terminal(&["call", &at, "Arith.Nope"], &[]);
    assert!(failed.contains("\u{1b}[1m\u{1b}[31merror:"), "{failed:?}");
}

#[test]
fn a_terminal_sees_docs_and_progress() {
    let at = rust_server();
    let list = on_terminal(&["list", &at], &[("NO_COLOR", "1")]);
    assert!(
        list.contains("Arith\n") && list.contains("Mul    The product of two numbers."),
        "{list:?}"
    );
    let bench = [
        "bench",
        &at,
        "Arith.Mul",
        r#"{"A":6,"B":7}"#,
        "-d",
        "1s",
        "--rate",
        "50",
    ];
    let shown = on_terminal(&bench, &[]);
    assert!(
        shown.contains("calls, ") && shown.contains("open loop"),
        "{shown:?}"
    );
    let quiet = on_terminal(&[&bench[..], &["--quiet"]].concat(), &[]);
    assert!(!quiet.contains("calls, "), "{quiet:?}");
}

#[test]
fn what_a_server_says_steers_no_terminal() {
    let at = rust_server();
    let said = on_terminal(
        &["call", &at, "Arith.Error", r#"{"A":6,"B":7}"#],
        &[("NO_COLOR", "1")],
    );
    assert!(
        said.contains("account") && !said.contains('\u{1b}'),
        "{said:?}"
    );
    let report = ["call", &at, "Arith.Error", r#"{"A":6,"B":7}"#, "--json"];
    let said = on_terminal(&report, &[("NO_COLOR", "1")]);
    assert!(
        said.contains("\\u001b[31m") && !said.contains('\u{1b}'),
        "{said:?}"
    );
}
