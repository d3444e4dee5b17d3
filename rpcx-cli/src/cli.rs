//! What the command line takes.

use std::path::PathBuf;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::bench::BenchOptions;
use crate::call::CallOptions;
use crate::describe::{DescribeOptions, ListOptions};
use crate::dump::DumpOptions;
use crate::gateway::{GatewayOptions, with_environment, with_file};
use crate::outcome::{EXIT_CODES, Outcome};
use crate::registry::RegistryOptions;
use crate::shell::{CompletionOptions, ManOptions};

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
    Bench(Box<BenchOptions>),
    Call(Box<CallOptions>),
    Completions(CompletionOptions),
    Describe(Box<DescribeOptions>),
    Dump(Box<DumpOptions>),
    Gateway(Box<GatewayOptions>),
    List(Box<ListOptions>),
    Man(ManOptions),
    Registry(Box<RegistryOptions>),
}

/// The command line with all that it may have.
pub(crate) fn command() -> clap::Command {
    Cli::command().mut_subcommand("gateway", with_environment)
}

/// Reads the command line, and the file that it names. Ends the program where clap does: for help and mistakes.
pub(crate) fn parse() -> Result<Cli, Outcome> {
    let mut command = command();
    if let Some(file) = config_file() {
        let mut mistake = None;
        command = command.mut_subcommand("gateway", |gateway| {
            let same = gateway.clone();
            with_file(gateway, &file).unwrap_or_else(|outcome| {
                mistake = Some(outcome);
                same
            })
        });
        if let Some(mistake) = mistake {
            return Err(mistake);
        }
    }
    let matches = command.get_matches();
    Cli::from_arg_matches(&matches).map_err(Outcome::usage)
}

/// What `rpcx gateway --config` says, before its other options are looked at: they may be in there.
fn config_file() -> Option<PathBuf> {
    let lenient = command().ignore_errors(true);
    let matches = lenient.try_get_matches().ok()?;
    let (_, gateway) = matches
        .subcommand()
        .filter(|(name, _)| *name == "gateway")?;
    gateway.get_one::<String>("config").map(PathBuf::from)
}
