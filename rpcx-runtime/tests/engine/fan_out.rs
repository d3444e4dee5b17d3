//! One call to all nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::client::{ChannelBuilder, FailMode, Select};
use rpcx_runtime::discovery::StaticNodes;
use rpcx_runtime::layer::{Next, Request};
use rpcx_runtime::{Channel, ErrorKind, Limits, Rejection};
use tokio::net::TcpListener;

use crate::echo::{EchoClient, Running, start};

async fn servers<const N: usize>() -> [Running; N] {
    let mut servers = Vec::new();
    for _ in 0..N {
        servers.push(start(Limits::server()).await);
    }
    servers.try_into().ok().unwrap()
}

fn to(servers: &[Running]) -> ChannelBuilder {
    let addresses = servers.iter().map(|server| server.address.as_str());
    let builder = Channel::builder().addresses(addresses);
    builder.select(Select::RoundRobin)
}

fn client(builder: ChannelBuilder) -> EchoClient {
    EchoClient::new(builder.build_lazy().unwrap())
}

fn runs(servers: &[Running]) -> Vec<usize> {
    servers.iter().map(Running::runs).collect()
}

async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("tcp@{}", listener.local_addr().unwrap())
}

/// A server that refuses all calls.
async fn overloaded() -> Running {
    let mut limits = Limits::server();
    limits.server_calls = 0;
    start(limits).await
}

#[tokio::test]
async fn each_node_runs_a_call_to_all_once() {
    let servers = servers::<3>().await;
    let layered = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&layered);
    let builder = to(&servers).layer(move |request: Request, next: Next| {
        count.fetch_add(1, Ordering::Relaxed);
        next.run(request)
    });
    // With layers and without, and never hedged.
    let soon = FailMode::Failbackup(Duration::ZERO);
    for (builder, round) in [
        (to(&servers), 1),
        (builder, 2),
        (to(&servers).fail_mode(soon), 3),
    ] {
        let client = client(builder);
        assert_eq!(
            client.echo(b"x").idempotent().broadcast().await.unwrap(),
            b"x"
        );
        let receipts = client.echo(b"y").inform().await.unwrap();
        let mut addresses: Vec<_> = servers.iter().map(|server| &server.address).collect();
        addresses.sort();
        assert!(
            receipts
                .iter()
                .map(|receipt| &receipt.address)
                .eq(addresses)
        );
        assert!(
            receipts
                .iter()
                .all(|receipt| receipt.outcome.as_ref().is_ok_and(|reply| reply == b"y"))
        );
        assert_eq!(runs(&servers), [2 * round; 3]);
    }
    assert_eq!(layered.load(Ordering::Relaxed), 6);
}

#[tokio::test]
async fn a_broadcast_fails_if_one_node_does_and_a_fork_does_not() {
    let [one, two] = servers::<2>().await;
    let addresses = [one.address.clone(), nowhere().await, two.address.clone()];
    let builder = || {
        let builder = Channel::builder().addresses(&addresses);
        client(builder.select(Select::Random))
    };
    let error = builder().echo(b"x").broadcast().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.message().contains(&addresses[1]), "{error}");
    assert_eq!((one.runs(), two.runs()), (1, 1), "the others have run it");
    assert_eq!(builder().echo(b"x").fork().await.unwrap(), b"x");
    let receipts = builder().echo(b"x").inform().await.unwrap();
    let failed = receipts
        .iter()
        .find(|receipt| receipt.address == addresses[1]);
    let failed = failed.unwrap().outcome.as_ref().unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::NotSent);
    assert_eq!(
        receipts
            .iter()
            .filter(|receipt| receipt.outcome.is_ok())
            .count(),
        2
    );
    // What a method answers is an answer.
    let error = builder().fail().broadcast().await.unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::NotSent | ErrorKind::Service
    ));
}

#[tokio::test]
async fn what_none_has_run_says_most_of_what_is_known() {
    let (refuses, gone) = (overloaded().await, nowhere().await);
    let builder = Channel::builder().addresses([refuses.address.as_str(), &gone]);
    let client = client(builder.select(Select::Random));
    let error = client.echo(b"x").fork().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Overloaded));
    // One attempt, though it would be made again otherwise.
    assert_eq!(refuses.handle.stats().overloaded, 1);
}

#[tokio::test]
async fn the_others_of_a_fork_are_given_up() {
    let servers = servers::<2>().await;
    let client = client(to(&servers));
    // The same for both, so both take the same time; neither is left behind.
    client.wait(30).fork().await.unwrap();
    // The one that was not needed is a task of its own, which has yet to end.
    let channel = client.0.channel();
    let none = || channel.nodes().iter().all(|node| node.in_flight == 0);
    let ended = async {
        while !none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), ended).await;
    assert!(waited.is_ok(), "{:?}", channel.nodes());
}

#[tokio::test]
async fn a_call_to_all_needs_nodes() {
    let [server] = servers::<1>().await;
    let alone = EchoClient::connect(&server.address).await;
    assert_eq!(alone.echo(b"x").broadcast().await.unwrap(), b"x");
    assert_eq!(alone.echo(b"x").inform().await.unwrap().len(), 1);
    let first = Channel::builder().addresses([server.address.as_str(), "tcp@127.0.0.1:1"]);
    let error = client(first).echo(b"x").inform().await.unwrap_err();
    assert!(error.message().contains("`select`"), "{error}");
    let none = client(Channel::builder().discover(StaticNodes::of([])));
    let error = none.echo(b"x").fork().await.unwrap_err();
    assert!(error.message().contains("no node offers `Echo`"), "{error}");
    let found = StaticNodes::new([server.address.as_str()]).unwrap();
    let found = client(Channel::builder().discover(found));
    assert_eq!(found.echo(b"x").broadcast().await.unwrap(), b"x");
    // The deadline is that of the call.
    let slow = found.wait(60_000).timeout(Duration::from_millis(50));
    let error = slow.broadcast().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
}
