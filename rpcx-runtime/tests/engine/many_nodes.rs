//! Connections to many nodes, and choices among them that the program makes or bounds.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::client::{Candidates, Choose, Ejection, Select, Selector};
use rpcx_runtime::discovery::{InProcessRegistry, Node, StaticNodes};
use rpcx_runtime::protocol::{Codec, FrameEncoder, Header, Metadata};
use rpcx_runtime::{Backoff, Channel, ErrorKind, Limits, Retry};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::echo::{EchoClient, Running, start, start_at};
use crate::wire::Wire as Peer;

/// Longer than a busy machine takes.
const SOON: Duration = Duration::from_secs(20);

async fn servers<const N: usize>() -> [Running; N] {
    let mut servers = Vec::new();
    for _ in 0..N {
        servers.push(start(Limits::server()).await);
    }
    servers.try_into().ok().unwrap()
}

fn addresses(servers: &[Running]) -> impl Iterator<Item = &str> {
    servers.iter().map(|server| server.address.as_str())
}

fn runs(servers: &[Running]) -> Vec<usize> {
    servers.iter().map(Running::runs).collect()
}

fn connected(channel: &Channel) -> usize {
    channel.nodes().iter().filter(|node| node.connected).count()
}

async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, waiting)
        .await
        .unwrap_or_else(|_| panic!("{what}"));
}

#[tokio::test(start_paused = true)]
async fn connections_that_carry_nothing_are_closed() {
    for node in ["mem@idle-one", "mem@idle-two"] {
        start_at(node, Limits::server()).await;
    }
    let channel = Channel::builder()
        .addresses(["mem@idle-one", "mem@idle-two"])
        .select(Select::RoundRobin)
        .heartbeat(Duration::from_secs(1), Duration::from_secs(5))
        .idle_after(Duration::from_secs(10))
        .build_lazy()
        .unwrap();
    let client = EchoClient::new(channel.clone());
    for _ in 0..2 {
        client.echo(b"x").await.unwrap();
    }
    assert_eq!(connected(&channel), 2);
    // Signs of life do not count, and calls do, also those that have no reply or take long.
    let long = tokio::spawn(client.wait(30_000).into_future());
    for _ in 0..10 {
        sleep(Duration::from_secs(3)).await;
        assert_eq!(connected(&channel), 2);
        client.note().await.unwrap();
        client.note().await.unwrap();
    }
    long.await.unwrap().unwrap();
    sleep(Duration::from_secs(14)).await;
    assert_eq!(connected(&channel), 0);
    for _ in 0..2 {
        client.echo(b"x").await.unwrap();
    }
    assert_eq!(connected(&channel), 2);
    // A channel to one address does the same.
    let one = Channel::builder()
        .address("mem@idle-one")
        .idle_after(Duration::from_secs(10));
    let closed = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&closed);
    let one = one.on_event(move |event| {
        counted.fetch_add(
            usize::from(event.name() == "connection_closed"),
            Ordering::Relaxed,
        );
    });
    let client = EchoClient::new(one.build_lazy().unwrap());
    for round in 0..3 {
        client.echo(b"x").await.unwrap();
        assert_eq!(closed.load(Ordering::Relaxed), round);
        sleep(Duration::from_secs(15)).await;
        assert_eq!(closed.load(Ordering::Relaxed), round + 1);
    }
}

#[tokio::test]
async fn a_channel_has_no_more_connections_than_it_may() {
    let servers = servers::<4>().await;
    let channel = Channel::builder()
        .addresses(addresses(&servers))
        .select(Select::RoundRobin)
        .most_connections(2)
        .build_lazy()
        .unwrap();
    let client = EchoClient::new(channel.clone());
    // At once, while nothing is connected.
    let calls: Vec<_> = (0..40)
        .map(|_| tokio::spawn(client.echo(b"x").into_future()))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    for _ in 0..40 {
        client.echo(b"x").await.unwrap();
    }
    assert_eq!(connected(&channel), 2);
    let used = runs(&servers);
    assert_eq!(used.iter().filter(|runs| **runs > 0).count(), 2, "{used:?}");
    // One of the two goes, and another one has its place.
    let gone = used.iter().position(|runs| *runs > 0).unwrap();
    servers[gone].handle.shutdown();
    let replaced = || runs(&servers).iter().filter(|runs| **runs > 0).count() == 3;
    let calling = async {
        while !replaced() {
            client.echo(b"x").idempotent().await.unwrap();
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(SOON, calling).await.unwrap();
    assert!(connected(&channel) <= 2);
}

/// The second connection to the first node took the place of the only one to the other.
#[tokio::test]
async fn a_further_connection_to_a_node_takes_no_place_that_another_node_needs() {
    let servers = servers::<2>().await;
    let channel = Channel::builder()
        .addresses(addresses(&servers))
        .select(Select::RoundRobin)
        .connections(2)
        .most_connections(2)
        .build_lazy()
        .unwrap();
    let client = EchoClient::new(channel.clone());
    // One node has a connection, and is called until a further one to it would have been opened.
    client.echo(b"x").await.unwrap();
    let calling = async {
        while connected(&channel) < 2 {
            for _ in 0..40 {
                client.echo(b"x").await.unwrap();
            }
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(SOON, calling).await.unwrap();
    let open = |server: &Running| server.handle.stats().open_connections;
    assert_eq!(servers.each_ref().map(open), [1, 1]);
}

#[tokio::test]
async fn connections_are_opened_before_they_are_needed() {
    let registry = InProcessRegistry::new();
    let servers = servers::<3>().await;
    for address in addresses(&servers) {
        registry.put("Echo", address, "");
        registry.put("Other", address, "");
    }
    let channel = Channel::builder()
        .discover(registry.clone())
        .build_lazy()
        .unwrap();
    assert_eq!(channel.warm(["Echo", "Other"]).await.unwrap(), 3);
    assert_eq!(connected(&channel), 3);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("tcp@{}", listener.local_addr().unwrap());
    drop(listener);
    let some = addresses(&servers[..2]).chain([nowhere.as_str()]);
    let channel = Channel::builder()
        .addresses(some)
        .select(Select::Random)
        .build_lazy()
        .unwrap();
    assert_eq!(channel.warm([""; 0]).await.unwrap(), 2);
    let none = Channel::builder()
        .discover(StaticNodes::of([]))
        .connect_timeout(Duration::from_millis(50));
    assert_eq!(none.build_lazy().unwrap().warm(["Echo"]).await.unwrap(), 0);
    registry.set_down(true);
    let away = Channel::builder()
        .discover(registry)
        .connect_timeout(Duration::from_millis(50));
    let error = away.build_lazy().unwrap().warm(["Echo"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
}

/// Nodes of a zone, the one with the fewest calls, and none if there are none.
#[derive(Clone, Copy)]
struct InZone(&'static str);

struct Places(Vec<usize>);

impl Selector for InZone {
    fn among(&self, nodes: &[Node]) -> Box<dyn Choose> {
        let near = |at: &usize| nodes[*at].get("zone").as_deref() == Some(self.0);
        Box::new(Places((0..nodes.len()).filter(near).collect()))
    }
}

impl Choose for Places {
    fn choose(&self, call: &Candidates<'_>) -> Option<usize> {
        assert!(call.count() > 0);
        let usable = self.0.iter().copied().filter(|at| call.is_usable(*at));
        usable.min_by_key(|at| call.in_flight(*at))
    }
}

#[tokio::test]
async fn the_program_chooses() {
    let servers = servers::<3>().await;
    let zones = ["zone=eu", "zone=us", "zone=eu"];
    let node =
        |(server, zone): (&Running, &str)| Node::parse(&server.address, zone.as_bytes()).unwrap();
    let nodes = StaticNodes::of(servers.iter().zip(zones).map(node));
    let channel = Channel::builder()
        .discover(nodes.clone())
        .select(Select::custom(InZone("eu")));
    let channel = channel.build_lazy().unwrap();
    assert_eq!(channel.warm(["Echo"]).await.unwrap(), 3);
    let client = EchoClient::new(channel);
    let waiting: Vec<_> = (0..10)
        .map(|_| tokio::spawn(client.wait(300).into_future()))
        .collect();
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    let used = runs(&servers);
    assert!(used[1] == 0 && used[0].abs_diff(used[2]) <= 2, "{used:?}");
    // When its nodes are gone others are taken, because the choice is none.
    nodes.set([node((&servers[1], zones[1]))]);
    let calling = async {
        while runs(&servers)[1] == 0 {
            client.echo(b"x").await.unwrap();
        }
    };
    timeout(SOON, calling).await.unwrap();
    let custom = Select::custom(InZone("eu"));
    assert_eq!(custom, custom.clone());
    assert_ne!(custom, Select::custom(InZone("eu")));
}

/// A choice that makes no sense.
struct Nonsense;

impl Selector for Nonsense {
    fn among(&self, _: &[Node]) -> Box<dyn Choose> {
        Box::new(Self)
    }
}

impl Choose for Nonsense {
    fn choose(&self, call: &Candidates<'_>) -> Option<usize> {
        Some(call.count() + 7)
    }
}

#[tokio::test]
async fn a_choice_that_is_none_takes_any() {
    let servers = servers::<2>().await;
    let channel = Channel::builder()
        .addresses(addresses(&servers))
        .select(Select::custom(Nonsense));
    let client = EchoClient::new(channel.build_lazy().unwrap());
    for _ in 0..50 {
        client.echo(b"x").await.unwrap();
    }
    assert!(
        runs(&servers).iter().all(|runs| *runs > 5),
        "{:?}",
        runs(&servers)
    );
}

#[tokio::test]
async fn a_hot_key_does_not_drown_its_node() {
    let servers = servers::<4>().await;
    let in_flight = async |builder: rpcx_runtime::client::ChannelBuilder| {
        let channel = builder.select(Select::ConsistentHash).build_lazy().unwrap();
        assert_eq!(channel.warm([""; 0]).await.unwrap(), 4);
        let client = EchoClient::new(channel.clone());
        let call = |_| tokio::spawn(client.wait(600).hash_key("hot").into_future());
        let calls: Vec<_> = (0..40).map(call).collect();
        let count = || {
            channel
                .nodes()
                .iter()
                .map(|node| node.in_flight)
                .sum::<u32>()
        };
        eventually("all are under way", || count() == 40).await;
        let mut counts: Vec<_> = channel.nodes().iter().map(|node| node.in_flight).collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        counts.sort_unstable();
        counts
    };
    let plain = Channel::builder().addresses(addresses(&servers));
    assert_eq!(in_flight(plain).await, [0, 0, 0, 40]);
    let bounded = Channel::builder()
        .addresses(addresses(&servers))
        .hash_load(1.25);
    let counts = in_flight(bounded).await;
    // 1.25 times 10, rounded up; the others have gone to the next ones.
    assert!(counts[3] == 13 && counts[1] > 1, "{counts:?}");
    let vain = Channel::builder()
        .addresses(addresses(&servers))
        .hash_load(2.0);
    let error = vain.select(Select::Random).build_lazy().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
}

#[tokio::test]
async fn nodes_that_answer_heartbeats_are_chosen_and_all_are_asked() {
    let servers = servers::<3>().await;
    let channel = Channel::builder()
        .addresses(addresses(&servers))
        .select(Select::Pinged);
    let channel = channel.build_lazy().unwrap();
    let client = EchoClient::new(channel.clone());
    client.echo(b"x").await.unwrap();
    eventually("all are asked", || connected(&channel) == 3).await;
    for _ in 0..90 {
        client.echo(b"x").await.unwrap();
    }
    assert!(
        runs(&servers).iter().all(|runs| *runs > 10),
        "{:?}",
        runs(&servers)
    );
}

/// A heartbeat that is an answer to one.
fn alive() -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, Header::heartbeat(0).reply());
    frame.names(b"", b"");
    frame.metadata(&Metadata::new());
    frame.payload(b"");
    frame.finish().unwrap();
    out
}

#[tokio::test]
async fn a_node_that_gives_no_sign_of_life_costs_no_call() {
    let good = start(Limits::server()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("tcp@{}", listener.local_addr().unwrap());
    let pauses = Backoff::new(Duration::from_millis(100), Duration::from_millis(200)).jitter(0.0);
    let channel = Channel::builder()
        .addresses([good.address.as_str(), silent.as_str()])
        .select(Select::RoundRobin)
        .ejection(Ejection::new().failures(2).pauses(pauses))
        .connect_timeout(Duration::from_millis(300))
        .retry(Retry::never())
        .slow_start(Duration::ZERO)
        .build_lazy()
        .unwrap();
    let client = EchoClient::new(channel.clone());
    let calling = {
        let client = client.clone();
        tokio::spawn(async move {
            loop {
                // Half of the first ones end in silence.
                let _ = client.echo(b"x").timeout(Duration::from_millis(500)).await;
                sleep(Duration::from_millis(2)).await;
            }
        })
    };
    let mut peer = Peer::accept(&listener).await;
    let (mut calls, mut heartbeats) = (0, 0);
    while heartbeats < 5 {
        let frame = timeout(SOON, peer.next()).await.unwrap();
        match frame.header.is_heartbeat() {
            // The connection begins with one.
            true => heartbeats += 1,
            false => calls += 1,
        }
    }
    assert_eq!(calls, 2, "those after which it was ejected");
    assert!(channel.nodes().iter().any(|node| node.ejected));
    // It lives again, and the next call brings it back.
    peer.send(&alive()).await;
    let request = loop {
        let frame = timeout(SOON, peer.next()).await.unwrap();
        match frame.header.is_heartbeat() {
            true => peer.send(&alive()).await,
            false => break frame,
        }
    };
    let header = Header::request(request.header.seq, Codec::RAW).reply();
    let answer = crate::wire::frame(header, &Metadata::new(), b"x");
    peer.send(&answer).await;
    eventually("it is back", || {
        !channel.nodes().iter().any(|node| node.ejected)
    })
    .await;
    calling.abort();
}
