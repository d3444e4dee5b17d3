//! The command `rpcx`: see `cli.rs` for what it takes, and `outcome.rs` for how it ends.

#![forbid(unsafe_code)]

mod call;
mod cli;
mod connect;
mod describe;
mod gateway;
mod outcome;
mod show;

use std::process::ExitCode;

use cli::{Cli, Command};
use outcome::Outcome;

fn main() -> ExitCode {
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
        Command::Call(options) => call::run(&options).await,
        Command::Describe(options) => describe::describe(&options).await,
        Command::Gateway(options) => gateway::run(&options).await,
        Command::List(options) => describe::list(&options).await,
    }
}
