//! `cargo rpcx`: see the documentation of `rpcx_build::cli`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    rpcx_build::cli::run(std::env::args_os())
}
