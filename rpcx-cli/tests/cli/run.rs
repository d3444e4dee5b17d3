//! Runs the program.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What it printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program, without what the environment may say to it.
pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rpcx"));
    for (name, _) in std::env::vars() {
        if name.starts_with("RPCX_") || name.starts_with("CLICOLOR") || name == "NO_COLOR" {
            program.env_remove(name);
        }
    }
    program
}

pub(crate) fn rpcx(arguments: &[&str]) -> Ran {
    rpcx_with(arguments, b"")
}

/// The same with this on its standard input.
pub(crate) fn rpcx_with(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = program()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built");
    let mut stdin = child.stdin.take().expect("it is piped");
    // It need not read what it does not want.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("it was started");
    Ran {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
