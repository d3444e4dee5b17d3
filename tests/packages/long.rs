//! What takes too long for every `cargo test`, and runs in `.ci/run`.

use std::io::Write;

/// Whether `RPCX_LONG=required` asks for it. Without it, says what is left out: to standard error
/// itself, as the test harness keeps back what a test prints that passes.
pub(crate) fn is_wanted(what: &str) -> bool {
    let wanted = std::env::var("RPCX_LONG").is_ok_and(|value| value == "required");
    if !wanted {
        let text = format!("skipped: {what}; RPCX_LONG=required runs it\n");
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
    wanted
}
