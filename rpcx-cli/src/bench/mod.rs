//! `rpcx bench`: load on one method, and how long its calls took.

mod cpu;
mod html;
mod load;
mod progress;
mod record;
mod result;
mod schedule;
mod text;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap_complete::ArgValueCompleter;
use rpcx::Retry;
use rpcx::client::{RawMethod, Select};

use crate::call::{MethodName, RequestOptions};
use crate::connect::{ConnectOptions, duration};
use crate::outcome::Outcome;
use crate::shell::method_names;
use crate::show;
use load::{Caller, Plan};
use record::Recorder;
use result::Summary;
use schedule::Schedule;

const EXAMPLES: &str = "\
Examples:
  rpcx bench tcp@127.0.0.1:8972 Arith.Mul '{\"A\":6,\"B\":7}' --rate 5000 --duration 30s
  rpcx bench 127.0.0.1:8972 Arith.Mul '{\"A\":6,\"B\":7}' --schedule 1000:10s,1000..20000:60s --html bench.html
  rpcx bench 127.0.0.1:8972 Arith.Mul '{\"A\":6,\"B\":7}' --closed --callers 64 --connections 4
  rpcx bench etcd://127.0.0.1:2379/rpcx Arith.Mul '{}' --codec msgpack --json

Open and closed loop:
  Calls begin when the schedule says, whether others have been answered or not; that is how independent clients are. Latency is
  counted from the moment at which a call was to begin, so that a server that stops for a second is seen by all the
  calls of that second, and once more from the moment at which it did begin. With `--closed` each caller waits for a reply before
  it calls again; the rate is what comes of it.

What it costs:
  0.9 us of CPU a call with 64 callers on one connection, 10 us with one caller, 65 us at 1,000 calls a second; `cpu` says what a run took. That
  is what the load generator of benches/peers takes, too. A server on the same machine lacks it: at its limit the program is measured with it.

Exit codes:
  0 every call was answered with a reply; otherwise that of the most frequent failure, as for `rpcx call`";

/// Measures how long calls take under load
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BenchOptions {
    /// Where the server is: network@host:port, or the URL of a registry
    address: String,

    /// The method: Service.Method, or Service/Method
    #[arg(add = ArgValueCompleter::new(method_names))]
    method: MethodName,

    /// The arguments as JSON; `-` reads them from standard input, `@FILE` from a file
    #[arg(default_value = "null")]
    arguments: String,

    /// Calls a second
    #[arg(short, long, value_name = "CALLS", default_value = "1000", value_parser = schedule::rate)]
    rate: f64,

    /// How long it is measured
    #[arg(short, long, value_name = "TIME", default_value = "10s", value_parser = schedule::time)]
    duration: Duration,

    /// Rates and times one after the other in place of --rate and --duration: RATE:TIME, or FROM..TO:TIME for a ramp
    #[arg(long, value_name = "STEPS", conflicts_with_all = ["rate", "duration", "closed"])]
    schedule: Option<Schedule>,

    /// Calls come at random, as those of many independent clients, and not evenly
    #[arg(long, conflicts_with = "closed")]
    poisson: bool,

    /// How long calls are made before it is measured
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    warm_up: Duration,

    /// Connections; calls take turns
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,

    /// The most calls that are under way at once; beyond that they begin late, and that is counted
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    in_flight: u32,

    /// Each of --callers waits for a reply before it calls again
    #[arg(long, conflicts_with = "rate")]
    closed: bool,

    /// Callers of the closed loop
    #[arg(long, value_name = "N", default_value_t = 1, requires = "closed", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    callers: u32,

    /// Prints the result as JSON
    #[arg(long)]
    json: bool,

    /// Writes the result as a page with plots
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Shows no progress
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    request: RequestOptions,

    #[command(flatten)]
    connect: ConnectOptions,
}

/// Runs the command.
pub(crate) async fn run(options: &BenchOptions) -> Result<ExitCode, Outcome> {
    // What cannot be written is said before it is measured.
    let file = options.html.as_deref().map(create).transpose()?;
    let caller = caller(options).await?;
    let schedule = options.schedule.clone();
    let schedule = schedule.unwrap_or_else(|| Schedule::even(options.rate, options.duration));
    let plan = Plan {
        callers: options.closed.then_some(options.callers),
        poisson: options.poisson,
        in_flight: options.in_flight,
        warm_up: options.warm_up,
        schedule,
    };
    let recorder = Arc::new(Recorder::new(options.warm_up, options.closed));
    let bar = progress::start(options.quiet, &plan, Arc::clone(&recorder));
    let measured = load::run(&plan, &caller, &recorder).await;
    bar.abort();
    progress::clear();
    caller.close().await;
    let summary = Summary::new(&plan, &recorder, measured);
    let title = format!(
        "{} {}.{}",
        options.address, options.method.service, options.method.method
    );
    if let Some((file, path)) = file {
        let page = html::page(&title, options.connections, &summary);
        write(file, &page).map_err(|error| unwritten(path, &error))?;
    }
    match options.json {
        true => show::print_json(&serde_json::to_vec(&summary).map_err(Outcome::usage)?)?,
        false => show::print(text::text(&title, options.connections, &summary).as_bytes())?,
    }
    Ok(ExitCode::from(summary.exit_code()))
}

fn create(path: &Path) -> Result<(File, &Path), Outcome> {
    let file = File::create(path).map_err(|error| unwritten(path, &error))?;
    Ok((file, path))
}

fn write(mut file: File, page: &str) -> std::io::Result<()> {
    file.write_all(page.as_bytes())?;
    file.flush()
}

fn unwritten(path: &Path, error: &std::io::Error) -> Outcome {
    Outcome::usage(format!("{}: {error}", path.display()))
}

/// Connects, so that a server that is not there is said before anything is measured.
async fn caller(options: &BenchOptions) -> Result<Caller, Outcome> {
    let prepared = options
        .request
        .prepare(&options.method, &options.arguments)?;
    // One address is no choice, and a call of it costs less without.
    let select = match options.address.contains("://") {
        true => Select::Random,
        false => Select::First,
    };
    let mut channels = Vec::new();
    let mut methods: Vec<RawMethod> = Vec::new();
    for _ in 0..options.connections {
        let address = std::slice::from_ref(&options.address);
        let builder = options.connect.channel(address, select.clone())?;
        let channel = builder.retry(Retry::never()).build().await?;
        methods.push(prepared.method(&channel, &options.method));
        channels.push(channel);
    }
    Ok(Caller::new(channels, methods, prepared.payload.clone()))
}
