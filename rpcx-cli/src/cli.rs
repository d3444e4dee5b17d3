//! What the command line takes.

use clap::{Parser, Subcommand};

use crate::call::CallOptions;
use crate::outcome::EXIT_CODES;

/// Calls, looks at and measures services of rpcx, in Rust or Go.
///
/// An ADDRESS is `network@host:port`, such as `tcp@127.0.0.1:8972` (without a network it is tcp), or the URL of a
/// registry, such as `etcd://127.0.0.1:2379/rpcx`.
#[derive(Debug, Parser)]
#[command(name = "rpcx", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Call(Box<CallOptions>),
}
