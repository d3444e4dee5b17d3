//! The lines of the README, as they are printed there.

use std::process::Command;

use crate::peers::rust_server;

#[test]
fn the_readme_shows_what_happens() {
    let readme = include_str!("../../../README.md");
    let (_, section) = readme.split_once("## The command line").unwrap();
    let block = section.split("```").nth(1).unwrap();
    let at = format!("tcp@{}", rust_server());
    let (mut ran, mut out) = (0, String::new());
    for line in block.lines().skip(1) {
        match line.strip_prefix("$ rpcx ") {
            Some(arguments) => {
                let arguments = arguments.replace("tcp@127.0.0.1:8972", &at);
                let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_rpcx"));
                let output = Command::new("sh").args(["-c", &line]).output().unwrap();
                assert!(output.status.success(), "{line}: {output:?}");
                (ran, out) = (ran + 1, String::from_utf8(output.stdout).unwrap());
            }
            None if line.starts_with('$') => {}
            None => assert!(out.lines().any(|printed| printed == line), "{line}: {out}"),
        }
    }
    assert_eq!(ran, 3);
}
