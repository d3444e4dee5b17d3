//! What the macros refuse, and with which words. `fail/README.md` says what each file shows;
//! what they accept is in `tests/packages/accepted` of the workspace.
//!
//! There are only wrong programs here, and few dependencies in this package, because trybuild then
//! gives all of them to one `cargo check`; with one right program among them it builds each by itself.
//!
//! Where rustc adds words of its own they differ between its versions, so the texts are compared
//! with the version they were recorded with; `RPCX_UI=required` makes another version a failure.

use std::process::Command;

/// The compiler that `fail/*.stderr` was recorded with.
const RECORDED: &str = "rustc 1.95.";

fn is_recorded_version() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    version.is_ok_and(|output| output.stdout.starts_with(RECORDED.as_bytes()))
}

#[test]
fn ui() {
    if is_recorded_version() {
        trybuild::TestCases::new().compile_fail("fail/*.rs");
        return;
    }
    let required = std::env::var("RPCX_UI").is_ok_and(|value| value == "required");
    assert!(!required, "RPCX_UI=required, but this is not {RECORDED}*");
    println!("skipped: the error texts were recorded with {RECORDED}*");
}
