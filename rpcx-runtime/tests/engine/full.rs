//! A connection that has as many calls in flight as it may have is still alive.

use std::future::IntoFuture;
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, FrameEncoder, Header, Metadata};
use rpcx_runtime::{ErrorKind, Limits, Rejection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::echo::{EchoClient, Running, start};
use crate::networks::every_network;

/// Starts calls that wait until they are given up, and returns when the server runs them.
async fn hold(server: &Running, client: &EchoClient, calls: usize) -> Vec<JoinHandle<()>> {
    let held = (0..calls).map(|_| {
        let call = client.hold().into_future();
        tokio::spawn(async move {
            let _ = call.await;
        })
    });
    let held = held.collect();
    while server.handle.stats().calls_in_flight < calls as u64 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    held
}

#[tokio::test]
async fn calls_beyond_the_limit_are_refused_on_every_network() {
    for network in every_network() {
        let mut limits = Limits::server();
        limits.connection_calls = 4;
        let server = network.start(limits).await;
        let client = network.connect(&server.address).await;
        let held = hold(&server, &client, 4).await;
        let error = client.echo(b"x").attempts(1).await.unwrap_err();
        let overloaded = ErrorKind::Rejected(Rejection::Overloaded);
        assert_eq!(error.kind(), overloaded, "{}: {error}", network.name);
        assert!(error.message().contains("too many calls"), "{error}");
        assert!(error.is_retryable());
        let other = network.connect(&server.address).await;
        assert_eq!(other.echo(b"other").await.unwrap(), b"other");
        held.into_iter().for_each(|call| call.abort());
        assert_eq!(server.handle.stats().overloaded_connections, 1);
        assert_eq!(server.runs(), 5, "{}", network.name);
    }
}

#[tokio::test]
async fn a_call_that_is_refused_is_made_again() {
    let mut limits = Limits::server();
    limits.connection_calls = 4;
    let server = start(limits).await;
    let client = EchoClient::connect(&server.address).await;
    let calls = (0..5).map(|_| tokio::spawn(client.wait(30).attempts(10).into_future()));
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(server.runs(), 5);
    assert!(server.handle.stats().overloaded_connections > 0);
}

#[tokio::test]
async fn request_bytes_beyond_the_limit_are_refused() {
    let mut limits = Limits::server();
    limits.connection_request_bytes = 1;
    let server = start(limits).await;
    let client = EchoClient::connect(&server.address).await;
    let _held = hold(&server, &client, 1).await;
    let error = client.echo(b"x").attempts(1).await.unwrap_err();
    let text = "connection overloaded: too many request bytes in flight";
    assert_eq!(error.message(), text);
    assert_eq!(server.handle.stats().overloaded_connections, 1);
}

fn frame(header: Header, method: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"Echo", method);
    frame.metadata(&Metadata::new());
    frame.payload(b"");
    frame.finish().unwrap();
    out
}

/// The sequence number of the next frame.
async fn next_seq(socket: &mut TcpStream) -> u64 {
    let mut head = [0; 16];
    socket.read_exact(&mut head).await.unwrap();
    let length = u32::from_be_bytes(head[12..].try_into().unwrap());
    socket
        .read_exact(&mut vec![0; length as usize])
        .await
        .unwrap();
    u64::from_be_bytes(head[4..12].try_into().unwrap())
}

#[tokio::test]
async fn a_full_connection_answers_heartbeats() {
    let mut limits = Limits::server();
    limits.connection_calls = 3;
    let server = start(limits).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    for seq in 1..=3 {
        let held = frame(Header::request(seq, Codec::RAW), b"Hold");
        socket.write_all(&held).await.unwrap();
    }
    for seq in 10..20 {
        let beat = frame(Header::heartbeat(seq), b"");
        socket.write_all(&beat).await.unwrap();
        assert_eq!(next_seq(&mut socket).await, seq);
    }
    let more = frame(Header::request(4, Codec::RAW), b"Echo");
    socket.write_all(&more).await.unwrap();
    assert_eq!(next_seq(&mut socket).await, 4);
    let stats = server.handle.stats();
    assert_eq!(
        (stats.overloaded_connections, stats.calls_in_flight),
        (1, 3)
    );
    assert_eq!(server.runs(), 3);
}

#[tokio::test]
async fn ten_thousand_calls_share_a_connection_and_a_quick_one_is_quick() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let held = hold(&server, &client, 10_000).await;
    // None of those before it has ended, and it has its answer.
    assert_eq!(client.echo(b"quick").await.unwrap(), b"quick");
    let stats = server.handle.stats();
    assert_eq!(
        (stats.calls_in_flight, stats.overloaded_connections),
        (10_000, 0)
    );
    held.into_iter().for_each(|call| call.abort());
}
