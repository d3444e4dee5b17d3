//! Three nodes: by one channel that chooses among them, and by three single channels that are taken in turn.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use rpcx::client::Select;

use super::rpcx::{BenchServer, Bencher, Connection};
use super::{Client, Peer};
use crate::message::Template;

/// One channel over all of them, round robin.
pub(super) struct Fleet;

/// A channel for each, in turn.
pub(super) struct InTurn;

impl Peer for Fleet {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        serve(address).await
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        let nodes = nodes(address)?;
        let channel = rpcx::Channel::builder().addresses(nodes.each_ref().map(String::as_str));
        let channel = channel.select(Select::RoundRobin).build().await?;
        ensure!(
            channel.warm([""; 0]).await? == nodes.len(),
            "a node does not answer"
        );
        Ok(Connection::new(channel))
    }
}

impl Peer for InTurn {
    type Client = Turns;

    async fn serve(address: SocketAddr) -> Result<()> {
        serve(address).await
    }

    async fn connect(address: SocketAddr) -> Result<Turns> {
        let mut each = Vec::new();
        for node in nodes(address)? {
            each.push(Connection::new(rpcx::Channel::connect(&*node).await?));
        }
        Ok(Turns {
            each: each.into(),
            next: Arc::default(),
        })
    }
}

#[derive(Clone)]
pub(super) struct Turns {
    each: Arc<[Connection]>,
    next: Arc<AtomicUsize>,
}

impl Turns {
    fn next(&self) -> &Connection {
        &self.each[self.next.fetch_add(1, Ordering::Relaxed) % self.each.len()]
    }
}

impl Client for Turns {
    async fn say(&self, template: &'static Template) -> Result<()> {
        self.next().say(template).await
    }

    async fn mul(&self, a: i32, b: i32) -> Result<i32> {
        self.next().mul(a, b).await
    }

    async fn blob(&self, template: &'static Template) -> Result<()> {
        self.next().blob(template).await
    }
}

async fn serve(address: SocketAddr) -> Result<()> {
    let mut server = rpcx::Server::builder().register(BenchServer::new(Bencher));
    for node in nodes(address)? {
        server = server.listen(&*node);
    }
    Ok(server.serve().await?)
}

/// 127.0.0.1, 127.0.0.2 and 127.0.0.3, which Linux has all.
fn nodes(address: SocketAddr) -> Result<[String; 3]> {
    let IpAddr::V4(first) = address.ip() else {
        anyhow::bail!("three nodes need IPv4 addresses");
    };
    let node = |number: u32| {
        let ip = std::net::Ipv4Addr::from_bits(first.to_bits() + number);
        format!("tcp@{ip}:{}", address.port())
    };
    Ok([node(0), node(1), node(2)])
}
