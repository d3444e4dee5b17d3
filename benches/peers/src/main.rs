//! The command `peers`: compare, or one half of a run.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::runtime::{Builder, Runtime};

use peers::load::{IdlePlan, Plan};
use peers::options::Options;
use peers::{compare, measure, mode, peer};

const USAGE: &str = "\
peers compare [--peers A,B,..] [--modes abcde] [--secs S] [--warm S] [--rounds N] [--base PEER]
              [--external NAME=PROGRAM,..] [--workers N] [--shares 50,80,95] [--pause MS] [--plot FILE]
peers server PEER ADDRESS [--workers N]
peers client PEER ADDRESS MODE [--secs S] [--warm S] [--calls N] [--rate N] [--pause MS] [--control ADDRESS] [--workers N]
peers idle [--peers A,B,..] [--connections N] [--rounds N] [--external NAME=PROGRAM,..] [--workers N]
peers list";

const KNOWN: [&str; 15] = [
    "peers",
    "modes",
    "secs",
    "warm",
    "rounds",
    "base",
    "external",
    "workers",
    "calls",
    "control",
    "rate",
    "shares",
    "plot",
    "connections",
    "pause",
];

fn main() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1), &KNOWN).context(USAGE)?;
    match options.word(0, "the command").context(USAGE)? {
        "compare" => compare::run(&options),
        "idle" => compare::idle::run(&options),
        "server" => serve(&options),
        "client" => client(&options),
        "list" => {
            peer::all()
                .iter()
                .for_each(|entry| println!("{:14} {}", entry.name, entry.about));
            Ok(())
        }
        other => bail!("there is no command `{other}`\n{USAGE}"),
    }
}

/// Prints its control address, then serves until it is killed.
fn serve(options: &Options) -> Result<()> {
    let peer = peer::named(options.word(1, "the peer")?)?;
    let address = options
        .word(2, "the address")?
        .parse()
        .context("the address")?;
    println!("control {}", measure::answer()?);
    runtime(options)?.block_on((peer.serve)(address))
}

/// Prints one line of JSON.
fn client(options: &Options) -> Result<()> {
    let peer = peer::named(options.word(1, "the peer")?)?;
    let address = options
        .word(2, "the address")?
        .parse()
        .context("the address")?;
    let mode = options.word(3, "the mode")?;
    if mode == "idle" {
        return idle(&peer, address, options);
    }
    let letter = mode.parse().context("the mode is one letter")?;
    let calls = options
        .text("calls")
        .map(|_| options.number("calls", 0))
        .transpose()?;
    let rate = options
        .text("rate")
        .map(|_| options.number("rate", 0.0))
        .transpose()?;
    let plan = Plan {
        mode: mode::named(letter)?,
        warm: Duration::from_secs_f64(options.number("warm", 0.5)?),
        measured: Duration::from_secs_f64(options.number("secs", 2.0)?),
        calls,
        rate,
        pause: Duration::from_secs_f64(options.number("pause", 0.0)? / 1_000.0),
        control: options.text("control").map(str::to_owned),
    };
    let outcome = runtime(options)?.block_on((peer.load)(address, plan))?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

/// Prints one line of JSON.
fn idle(peer: &peer::Entry, address: SocketAddr, options: &Options) -> Result<()> {
    let plan = IdlePlan {
        connections: options.number("connections", 1)?,
        control: options
            .text("control")
            .context("`--control` is missing")?
            .to_owned(),
    };
    let idle = runtime(options)?.block_on((peer.idle)(address, plan))?;
    println!("{}", serde_json::to_string(&idle)?);
    Ok(())
}

/// Tokio's default, a worker for each core, unless `--workers` says otherwise.
fn runtime(options: &Options) -> Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if options.text("workers").is_some() {
        let workers = options.number("workers", 1)?;
        anyhow::ensure!(workers > 0, "`--workers 0`: at least one is needed");
        builder.worker_threads(workers);
    }
    Ok(builder.enable_all().build()?)
}
