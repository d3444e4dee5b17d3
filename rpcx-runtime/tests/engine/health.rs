//! Nodes that fail, come back and are new.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::client::{Ejection, FailMode, NodeStatus, Select};
use rpcx_runtime::discovery::{Node, StaticNodes};
use rpcx_runtime::{Backoff, Channel, Error, Rejection, Retry, Server, ServerHandle};

use crate::echo::{Echo, EchoClient};

/// A server that is overloaded while it is told to be.
struct Moody {
    address: String,
    fails: Arc<AtomicBool>,
    handle: ServerHandle,
}

impl Moody {
    async fn start() -> Self {
        let fails = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&fails);
        let server = Server::builder()
            .register(Echo::default())
            .authorize(move |_| match asked.load(Ordering::Relaxed) {
                true => Err(Error::refuse(Rejection::Overloaded, "not now")),
                false => Ok(()),
            })
            .listen("tcp@127.0.0.1:0")
            .bind()
            .await
            .unwrap();
        let (address, handle) = (server.addresses()[0].to_string(), server.handle());
        tokio::spawn(server.serve());
        Self {
            address,
            fails,
            handle,
        }
    }

    fn refused(&self) -> u64 {
        self.handle.stats().denied
    }
}

async fn moody<const N: usize>() -> [Moody; N] {
    let mut servers = Vec::new();
    for _ in 0..N {
        servers.push(Moody::start().await);
    }
    servers.try_into().ok().unwrap()
}

fn at_once() -> Retry {
    let none = Backoff::new(Duration::ZERO, Duration::ZERO);
    Retry::new().backoff(none).budget(1.0, 1000.0)
}

fn ejected(nodes: &[NodeStatus]) -> usize {
    nodes.iter().filter(|node| node.ejected).count()
}

#[tokio::test]
async fn a_node_that_fails_is_passed_over_until_a_call_succeeds() {
    let servers = moody::<3>().await;
    let told = Arc::new(Mutex::new(HashMap::<&str, usize>::new()));
    let sink = Arc::clone(&told);
    let pauses = Backoff::new(Duration::from_millis(100), Duration::from_secs(1)).jitter(0.0);
    let channel = Channel::builder()
        .addresses(servers.iter().map(|server| server.address.as_str()))
        .select(Select::RoundRobin)
        .ejection(Ejection::new().failures(4).pauses(pauses))
        .slow_start(Duration::ZERO)
        .retry(at_once())
        .on_event(move |event| *sink.lock().unwrap().entry(event.name()).or_default() += 1);
    let channel = channel.build_lazy().unwrap();
    let client = EchoClient::new(channel.clone());
    for _ in 0..9 {
        client.echo(b"x").await.unwrap();
    }
    servers[0].fails.store(true, Ordering::Relaxed);
    for _ in 0..60 {
        client.echo(b"x").await.unwrap();
    }
    let status = channel.nodes();
    let failing = status
        .iter()
        .find(|node| node.address == servers[0].address);
    assert!(failing.unwrap().ejected && ejected(&status) == 1);
    // Four that failed, and a few that tried again if this took long.
    assert!(
        (4..10).contains(&servers[0].refused()),
        "{}",
        servers[0].refused()
    );

    servers[0].fails.store(false, Ordering::Relaxed);
    let back = async {
        while ejected(&channel.nodes()) > 0 {
            client.echo(b"x").await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back)
        .await
        .unwrap();
    let before = servers[0].handle.stats().calls;
    for _ in 0..30 {
        client.echo(b"x").await.unwrap();
    }
    assert_eq!(servers[0].handle.stats().calls - before, 10);
    let told = told.lock().unwrap();
    assert_eq!((told["node_ejected"], told["node_readmitted"]), (1, 1));
}

#[tokio::test]
async fn when_all_nodes_fail_some_are_still_tried_and_calls_do_not_wait() {
    let servers = moody::<4>().await;
    let builder = Channel::builder()
        .addresses(servers.iter().map(|server| server.address.as_str()))
        .select(Select::Random)
        .fail_mode(FailMode::Failfast);
    let channel = builder.build_lazy().unwrap();
    let client = EchoClient::new(channel.clone());
    servers
        .iter()
        .for_each(|server| server.fails.store(true, Ordering::Relaxed));
    for _ in 0..200 {
        client.echo(b"x").await.unwrap_err();
    }
    assert_eq!(ejected(&channel.nodes()), 2);
    let refused: u64 = servers.iter().map(Moody::refused).sum();
    assert_eq!(refused, 200, "each call has been sent");
    servers
        .iter()
        .for_each(|server| server.fails.store(false, Ordering::Relaxed));
    for _ in 0..20 {
        client.echo(b"x").await.unwrap();
    }
    let builder = Channel::builder()
        .addresses(servers.iter().map(|server| server.address.as_str()))
        .select(Select::Random)
        .ejection(Ejection::never());
    let never = builder.fail_mode(FailMode::Failfast).build_lazy().unwrap();
    let client = EchoClient::new(never.clone());
    servers[0].fails.store(true, Ordering::Relaxed);
    let mut failed = 0;
    for _ in 0..200 {
        failed += usize::from(client.echo(b"x").await.is_err());
    }
    assert!(failed > 20 && ejected(&never.nodes()) == 0, "{failed}");
}

/// A server within this process, so that time can be paused.
async fn at(address: &str) -> Echo {
    let echo = Echo::default();
    let server = Server::builder().register(echo.clone()).listen(address);
    let server = server.bind().await.unwrap();
    tokio::spawn(server.serve());
    echo
}

#[tokio::test(start_paused = true)]
async fn a_node_that_joins_others_begins_with_a_part_of_its_share() {
    let node = |address: &str| Node::parse(address, b"").unwrap();
    let [first, soon, later] = ["mem@slow-first", "mem@slow-soon", "mem@slow-later"];
    let echoes = (at(first).await, at(soon).await, at(later).await);
    let runs = |echo: &Echo| echo.runs.load(Ordering::Relaxed);
    let nodes = StaticNodes::of([node(first)]);
    let channel = Channel::builder().discover(nodes.clone());
    let channel = channel
        .slow_start(Duration::from_secs(20))
        .build_lazy()
        .unwrap();
    let client = EchoClient::new(channel.clone());
    client.echo(b"x").await.unwrap();
    let listed = async |count: usize| {
        while channel.nodes().len() < count {
            tokio::task::yield_now().await;
        }
    };
    // All are new: this one is not spared.
    nodes.set([node(first), node(soon)]);
    listed(2).await;
    for _ in 0..100 {
        client.echo(b"x").await.unwrap();
    }
    assert_eq!(runs(&echoes.1), 50);
    tokio::time::advance(Duration::from_secs(21)).await;
    nodes.set([node(first), node(soon), node(later)]);
    listed(3).await;
    for _ in 0..1000 {
        client.echo(b"x").await.unwrap();
    }
    // A tenth of its turns.
    assert!((20..150).contains(&runs(&echoes.2)), "{}", runs(&echoes.2));
    let warming: Vec<_> = channel.nodes().iter().map(|node| node.warming).collect();
    assert_eq!(warming.iter().filter(|warming| **warming).count(), 1);
    tokio::time::advance(Duration::from_secs(21)).await;
    let before = runs(&echoes.2);
    for _ in 0..300 {
        client.echo(b"x").await.unwrap();
    }
    assert_eq!(runs(&echoes.2) - before, 100);
}
