//! Callers that have gone: their handlers end, unless their method says otherwise.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, FrameEncoder, Header, Metadata};
use rpcx_runtime::{ErrorKind, Limits};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use crate::echo::{EchoClient, Running, start};
use crate::networks::{Network, all_entrances, at_once, every_network};
use crate::wire::{PATIENCE, Wire};

fn count(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::SeqCst)
}

/// Waits for what comes soon; a busy machine has its time.
async fn soon(what: &str, mut condition: impl FnMut() -> bool) {
    let came = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let came = tokio::time::timeout(PATIENCE, came).await;
    came.unwrap_or_else(|_| panic!("{what}"));
}

async fn in_flight(server: &Running, calls: u64) {
    let stats = || server.handle.stats().calls_in_flight;
    soon("the calls do not arrive or do not end", || stats() == calls).await;
}

#[tokio::test]
async fn the_handlers_of_a_client_that_leaves_are_dropped_on_every_network() {
    at_once(every_network(), |network| async move {
        let mut limits = Limits::server();
        // As many as it may have: it is read from all the same.
        limits.connection_calls = 20;
        let server = network.start(limits).await;
        let client = network.connect(&server.address).await;
        let calls: Vec<_> = (0..20)
            .map(|_| tokio::spawn(client.hold().into_future()))
            .collect();
        in_flight(&server, 20).await;
        calls.into_iter().for_each(|call| call.abort());
        drop(client);
        in_flight(&server, 0).await;
        assert_eq!(count(&server.echo.dropped), 20, "{}", network.name);
        assert_eq!(server.handle.stats().abandoned, 20);
        let other = network.connect(&server.address).await;
        assert_eq!(other.echo(b"x").await.unwrap(), b"x");
    })
    .await;
}

fn requests(count: u64, method: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for seq in 1..=count {
        let mut frame = FrameEncoder::new(&mut out, Header::request(seq, Codec::RAW));
        frame.names(b"Echo", method);
        frame.metadata(&Metadata::new());
        frame.payload(payload);
        frame.finish().unwrap();
    }
    out
}

/// Three connections with 500 calls each that wait for ever.
async fn many_waiting(network: &Network, server: &Running, address: &str) -> Vec<Wire> {
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut wire = Wire::from(network.dial(address).await);
        wire.send(&requests(500, b"Hold", b"")).await;
        open.push(wire);
    }
    in_flight(server, 1_500).await;
    open
}

/// They leave, and nothing of them is left.
async fn nothing_is_left(network: &Network, server: &Running, calls: u64) {
    in_flight(server, 0).await;
    assert_eq!(count(&server.echo.dropped) as u64, calls);
    let open = || server.handle.stats().open_connections;
    soon("connections stay", || open() == 0).await;
    // No call is refused for them. All networks are tried at once, and a busy machine has its time to connect.
    let other = network.channel(&server.address).connect_timeout(PATIENCE);
    let other = EchoClient::new(other.build().await.unwrap());
    assert_eq!(other.echo(b"x").await.unwrap(), b"x");
    let stats = server.handle.stats();
    assert_eq!((stats.overloaded, stats.overloaded_connections), (0, 0));
}

/// A relay to a server over TCP, of which the server's side is reset when the test says so.
struct Resetting {
    address: String,
    resets: watch::Sender<u64>,
}

impl Resetting {
    async fn to(server: &str) -> Self {
        let (network, server) = server.split_once('@').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("{network}@{}", listener.local_addr().unwrap());
        let (resets, reset) = watch::channel(0);
        let server: std::net::SocketAddr = server.parse().unwrap();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let socket = TcpSocket::new_v4().unwrap();
                socket.set_zero_linger().unwrap();
                let there = socket.connect(server).await.unwrap();
                tokio::spawn(relay(client, there, reset.clone()));
            }
        });
        Self { address, resets }
    }

    fn reset_all(&self) {
        self.resets.send_modify(|resets| *resets += 1);
    }
}

async fn relay(mut client: TcpStream, mut server: TcpStream, mut reset: watch::Receiver<u64>) {
    reset.mark_unchanged();
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = reset.changed() => {}
    }
}

/// With places for the calls of one round: if those of an earlier one were left, there would be too few.
fn few_places() -> Limits {
    let mut limits = Limits::server();
    limits.server_calls = 2_000;
    limits.handshake = PATIENCE;
    limits
}

async fn leave_with_calls(network: Network) {
    let server = network.start(few_places()).await;
    for round in 1..=3 {
        drop(many_waiting(&network, &server, &server.address).await);
        nothing_is_left(&network, &server, round * 1_500).await;
    }
}

async fn are_reset_with_calls(network: Network) {
    let server = network.start(few_places()).await;
    let relay = Resetting::to(&server.address).await;
    for round in 1..=3 {
        let waiting = many_waiting(&network, &server, &relay.address).await;
        relay.reset_all();
        nothing_is_left(&network, &server, round * 1_500).await;
        drop(waiting);
    }
}

#[tokio::test]
async fn connections_that_leave_with_calls_leave_nothing_behind_on_every_network() {
    at_once(all_entrances(), leave_with_calls).await;
}

/// The same when the socket below is reset: without the end of a stream, of TLS or of a WebSocket.
#[tokio::test]
async fn connections_that_are_reset_leave_nothing_behind_on_every_network() {
    let over_tcp = all_entrances().filter(Network::is_over_tcp);
    at_once(over_tcp, are_reset_with_calls).await;
}

#[tokio::test]
async fn thousands_of_calls_of_connections_that_are_reset_leave_nothing_behind() {
    let server = start(Limits::server()).await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_zero_linger().unwrap();
        let address = server.socket().parse().unwrap();
        let mut socket = socket.connect(address).await.unwrap();
        let frames = requests(500, b"Hold", b"");
        socket.write_all(&frames).await.unwrap();
        sockets.push(socket);
    }
    in_flight(&server, 10_000).await;
    drop(sockets);
    in_flight(&server, 0).await;
    assert_eq!(count(&server.echo.dropped), 10_000);
    let open = || server.handle.stats().open_connections;
    soon("connections stay", || open() == 0).await;
}

#[tokio::test]
async fn a_peer_that_closes_one_half_still_gets_its_replies() {
    use tokio::io::AsyncReadExt;
    let server = start(Limits::server()).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    socket
        .write_all(&requests(1, b"Wait", b"50"))
        .await
        .unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"50"), "{answer:?}");
}

#[tokio::test]
async fn a_handler_ends_with_its_deadline() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let call = client.hold().timeout(Duration::from_millis(50));
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Unknown);
    let dropped = || count(&server.echo.dropped);
    soon("it is not dropped", || dropped() == 1).await;
    in_flight(&server, 0).await;
    let stats = server.handle.stats();
    assert_eq!((stats.deadlines_missed, stats.abandoned), (1, 1));
    // The connection goes on.
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
}

#[tokio::test]
async fn what_must_not_stop_half_way_does_not() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    client.later(200).await.unwrap();
    let late = client.finish(200).timeout(Duration::from_millis(20));
    assert!(late.await.is_err());
    let left = tokio::spawn(client.finish(300).into_future());
    in_flight(&server, 3).await;
    left.abort();
    drop(client);
    let finished = || count(&server.echo.finished);
    soon("they are dropped", || finished() == 3).await;
    assert_eq!(server.handle.stats().abandoned, 0);
}

#[tokio::test]
async fn a_server_may_limit_the_time_of_handlers() {
    let mut limits = Limits::server();
    limits.handler = Duration::from_millis(50);
    let server = start(limits).await;
    let client = EchoClient::connect(&server.address).await;
    let error = client.hold().await.unwrap_err();
    // It has begun, and has not ended.
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert!(
        error.message().contains("longer than the server allows"),
        "{error}"
    );
    assert_eq!(count(&server.echo.dropped), 1);
    client.finish(100).await.unwrap();
    // There is no caller that could be told.
    client.later(60_000).await.unwrap();
    let stats = || server.handle.stats();
    soon("it runs on", || stats().abandoned == 2).await;
    assert_eq!((stats().slow_handlers, stats().calls_in_flight), (2, 0));
}
