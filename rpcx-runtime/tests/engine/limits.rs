//! Every limit that is reached has its own error and its own counter.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use rpcx_runtime::{ClientLimits, ErrorKind, Limits, Rejection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::echo::{EchoClient, start};
use crate::networks::{at_once, networks, stopping_relay};

#[tokio::test]
async fn a_full_server_rejects() {
    let mut limits = Limits::server();
    limits.server_calls = 2;
    let server = start(limits).await;
    let client = EchoClient::connect(&server.address).await;
    let held: Vec<_> = (0..2)
        .map(|_| tokio::spawn(client.wait(200).into_future()))
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = client.echo(b"x").attempts(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Overloaded));
    assert!(error.is_retryable());
    for call in held {
        call.await.unwrap().unwrap();
    }
    client.echo(b"x").await.unwrap();
    assert_eq!(server.handle.stats().overloaded, 1);
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed() {
    let mut limits = Limits::server();
    limits.connections = 1;
    let server = start(limits).await;
    let client = EchoClient::connect(&server.address).await;
    client.echo(b"x").await.unwrap();
    let mut second = TcpStream::connect(server.socket()).await.unwrap();
    assert_eq!(second.read(&mut [0; 1]).await.unwrap_or(0), 0);
    assert_eq!(server.handle.stats().connections_refused, 1);
    client.echo(b"x").await.unwrap();
}

#[tokio::test]
async fn silence_and_slowness_end_a_connection() {
    let mut limits = Limits::server();
    limits.first_byte = Duration::from_millis(100);
    limits.frame_header = Duration::from_millis(100);
    let server = start(limits).await;
    for sent in [&b""[..], b"\x08\0"] {
        let mut socket = TcpStream::connect(server.socket()).await.unwrap();
        socket.write_all(sent).await.unwrap();
        let began = Instant::now();
        assert_eq!(socket.read(&mut [0; 1]).await.unwrap_or(0), 0);
        let took = began.elapsed();
        assert!((80..1500).contains(&took.as_millis()), "{took:?}");
    }
    let stats = server.handle.stats();
    assert_eq!((stats.silent_connections, stats.slow_frames), (1, 1));
}

#[tokio::test]
async fn a_client_that_does_not_read_costs_a_bounded_queue() {
    let mut limits = Limits::server();
    limits.write_stall = Duration::from_millis(300);
    let server = start(limits).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    let mut frames = Vec::new();
    let header = rpcx_runtime::protocol::Header::request(1, rpcx_runtime::protocol::Codec::RAW);
    let mut frame = rpcx_runtime::protocol::FrameEncoder::new(&mut frames, header);
    frame.names(b"Echo", b"Echo");
    frame.metadata(&rpcx_runtime::protocol::Metadata::new());
    frame.payload(&vec![0; 1 << 20]);
    frame.finish().unwrap();
    let send = async {
        for _ in 0..200 {
            if socket.write_all(&frames).await.is_err() {
                return;
            }
        }
        panic!("200 MiB of replies were queued");
    };
    tokio::time::timeout(Duration::from_secs(20), send)
        .await
        .expect("never closed");
    let stats = server.handle.stats();
    assert_eq!((stats.stalled_writes, stats.unread_replies), (1, 1));
}

/// What passes before a relay stops: any handshake, and no large frame.
const HANDSHAKE: usize = 64 << 10;

#[tokio::test]
async fn a_large_frame_that_stops_ends_the_connection_on_every_network() {
    for network in networks() {
        let mut limits = Limits::server();
        limits.frame_body = Duration::from_millis(200);
        limits.frame_rate = usize::MAX;
        let server = network.start(limits).await;
        let relay = stopping_relay(&server.address, HANDSHAKE, usize::MAX).await;
        let client = network.connect(&relay).await;
        let error = client.echo(&vec![7; 1 << 20]).await.unwrap_err();
        // It is told so before the connection is closed.
        let refused = ErrorKind::Rejected(Rejection::Undecodable);
        assert_eq!(error.kind(), refused, "{}: {error}", network.name);
        assert!(error.message().contains("too slowly"), "{error}");
        assert_eq!((server.handle.stats().slow_frames, server.runs()), (1, 0));
    }
}

#[tokio::test]
async fn a_client_that_stops_reading_is_cut_off_on_every_network() {
    at_once(networks(), |network| async move {
        let mut limits = Limits::server();
        // Long enough for reading to pause before it is over, on a busy machine too.
        limits.write_stall = Duration::from_secs(2);
        let server = network.start(limits).await;
        let relay = stopping_relay(&server.address, usize::MAX, HANDSHAKE).await;
        let client = network.connect(&relay).await;
        // More than all the buffers on the way.
        let payload = vec![7; 1 << 20];
        let calls: Vec<_> = (0..40)
            .map(|_| tokio::spawn(client.echo(&payload).into_future()))
            .collect();
        let cut_off = async {
            while server.handle.stats().stalled_writes == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let cut_off = tokio::time::timeout(Duration::from_secs(20), cut_off);
        cut_off.await.expect("never cut off");
        let stats = server.handle.stats();
        assert_eq!(stats.stalled_writes, 1);
        assert!(stats.unread_replies > 0);
        for call in calls {
            call.abort();
        }
    })
    .await;
}

#[tokio::test]
async fn request_bytes_in_flight_are_limited_too() {
    let mut limits = Limits::server();
    limits.server_request_bytes = 1;
    let server = start(limits).await;
    let client = EchoClient::connect(&server.address).await;
    let held = tokio::spawn(client.wait(200).into_future());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = client.echo(b"x").attempts(1).await.unwrap_err();
    assert!(error.message().contains("request bytes"), "{error}");
    held.await.unwrap().unwrap();
    let stats = server.handle.stats();
    assert_eq!((stats.overloaded, stats.overloaded_bytes), (0, 1));
}

#[tokio::test]
async fn an_idle_connection_ends_and_the_next_call_opens_another() {
    let mut limits = Limits::server();
    limits.idle = Duration::from_millis(100);
    let server = start(limits).await;
    let client = EchoClient::connect(&server.address).await;
    client.echo(b"x").await.unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(server.handle.stats().idle_connections, 1);
    client.echo(b"y").await.unwrap();
}

#[tokio::test]
async fn a_client_at_its_limit_waits_for_room() {
    let server = start(Limits::server()).await;
    let mut limits = ClientLimits::new();
    limits.connection_calls = 2;
    let channel = rpcx_runtime::Channel::builder()
        .address(&server.address)
        .limits(limits)
        .build()
        .await
        .unwrap();
    let client = EchoClient::new(channel);
    let held: Vec<_> = (0..2)
        .map(|_| tokio::spawn(client.wait(100).into_future()))
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let error = client
        .echo(b"x")
        .timeout(Duration::from_millis(20))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    for call in held {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_frame_that_stops_on_a_connection_in_use_ends_it() {
    let mut limits = Limits::server();
    limits.frame_header = Duration::from_millis(100);
    let server = start(limits).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    let mut frame = Vec::new();
    let header = rpcx_runtime::protocol::Header::heartbeat(1);
    let mut encoder = rpcx_runtime::protocol::FrameEncoder::new(&mut frame, header);
    encoder.names(b"", b"");
    encoder.metadata(&rpcx_runtime::protocol::Metadata::new());
    encoder.payload(b"");
    encoder.finish().unwrap();
    socket.write_all(&frame).await.unwrap();
    socket.read_exact(&mut vec![0; frame.len()]).await.unwrap();
    socket.write_all(&frame[..3]).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(3), socket.read(&mut [0; 1])).await;
    assert_eq!(ended.expect("not noticed").unwrap_or(0), 0);
    assert_eq!(server.handle.stats().slow_frames, 1);
}
