//! The command `rpcx`: see `cli.rs` for what it takes, and `outcome.rs` for how it ends.

#![forbid(unsafe_code)]

mod bench;
mod call;
mod cli;
mod connect;
mod describe;
mod dump;
mod gateway;
mod outcome;
mod registry;
mod shell;
mod show;
mod signals;
mod typed;

use std::process::ExitCode;

use cli::{Cli, Command};
use outcome::Outcome;

fn main() -> ExitCode {
    // A shell that asks for completions gets them, and the program ends.
    clap_complete::CompleteEnv::with_factory(cli::command)
        .var(shell::VARIABLE)
        .complete();
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(outcome) => return outcome.tell(),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return Outcome::usage(format!("no runtime: {error}")).tell(),
    };
    let outcome = runtime.block_on(run(cli));
    // Nothing that is left over, such as a read of standard input, keeps the program.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(outcome) => outcome.tell(),
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Outcome> {
    match cli.command {
        Command::Bench(options) => bench::run(&options).await,
        Command::Call(options) => call::run(&options).await,
        Command::Completions(options) => shell::completions(&options),
        Command::Describe(options) => describe::describe(&options).await,
        Command::Dump(options) => dump::run(&options).await,
        Command::Gateway(options) => gateway::run(&options).await,
        Command::List(options) => describe::list(&options).await,
        Command::Man(options) => shell::man(&options),
        Command::Registry(options) => registry::run(&options).await,
    }
}
