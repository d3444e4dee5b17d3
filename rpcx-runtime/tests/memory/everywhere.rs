//! The same on every network: what peers can make a process keep is bounded by one budget, and by what one connection may hold.

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rpcx_runtime::protocol::{Codec, Header, Metadata};
use rpcx_runtime::{ClientLimits, Limits, MemoryBudget};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::allocated::allocated;
use super::echo::EchoClient;
use super::networks::{Network, all_entrances, entrances_for_much};
use super::wire::{PATIENCE, Wire, frame_of, reply, request};
use super::{ALONE, long};

const MIB: usize = 1 << 20;

/// How much is sent or asked for.
#[derive(Clone, Copy)]
struct Amounts {
    /// By one frame.
    each: usize,
    /// In all, which would be seen.
    all: usize,
    /// By so many connections at once: what the senders have on the way is in this process too.
    at_once: usize,
}

impl Amounts {
    /// KCP waits for acknowledgements after each few packets. What is kept of as little as it sends in some seconds is seen in
    /// what is counted, and not in the memory of the process.
    fn on(network: &Network) -> Self {
        let (each, all, at_once) = match network.name {
            "kcp" => (MIB / 8, 3 * MIB, 8),
            _ => (2 * MIB, 96 * MIB, 2),
        };
        Self { each, all, at_once }
    }

    fn many(self) -> usize {
        self.all / self.each
    }
}

/// What both ends may have in their buffers beside what is counted.
const BESIDE: usize = 32 * MIB;

/// How long bytes that are on the way may take.
const SETTLING: Duration = Duration::from_secs(20);

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let came = async {
        while !condition() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let came = timeout(PATIENCE, came).await;
    came.unwrap_or_else(|_| panic!("{what}"));
}

/// The process has allocated no more than what is beside the budget, as soon as what senders have on the way has arrived.
async fn is_bounded(before: usize, what: &str) {
    let grown_since = |before| allocated().saturating_sub(before);
    let began = Instant::now();
    loop {
        // A process that still grows is not there yet.
        let earlier = grown_since(before);
        sleep(Duration::from_millis(100)).await;
        let grown = grown_since(before);
        if grown < BESIDE && grown <= earlier + MIB {
            return;
        }
        let is_over = began.elapsed() > SETTLING;
        assert!(!is_over, "{what}: {grown} bytes");
    }
}

fn limits(budget: &MemoryBudget) -> Limits {
    let mut limits = Limits::server();
    limits.memory = budget.clone();
    // KCP is slow, and so is a busy machine.
    limits.frame_body = Duration::from_secs(3600);
    limits
}

/// So many connections, which are open before anything is measured: a client of QUIC has buffers of 3 MB.
async fn dial(network: &Network, address: &str, count: usize) -> Vec<Wire> {
    let mut open = Vec::new();
    for _ in 0..count {
        open.push(Wire::from(network.dial(address).await));
    }
    open
}

/// A connection that has sent all of a frame but its end.
async fn unfinished(mut wire: Wire, bytes: Arc<[u8]>) -> Wire {
    let sent = wire.try_send(&bytes[..bytes.len() - 100]);
    timeout(PATIENCE, sent).await.unwrap().unwrap();
    wire
}

async fn frames_that_never_end(network: Network) {
    let (label, amounts) = (network.label(), Amounts::on(&network));
    let budget = MemoryBudget::new(4 * amounts.each);
    let server = network.start(limits(&budget)).await;
    let bytes: Arc<[u8]> = request(1, "Echo", &vec![7; amounts.each]).into();
    let mut silent = dial(&network, &server.address, amounts.many()).await;
    let before = allocated();
    let mut open = Vec::new();
    while !silent.is_empty() {
        let some = silent.drain(..amounts.at_once.min(silent.len()));
        let some = some.map(|wire| unfinished(wire, Arc::clone(&bytes)));
        open.extend(some.collect::<JoinSet<_>>().join_all().await);
    }
    let client = network.connect(&server.address).await;
    assert_eq!(client.echo(b"small").await.unwrap(), b"small", "{label}");
    // Half of the budget is for two of them.
    let refused = || server.handle.stats().overloaded_memory as usize;
    until(&label, || refused() >= amounts.many() - 2).await;
    assert!(budget.used() <= 2 * amounts.each, "{label}: {budget:?}");
    is_bounded(before, &format!("{label}, of {}", amounts.all)).await;
    drop((open, client));
    until(&label, || budget.used() == 0).await;
}

async fn replies_that_are_not_read(network: &Network) {
    let label = network.label();
    let budget = MemoryBudget::new(64 * MIB);
    let mut limits = limits(&budget);
    limits.reply_bytes = 8 * MIB;
    let server = network.start(limits).await;
    let before = allocated();
    let mut wire = Wire::from(network.dial(&server.address).await);
    let asked = 96;
    for seq in 1..=asked {
        let size = MIB.to_string();
        wire.send(&request(seq as u64, "Large", size.as_bytes()))
            .await;
    }
    let stats = || server.handle.stats();
    // What the first reads have brought is run. If replies wait by then, the rest is not read.
    until(&label, || {
        let all = server.runs() == asked || stats().unread_replies > 0;
        all && stats().calls == server.runs() as u64 && stats().calls_in_flight == 0
    })
    .await;
    let kept = server.runs() - stats().dropped_replies as usize;
    // Sockets hold some of them, too.
    assert!(kept < 36, "{label}: {:?}", stats());
    assert!(budget.used() < 12 * MIB, "{label}: {budget:?}");
    is_bounded(before, &format!("{label}, of 96 MiB")).await;
    drop(wire);
    until(&label, || budget.used() == 0).await;
}

/// What a hostile server pushes to a client that serves nothing, before it answers the first call.
async fn pushes_that_no_service_takes(network: &Network) {
    let (label, amounts) = (network.label(), Amounts::on(network));
    let (mut listener, address) = network.listen().await;
    let mut server = JoinSet::new();
    server.spawn(async move {
        let incoming = listener.accept().await.unwrap();
        let mut wire = Wire::from(incoming.stream().await.unwrap());
        // A channel may say a heartbeat first.
        let called = loop {
            let frame = wire.next().await;
            if !frame.header.is_heartbeat() {
                break frame.header.seq;
            }
        };
        let header = Header::request(1, Codec::RAW).oneway();
        let pushed = frame_of(header, "Push", &Metadata::new(), &vec![7; amounts.each]);
        for _ in 0..amounts.many() {
            wire.send(&pushed).await;
        }
        wire.send(&reply(called, b"done")).await;
        std::future::pending::<()>().await;
    });
    let before = allocated();
    let mut limits = ClientLimits::new();
    limits.push_bytes = 4 * amounts.each;
    let channel = network.channel(&address).limits(limits);
    let channel = channel.dead_after(Duration::MAX);
    let client = EchoClient::new(channel.build_lazy().unwrap());
    let done = timeout(PATIENCE, client.echo(b"x").into_future()).await;
    assert_eq!(done.unwrap().unwrap(), b"done", "{label}");
    let dropped = client.0.channel().dropped_pushes() as usize;
    assert!(dropped >= amounts.many() - 4, "{label}: {dropped}");
    is_bounded(before, &format!("{label}, of {}", amounts.all)).await;
}

/// Those of them that are tried here: QUIC, as the other files have TCP, and the rest where what is long runs.
fn wanted(networks: impl Iterator<Item = Network>) -> impl Iterator<Item = Network> {
    let all = long::is_wanted("what peers can make a process keep, on networks but TCP and QUIC");
    networks.filter(move |network| all || network.name == "quic")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_never_end_have_half_of_the_budget_on_every_network() {
    let _alone = ALONE.lock().await;
    for network in wanted(all_entrances()) {
        frames_that_never_end(network).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_that_are_not_read_are_bounded_on_every_network() {
    let _alone = ALONE.lock().await;
    for network in wanted(entrances_for_much()) {
        replies_that_are_not_read(&network).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_that_no_service_takes_are_bounded_on_every_network() {
    let _alone = ALONE.lock().await;
    for network in wanted(entrances_for_much()) {
        pushes_that_no_service_takes(&network).await;
    }
}

/// Lengths that are announced, and nothing behind them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn announcing_much_costs_little_on_every_network() {
    let _alone = ALONE.lock().await;
    for network in wanted(all_entrances()) {
        let server = network.start(Limits::server()).await;
        // KCP has places for 64 sessions of one address.
        let mut open = dial(&network, &server.address, 50).await;
        let before = allocated();
        for (at, wire) in open.iter_mut().enumerate() {
            let length = [u32::MAX, 16 << 20][at / 25];
            let mut head = Header::request(1, Codec::RAW).encode();
            head[12..].copy_from_slice(&u32::to_be_bytes(length));
            let _ = wire.try_send(&head).await;
        }
        let client = network.connect(&server.address).await;
        assert_eq!(client.echo(b"x").await.unwrap(), b"x");
        is_bounded(before, &format!("{}, for 50 connections", network.label())).await;
    }
}
