//! Peers that do not speak TLS, or not as it is spoken here.

use std::time::Duration;

use rpcx_runtime::{ErrorKind, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::authority::Authority;
use super::networks::{QUIC, negotiates, streams};
use super::server::{Client, Running, SOON, eventually};
use super::socket::{Io, location, open};

/// The first bytes of a ClientHello of TLS 1.1, without extensions.
fn tls_1_1_hello() -> Vec<u8> {
    let mut hello = vec![3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    let length = hello.len() as u8;
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

/// What is no ClientHello that a server takes.
fn wrong() -> [Vec<u8>; 4] {
    let frame = [8, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    let http = b"GET / HTTP/1.1\r\n\r\n".to_vec();
    [frame.to_vec(), http, vec![0; 64], tls_1_1_hello()]
}

/// A server that waits for handshakes as long as it takes: what it ends, it ends for what came.
async fn patient(listen: &str, authority: &Authority) -> Running {
    let mut limits = Limits::server();
    limits.handshake = Duration::from_secs(3600);
    let tls = Some(authority.server());
    Running::start_with(listen, tls, |server| server.limits(limits)).await
}

/// Reads until the other side closes.
async fn closed(mut socket: Box<dyn Io>) -> Vec<u8> {
    let mut last = Vec::new();
    let end = timeout(SOON, socket.read_to_end(&mut last)).await;
    end.expect("the server still waits").unwrap();
    last
}

#[tokio::test]
async fn what_is_not_tls_is_closed_at_once() {
    let authority = Authority::new();
    for listen in streams() {
        let server = patient(listen, &authority).await;
        for bytes in wrong() {
            let mut socket = open(&server.address).await.unwrap();
            socket.write_all(&bytes).await.unwrap();
            let last = closed(socket).await;
            assert_eq!(last[0], 21, "an alert says why: {listen}: {last:?}");
        }
        eventually("each is counted", || {
            server.handle.stats().failed_handshakes == 4
        })
        .await;
        assert_eq!(server.handle.stats().connections, 0, "{listen}");
        assert_eq!(server.runs(), 0, "{listen}");
    }
}

/// QUIC answers nothing that is not QUIC, and keeps nothing of it.
#[tokio::test]
async fn datagrams_that_are_not_quic_are_dropped() {
    let authority = Authority::new();
    let server = patient(QUIC, &authority).await;
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    stranger.connect(location(&server.address)).await.unwrap();
    // A first packet of QUIC 1 as long as it must be, with nothing in it.
    let mut empty = vec![
        0xc0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, 0x90,
    ];
    empty.resize(1200, 0);
    for bytes in wrong().into_iter().chain([empty]) {
        stranger.send(&bytes).await.unwrap();
    }
    // Datagrams of one machine come in their order, so those have been looked at.
    let client = authority.client().server_name("localhost").unwrap();
    assert_eq!(server.call(client).await.unwrap(), b"hello");
    let stats = server.handle.stats();
    assert_eq!((stats.connections, server.runs()), (1, 1));
    let nothing = stranger.try_recv(&mut [0; 2048]).unwrap_err();
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
}

/// Where the client is told before its first call, the call was not sent; elsewhere its bytes were
/// handed to the network, and the rest is not known: the truth is the same either way, nothing ran.
#[tokio::test]
async fn a_plain_client_gets_nothing_from_a_tls_server() {
    let authority = Authority::new();
    for listen in streams() {
        let server = patient(listen, &authority).await;
        let address = server.address.replace("wss@", "ws@");
        let error = Client::lazy(&address, None).echo(b"x").await.unwrap_err();
        let kind = match negotiates(listen) {
            true => ErrorKind::NotSent,
            false => ErrorKind::Unknown,
        };
        assert_eq!(error.kind(), kind, "{listen}: {error}");
        assert_eq!(server.runs(), 0, "{listen}");
    }
}

#[tokio::test]
async fn a_tls_client_gets_nothing_from_a_plain_server() {
    let authority = Authority::new();
    for listen in streams() {
        let server = Running::start(&listen.replace("wss@", "ws@"), None).await;
        let address = match listen.starts_with("wss@") {
            true => server.address.replace("ws@", "wss@"),
            false => server.address.clone(),
        };
        let tls = authority.client().server_name("localhost").unwrap();
        let call = Client::lazy(&address, Some(tls));
        let error = call.echo(b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSent, "{listen}: {error}");
        assert_eq!(server.runs(), 0, "{listen}");
    }
}
