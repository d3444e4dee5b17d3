//! Connections that have made one call and wait: how fast they are opened, and what each keeps.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::reachable;
use crate::measure::{Probe, Usage};
use crate::peer::{Client, Peer};

/// How many connections are opened at once.
const AT_ONCE: usize = 32;

/// How long both sides have to come to rest.
const REST: Duration = Duration::from_secs(2);

/// What one run is asked to do.
#[derive(Clone, Debug)]
pub struct IdlePlan {
    /// How many connections are opened.
    pub connections: usize,
    /// The server's control address.
    pub control: String,
}

/// What one run gave. The client prints it as one line of JSON.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Idle {
    /// Connections opened, and called over once, in a second.
    pub per_second: f64,
    /// Memory that the server keeps for each, in bytes.
    pub server_bytes: f64,
    /// Memory that the client keeps for each, in bytes.
    pub client_bytes: f64,
    /// Processor time of both for each, in microseconds.
    pub cpu_us: f64,
}

/// Opens the connections of the plan to the server of `P` at `address`.
///
/// # Errors
/// A connection or a call fails: there may be fewer descriptors than connections.
pub async fn run<P: Peer>(address: SocketAddr, plan: IdlePlan) -> Result<Idle> {
    let count = plan.connections;
    ensure!(count > 0, "`--connections 0`: at least one is needed");
    reachable(address).await?;
    let mut probe = Probe::connect(&plan.control)?;
    // What is made once for the whole process is not that of a connection.
    let first = connected::<P>(address).await?;
    tokio::time::sleep(REST).await;
    let (client, server) = (Usage::own()?, probe.ask()?);
    let began = Instant::now();
    let mut opening = JoinSet::new();
    let mut open = Vec::with_capacity(count);
    for number in 0..count {
        if number >= AT_ONCE {
            open.push(next(&mut opening, number).await?);
        }
        opening.spawn(connected::<P>(address));
    }
    while !opening.is_empty() {
        open.push(next(&mut opening, count).await?);
    }
    let took = began.elapsed();
    let used = Usage::own()?.since(client).cpu_us() + probe.ask()?.since(server).cpu_us();
    tokio::time::sleep(REST).await;
    let (client_after, server_after) = (Usage::own()?, probe.ask()?);
    drop((open, first));
    let each = |kib: i64| kib as f64 * 1024.0 / count as f64;
    Ok(Idle {
        per_second: count as f64 / took.as_secs_f64(),
        server_bytes: each(server_after.resident_kib - server.resident_kib),
        client_bytes: each(client_after.resident_kib - client.resident_kib),
        cpu_us: used as f64 / count as f64,
    })
}

async fn connected<P: Peer>(address: SocketAddr) -> Result<P::Client> {
    let client = P::connect(address).await?;
    let connection = client.clone();
    let product = async move { connection.mul(6, 7).await };
    ensure!(client.clone().stay(product).await?? == 42, "6 times 7");
    Ok(client)
}

async fn next<C: 'static>(opening: &mut JoinSet<Result<C>>, number: usize) -> Result<C> {
    let opened = opening.join_next().await.context("none is being opened")?;
    opened?.with_context(|| format!("of about {number} connections one failed"))
}
