//! The load generator: callers that each keep one call in flight, warm up, are measured, and stop.

mod caller;
mod idle;
mod pacer;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::measure::{Histogram, Probe, Usage};
use crate::message::{FETCHED, Template};
use crate::mode::Mode;
use crate::peer::{Client, Peer};
use caller::{Progress, caller, fetcher};
pub use idle::{Idle, IdlePlan, run as run_idle};
use pacer::Pacer;

/// What one run is asked to do.
#[derive(Debug)]
pub struct Plan {
    /// The calls and the callers.
    pub mode: Mode,
    /// Time before anything is counted.
    pub warm: Duration,
    /// Time that is measured.
    pub measured: Duration,
    /// Stop after this many calls in place of the times. For counting syscalls.
    pub calls: Option<u64>,
    /// Calls in a second that begin at their own times; without it each caller begins a call when the one before has
    /// ended.
    pub rate: Option<f64>,
    /// How long those that fetch large replies wait after each.
    pub pause: Duration,
    /// The server's control address; without it the server's share is 0.
    pub control: Option<String>,
}

/// What one run gave. The client prints it as one line of JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Calls that succeeded while measured.
    pub calls: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Seconds that were measured.
    pub seconds: f64,
    /// Median latency in microseconds.
    pub p50_us: f64,
    /// What 99 % of the latencies do not exceed, in microseconds.
    pub p99_us: f64,
    /// What 99.9 % of them do not exceed.
    #[serde(default)]
    pub p999_us: f64,
    /// Millions of bytes in a second of large replies beside the calls.
    #[serde(default)]
    pub beside_mb_s: f64,
    /// Used by the client's process while measured.
    pub client: Usage,
    /// Used by the server's process while measured.
    pub server: Usage,
}

/// Both processes at one moment.
#[derive(Clone, Copy)]
struct Moment {
    time: Instant,
    client: Usage,
    server: Usage,
}

impl Moment {
    fn now(probe: &mut Option<Probe>) -> Result<Self> {
        let server = probe
            .as_mut()
            .map(Probe::ask)
            .transpose()?
            .unwrap_or_default();
        Ok(Self {
            time: Instant::now(),
            client: Usage::own()?,
            server,
        })
    }
}

/// Runs the plan against the server of `P` at `address`.
///
/// # Errors
/// A server cannot be reached, or goes away.
pub async fn run<P: Peer>(address: SocketAddr, plan: Plan) -> Result<Outcome> {
    reachable(address).await?;
    let mut probe = plan.control.as_deref().map(Probe::connect).transpose()?;
    let mut clients = Vec::new();
    for _ in 0..plan.mode.connections {
        clients.push(P::connect(address).await?);
    }
    let pacer = plan.rate.map(Pacer::start).transpose()?;
    let progress = Progress::new(plan.calls, pacer);
    let mut start = Moment::now(&mut probe)?;
    let template = Template::leak();
    let mut callers = JoinSet::new();
    for number in 0..plan.mode.callers {
        let client = clients[number % clients.len()].clone();
        let progress = Arc::clone(&progress);
        let calls = caller(client.clone(), template, plan.mode.operation, progress);
        callers.spawn(client.stay(calls));
    }
    let mut fetchers = JoinSet::new();
    for number in 0..plan.mode.beside {
        let client = clients[number % clients.len()].clone();
        // what is made or learned with the first reply is there before anything is counted
        let connection = client.clone();
        let first = async move { connection.fetch().await };
        client.clone().stay(first).await??;
        let fetches = fetcher(client.clone(), plan.pause, Arc::clone(&progress));
        fetchers.spawn(client.stay(fetches));
    }
    if plan.calls.is_none() {
        tokio::time::sleep(plan.warm).await;
        start = Moment::now(&mut probe)?;
        progress.measure();
        tokio::time::sleep(plan.measured).await;
        progress.stop();
        let end = Moment::now(&mut probe)?;
        let latencies = gather(callers).await?;
        let mut outcome = outcome(&latencies, &progress, start, end);
        outcome.beside_mb_s = rate_of(fetchers).await? / outcome.seconds;
        return Ok(outcome);
    }
    let latencies = gather(callers).await?;
    Ok(outcome(
        &latencies,
        &progress,
        start,
        Moment::now(&mut probe)?,
    ))
}

/// The server is a process that was only just started.
async fn reachable(address: SocketAddr) -> Result<()> {
    for _ in 0..250 {
        if TcpStream::connect(address).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("no server at {address} after 5 seconds")
}

async fn gather(mut callers: JoinSet<Result<Histogram>>) -> Result<Histogram> {
    let mut all = Histogram::default();
    while let Some(one) = callers.join_next().await {
        all.merge(&one.context("a caller panicked")??);
    }
    Ok(all)
}

/// Millions of bytes that were fetched.
async fn rate_of(mut fetchers: JoinSet<Result<u64>>) -> Result<f64> {
    let mut fetched = 0;
    while let Some(one) = fetchers.join_next().await {
        fetched += one.context("a caller panicked")??;
    }
    Ok(fetched as f64 * FETCHED as f64 / 1e6)
}

fn outcome(latencies: &Histogram, progress: &Progress, start: Moment, end: Moment) -> Outcome {
    let microseconds = |share| latencies.quantile(share) as f64 / 1_000.0;
    Outcome {
        calls: latencies.count(),
        errors: progress.errors(),
        seconds: (end.time - start.time).as_secs_f64(),
        p50_us: microseconds(0.5),
        p99_us: microseconds(0.99),
        p999_us: microseconds(0.999),
        beside_mb_s: 0.0,
        client: end.client.since(start.client),
        server: end.server.since(start.server),
    }
}
