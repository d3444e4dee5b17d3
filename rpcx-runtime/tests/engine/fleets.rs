//! A channel to several servers, of which each call takes one.

use std::future::IntoFuture;
use std::time::Duration;

use rpcx_runtime::client::{ChannelBuilder, FailMode, Select};
use rpcx_runtime::protocol::{Codec, Frame, Header, Metadata};
use rpcx_runtime::{Backoff, Channel, ErrorKind, Limits, Rejection, Retry};
use tokio::net::TcpListener;

use crate::allocations::{CALLS, allocations};
use crate::echo::{EchoClient, Running, start, start_at};
use crate::wire::{Wire as Peer, frame, reply};

/// Longer than a busy machine takes; nothing is expected to take it.
const SOON: Duration = Duration::from_secs(20);

fn at_once() -> Retry {
    Retry::new().backoff(Backoff::new(Duration::ZERO, Duration::ZERO))
}

async fn servers<const N: usize>() -> [Running; N] {
    let mut servers = Vec::new();
    for _ in 0..N {
        servers.push(start(Limits::server()).await);
    }
    servers.try_into().ok().unwrap()
}

fn to(servers: &[Running]) -> ChannelBuilder {
    let addresses = servers.iter().map(|server| server.address.as_str());
    Channel::builder().addresses(addresses).retry(at_once())
}

fn client(builder: ChannelBuilder) -> EchoClient {
    EchoClient::new(builder.build_lazy().unwrap())
}

fn runs(servers: &[Running]) -> Vec<usize> {
    servers.iter().map(Running::runs).collect()
}

/// An address at which nothing listens.
async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("tcp@{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn calls_are_spread_as_was_selected() {
    for (select, expected) in [
        (Select::First, vec![30, 0, 0]),
        (Select::RoundRobin, vec![10, 10, 10]),
        (Select::Weighted, vec![10, 10, 10]),
    ] {
        let servers = servers::<3>().await;
        let client = client(to(&servers).select(select.clone()));
        for _ in 0..30 {
            client.echo(b"x").await.unwrap();
        }
        assert_eq!(runs(&servers), expected, "{select:?}");
    }
    for select in [Select::Random, Select::LeastLoaded] {
        let servers = servers::<3>().await;
        let client = client(to(&servers).select(select.clone()));
        for _ in 0..200 {
            client.echo(b"x").await.unwrap();
        }
        let runs = runs(&servers);
        assert_eq!(runs.iter().sum::<usize>(), 200);
        assert!(
            runs.iter().filter(|runs| **runs > 0).count() > 1,
            "{select:?}: {runs:?}"
        );
    }
}

#[tokio::test]
async fn weights_are_those_of_the_addresses() {
    let servers = servers::<2>().await;
    let builder = Channel::builder()
        .address(servers[0].address.as_str())
        .weighted(servers[1].address.as_str(), 3);
    let client = client(builder.select(Select::Weighted));
    for _ in 0..40 {
        client.echo(b"x").await.unwrap();
    }
    let runs = runs(&servers);
    assert!(
        (9..=11).contains(&runs[0]) && (29..=31).contains(&runs[1]),
        "{runs:?}"
    );
    let weights: Vec<_> = client
        .0
        .channel()
        .nodes()
        .iter()
        .map(|node| node.weight)
        .collect();
    assert_eq!(weights, [1, 3]);
}

#[tokio::test]
async fn the_same_key_goes_to_the_same_server() {
    let servers = servers::<3>().await;
    let client = client(to(&servers).select(Select::ConsistentHash));
    for _ in 0..10 {
        client.echo(b"the arguments").await.unwrap();
    }
    let once = runs(&servers);
    assert_eq!(once.iter().max(), Some(&10), "{once:?}");
    for number in 0..10u8 {
        client.echo(&[number]).hash_key("user 7").await.unwrap();
    }
    let added: Vec<_> = runs(&servers)
        .iter()
        .zip(&once)
        .map(|(now, then)| now - then)
        .collect();
    assert_eq!(added.iter().max(), Some(&10), "{added:?}");
    for number in 0..100u8 {
        client.echo(&[number]).await.unwrap();
    }
    assert!(
        runs(&servers).iter().all(|runs| *runs > 5),
        "{:?}",
        runs(&servers)
    );
}

#[tokio::test]
async fn with_one_server_gone_no_call_fails_and_each_runs_once() {
    for select in [
        Select::Random,
        Select::RoundRobin,
        Select::Weighted,
        Select::ConsistentHash,
        Select::LeastLoaded,
    ] {
        let servers = servers::<2>().await;
        let client = client(
            to(&servers)
                .address(nowhere().await.as_str())
                .select(select.clone()),
        );
        let calls: Vec<_> = (0..100u8)
            .map(|number| tokio::spawn(client.echo(&[number]).into_future()))
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(runs(&servers).iter().sum::<usize>(), 100, "{select:?}");
    }
}

#[tokio::test]
async fn with_all_servers_gone_the_error_says_so() {
    let builder = Channel::builder()
        .addresses([nowhere().await, nowhere().await])
        .retry(at_once())
        .select(Select::RoundRobin);
    let client = client(builder);
    let error = client.echo(b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(
        error.message().contains("cannot connect to tcp@127.0.0.1"),
        "{error}"
    );
    let nodes = client.0.channel().nodes();
    assert!(
        nodes
            .iter()
            .all(|node| node.unreachable && !node.connected && node.failures > 0)
    );
    let builder = Channel::builder().addresses([nowhere().await, nowhere().await]);
    assert!(builder.select(Select::Random).build().await.is_err());
}

#[tokio::test]
async fn failfast_makes_one_attempt() {
    let servers = servers::<1>().await;
    let builder = to(&servers).address(nowhere().await.as_str());
    let builder = builder
        .select(Select::RoundRobin)
        .fail_mode(FailMode::Failfast);
    let client = client(builder);
    let mut failed = 0;
    for _ in 0..10 {
        if let Err(error) = client.echo(b"x").idempotent().await {
            assert_eq!(error.kind(), ErrorKind::NotSent);
            failed += 1;
        }
    }
    // Once it is known to be gone it is passed over, but for a dial of which no call hears.
    assert!((1..=2).contains(&failed), "{failed}");
    assert_eq!(runs(&servers), [10 - failed]);
}

#[tokio::test]
async fn a_server_that_comes_back_gets_calls_again() {
    let servers = servers::<2>().await;
    let address = servers[0].address.clone();
    let quick = Backoff::new(Duration::from_millis(5), Duration::from_millis(20));
    let client = client(to(&servers).reconnect(quick).select(Select::RoundRobin));
    client.echo(b"x").await.unwrap();
    let [gone, _stays] = servers;
    gone.handle.shutdown();
    gone.task.await.unwrap().unwrap();
    for _ in 0..10 {
        client.echo(b"x").await.unwrap();
    }
    let back = start_at(&address, Limits::server()).await;
    tokio::time::timeout(SOON, async {
        while back.runs() == 0 {
            client.echo(b"x").await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await
    .unwrap();
}

/// Two servers that the test plays, and a client that is connected to both.
async fn played(set: impl FnOnce(ChannelBuilder) -> ChannelBuilder) -> (EchoClient, [Peer; 2]) {
    let mut listeners = Vec::new();
    for _ in 0..2 {
        listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
    }
    let address = |at: usize| format!("tcp@{}", listeners[at].local_addr().unwrap());
    let builder = Channel::builder()
        .addresses([address(0), address(1)])
        .retry(at_once());
    let client = client(set(builder.select(Select::RoundRobin)));
    let mut peers = Vec::new();
    while peers.len() < 2 {
        let call = tokio::spawn(client.echo(b"hello").into_future());
        let mut peer = tokio::select! {
            peer = Peer::accept(&listeners[0]) => peer,
            peer = Peer::accept(&listeners[1]) => peer,
        };
        let request = peer.next().await;
        peer.send(&reply(request.header.seq, b"hello")).await;
        call.await.unwrap().unwrap();
        peers.push(peer);
    }
    (client, peers.try_into().ok().unwrap())
}

fn rejection(request: &Frame) -> Vec<u8> {
    let metadata = Metadata::from_iter([
        ("__rpcx_error__", "not now"),
        ("__rpcx_rejected", "overloaded"),
    ]);
    let header = Header::request(request.header.seq, Codec::RAW)
        .reply()
        .error();
    frame(header, &metadata, b"")
}

#[tokio::test]
async fn failover_goes_to_another_server_and_failtry_to_the_same() {
    for (mode, elsewhere) in [(FailMode::Failover, true), (FailMode::Failtry, false)] {
        let (client, [mut one, mut two]) = played(|builder| builder.fail_mode(mode)).await;
        let call = tokio::spawn(client.echo(b"x").into_future());
        let (first, from_one) = tokio::select! {
            request = one.next() => (request, true),
            request = two.next() => (request, false),
        };
        let (asked, other) = match from_one {
            true => (&mut one, &mut two),
            false => (&mut two, &mut one),
        };
        asked.send(&rejection(&first)).await;
        let next = if elsewhere { other } else { asked };
        let second = tokio::time::timeout(SOON, next.next()).await.unwrap();
        next.send(&reply(second.header.seq, b"done")).await;
        assert_eq!(call.await.unwrap().unwrap(), b"done", "{mode:?}");
    }
}

#[tokio::test]
async fn a_slow_idempotent_call_is_sent_to_a_second_server_and_the_first_reply_counts() {
    let soon = FailMode::Failbackup(Duration::from_millis(20));
    let (client, [mut one, mut two]) = played(|builder| builder.fail_mode(soon)).await;
    let call = tokio::spawn(client.echo(b"x").idempotent().into_future());
    let (first, second) = tokio::join!(one.next(), two.next());
    assert_eq!((first.payload(), second.payload()), (&b"x"[..], &b"x"[..]));
    // One of them never answers.
    two.send(&reply(second.header.seq, b"second")).await;
    assert_eq!(call.await.unwrap().unwrap(), b"second");
    let in_flight: Vec<_> = client
        .0
        .channel()
        .nodes()
        .iter()
        .map(|node| node.in_flight)
        .collect();
    assert_eq!(in_flight, [0, 0], "the other call is given up");
    one.send(&reply(first.header.seq, b"late")).await;

    let call = tokio::spawn(client.echo(b"y").into_future());
    let (first, from_one) = tokio::select! {
        request = one.next() => (request, true),
        request = two.next() => (request, false),
    };
    let (asked, other) = match from_one {
        true => (&mut one, &mut two),
        false => (&mut two, &mut one),
    };
    let unasked = tokio::time::timeout(Duration::from_millis(100), other.next()).await;
    assert!(unasked.is_err(), "it is not idempotent");
    asked.send(&reply(first.header.seq, b"done")).await;
    assert_eq!(call.await.unwrap().unwrap(), b"done");
}

#[tokio::test]
async fn a_rejection_while_the_other_server_is_slow_is_not_the_end() {
    let soon = FailMode::Failbackup(Duration::from_millis(20));
    let (client, [mut one, mut two]) =
        played(|builder| builder.fail_mode(soon).retry(Retry::never())).await;
    let call = tokio::spawn(client.echo(b"x").idempotent().into_future());
    let (first, second) = tokio::join!(one.next(), two.next());
    one.send(&rejection(&first)).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    two.send(&reply(second.header.seq, b"done")).await;
    assert_eq!(call.await.unwrap().unwrap(), b"done");

    let call = tokio::spawn(client.echo(b"y").idempotent().into_future());
    let (first, second) = tokio::join!(one.next(), two.next());
    one.send(&rejection(&first)).await;
    two.send(&rejection(&second)).await;
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Overloaded));
}

#[tokio::test]
async fn selecting_allocates_nothing() {
    let servers = servers::<2>().await;
    for select in [
        Select::RoundRobin,
        Select::ConsistentHash,
        Select::LeastLoaded,
    ] {
        let client = client(to(&servers).select(select.clone()));
        let made = allocations(async || assert_eq!(client.echo(b"x").await.unwrap(), b"x")).await;
        // As for a single address.
        assert!(made <= 4 * CALLS + CALLS / 50, "{select:?}: {made}");
    }
}

#[tokio::test]
async fn closing_ends_the_connections_to_all_servers() {
    let servers = servers::<2>().await;
    let client = client(to(&servers).select(Select::RoundRobin));
    for _ in 0..4 {
        client.note().await.unwrap();
    }
    client.0.channel().close().await;
    assert_eq!(runs(&servers), [2, 2], "what was written has arrived");
    let error = client.echo(b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.message().contains("closed"), "{error}");
}

#[tokio::test]
async fn hedging_by_the_percentile_begins_when_it_is_known() {
    let servers = servers::<2>().await;
    let builder = to(&servers).select(Select::RoundRobin);
    let client = client(builder.fail_mode(FailMode::FailbackupP95));
    for _ in 0..40 {
        client.wait(2).idempotent().await.unwrap();
    }
    let made = runs(&servers).iter().sum::<usize>();
    // Ten may be hedged at once, of the eight that came when enough was known.
    assert!((40..=48).contains(&made), "{made}");
    // Much slower than all before: a second one is sent.
    client.wait(300).idempotent().await.unwrap();
    let after = runs(&servers).iter().sum::<usize>();
    assert_eq!(after - made, 2);
}
