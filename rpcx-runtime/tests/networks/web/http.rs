//! `CONNECT`, byte by byte.

use rpcx_runtime::{Channel, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::peers::length;
use super::{answering, connect, refused, request, soon};
use crate::echo::{EchoClient, Running, start_at};

const CONNECTED: &[u8] = b"HTTP/1.0 200 Connected to rpcx\n\n";

async fn server() -> Running {
    start_at("http@127.0.0.1:0", Limits::server()).await
}

/// Reads a whole answer to [`request`].
async fn is_answered(socket: &mut tokio::net::TcpStream) {
    let mut header = [0; 16];
    soon(socket.read_exact(&mut header)).await.unwrap();
    assert_eq!(header[..4], [0x08, 0, 0x80, 0]);
    assert_eq!(header[11], 9, "the sequence number");
    let mut body = vec![0; length(&header) - header.len()];
    soon(socket.read_exact(&mut body)).await.unwrap();
    assert!(body.ends_with(b"payload"));
}

#[tokio::test]
async fn every_form_of_connect_is_taken() {
    let server = server().await;
    for head in [
        &b"CONNECT /_rpcx_ HTTP/1.0\n\n"[..],
        b"CONNECT /_rpcx_ HTTP/1.0\r\n\r\n",
        b"CONNECT /_rpcx_ HTTP/1.1\r\nHost: a:1\r\n\r\n",
        b"CONNECT /_rpcx_ HTTP/1.1\nHost: a\nContent-Length: 0\n\n",
        b"CONNECT /_rpcx_?token=1 HTTP/1.0\n\r\n",
    ] {
        let mut socket = connect(&server).await;
        socket.write_all(head).await.unwrap();
        let mut answer = [0; CONNECTED.len()];
        soon(socket.read_exact(&mut answer)).await.unwrap();
        assert_eq!(answer, CONNECTED);
        socket.write_all(&request()).await.unwrap();
        is_answered(&mut socket).await;
    }
}

#[tokio::test]
async fn a_frame_behind_the_head_is_not_lost() {
    let server = server().await;
    let all = [b"CONNECT /_rpcx_ HTTP/1.0\n\n", &request()[..], &request()].concat();
    for cut in [all.len(), 1, 26, 27, 30] {
        let mut socket = connect(&server).await;
        for piece in all.chunks(cut) {
            socket.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut answer = [0; CONNECTED.len()];
        soon(socket.read_exact(&mut answer)).await.unwrap();
        assert_eq!(answer, CONNECTED);
        is_answered(&mut socket).await;
        is_answered(&mut socket).await;
    }
    assert_eq!(server.runs(), 10);
}

#[tokio::test]
async fn nothing_follows_the_answer_before_the_first_frame() {
    let server = server().await;
    let mut socket = connect(&server).await;
    socket
        .write_all(b"CONNECT /_rpcx_ HTTP/1.0\n\n")
        .await
        .unwrap();
    let mut answer = [0; CONNECTED.len()];
    soon(socket.read_exact(&mut answer)).await.unwrap();
    let more = tokio::time::timeout(std::time::Duration::from_millis(200), socket.read_u8());
    assert!(more.await.is_err(), "the server speaks unasked");
}

#[tokio::test]
async fn other_requests_are_refused() {
    let server = server().await;
    let long = format!("CONNECT /_rpcx_ HTTP/1.0\nA: {}", "a".repeat(17_000));
    let many = format!("CONNECT /_rpcx_ HTTP/1.0\n{}\n", "A: a\n".repeat(101));
    for (head, status, body) in [
        (
            "GET /_rpcx_ HTTP/1.1\r\n\r\n",
            "405 Method Not Allowed",
            "405 must CONNECT\n",
        ),
        (
            "CONNECT /other HTTP/1.0\n\n",
            "404 Not Found",
            "404 page not found\n",
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "404 Not Found",
            "404 page not found\n",
        ),
        (
            "CONNECT a.org:80 HTTP/1.1\r\n\r\n",
            "404 Not Found",
            "404 page not found\n",
        ),
        (
            "CONNECT /_rpcx_ HTTP/3.7\n\n",
            "400 Bad Request",
            "malformed request",
        ),
        (
            "CONNECT /_rpcx_ HTTP/1.0\nA\n\n",
            "400 Bad Request",
            "malformed request",
        ),
        (
            "CONNECT /_rpcx_ HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
            "400 Bad Request",
            "a body",
        ),
        ("\n\n", "400 Bad Request", "it is no HTTP"),
        ("\x08\0\0\0", "400 Bad Request", "it is no HTTP"),
        (
            &long,
            "431 Request Header Fields Too Large",
            "more than 16 KiB",
        ),
        (
            &many,
            "431 Request Header Fields Too Large",
            "more than 100 headers",
        ),
    ] {
        let answer = refused(&server, head.as_bytes()).await;
        let (first, rest) = answer.split_once("\r\n").unwrap();
        assert_eq!(first, format!("HTTP/1.1 {status}"));
        let (headers, said) = rest.split_once("\r\n\r\n").unwrap();
        assert!(headers.contains(&format!("Content-Length: {}", said.len())));
        assert!(said.contains(body), "{head:?}: {said}");
    }
    assert_eq!(server.runs(), 0);
}

#[tokio::test]
async fn the_client_sends_what_go_sends() {
    for (path, expected) in [("", "/_rpcx_"), ("/a?b=1", "/a?b=1")] {
        let (address, server) = answering(CONNECTED.to_vec()).await;
        let channel = Channel::connect(format!("http@{address}{path}")).await;
        drop(channel.unwrap());
        let seen = soon(server).await.unwrap();
        assert_eq!(seen, format!("CONNECT {expected} HTTP/1.0\n\n"));
    }
}

#[tokio::test]
async fn the_answer_must_be_the_one_of_rpcx() {
    let many = "A: a\r\n".repeat(50);
    for good in [
        "HTTP/1.0 200 Connected to rpcx\n\n".to_owned(),
        "HTTP/1.1 200 Connected to rpcx\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 Connected to rpcx\r\n{many}\r\n"),
    ] {
        let (address, _server) = answering(good.into_bytes()).await;
        soon(Channel::connect(format!("http@{address}")))
            .await
            .unwrap();
    }
    let long = format!("HTTP/1.1 200 {}\r\n\r\n", "x".repeat(5000));
    let endless = format!("HTTP/1.1 200 OK\r\nA: {}", "x".repeat(17_000));
    for (bad, said) in [
        (
            "HTTP/1.1 200 OK\r\n\r\n",
            "the server answered `HTTP/1.1 200 OK`: expected",
        ),
        (
            "HTTP/1.0 200 connected to rpcx\n\n",
            "expected the status `200 Connected to rpcx`",
        ),
        ("HTTP/1.1 404 Not Found\r\n\r\n", "`HTTP/1.1 404 Not Found`"),
        ("HTTP/1.1 200 \x1b[31m\r\n\r\n", "`HTTP/1.1 200 \\x1b[31m`"),
        ("\x08\0\0", "it begins with 0x08"),
        (&long, "x`: expected"),
        (&endless, "more than 16 KiB"),
    ] {
        let (address, _server) = answering(bad.as_bytes().to_vec()).await;
        let error = soon(Channel::connect(format!("http@{address}"))).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains(said), "{bad:?}: {error}");
        assert!(error.len() < 400, "{error}");
    }
}

#[tokio::test]
async fn calls_on_a_path_of_their_own() {
    let server = start_at("http@127.0.0.1:0/rpc", Limits::server()).await;
    assert!(server.address.ends_with("/rpc"), "{}", server.address);
    let echo = EchoClient::connect(&server.address).await;
    let large: Vec<u8> = (0..1 << 20).map(|n| n as u8).collect();
    assert_eq!(echo.echo(&large).await.unwrap(), large);
    let elsewhere = server.address.replace("/rpc", "");
    let error = Channel::connect(&elsewhere).await.unwrap_err();
    assert!(error.to_string().contains("404 Not Found"), "{error}");
}

#[tokio::test]
async fn a_silent_client_is_given_up() {
    let mut limits = Limits::server();
    limits.handshake = std::time::Duration::from_millis(50);
    for (network, part) in [
        ("http", &b""[..]),
        ("http", b"CONNECT /"),
        ("ws", b"GET /_rpcx_ HTTP/1.1\r\n"),
    ] {
        let server = start_at(&format!("{network}@127.0.0.1:0"), limits.clone()).await;
        let mut socket = connect(&server).await;
        socket.write_all(part).await.unwrap();
        let mut answer = Vec::new();
        // Closed or reset, without a word.
        let _ = soon(socket.read_to_end(&mut answer)).await;
        assert!(answer.is_empty());
        assert_eq!(server.handle.stats().slow_handshakes, 1);
    }
}

/// The connection is in the backlog, and no byte comes.
#[tokio::test]
async fn the_next_address_is_tried_when_one_is_silent() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_address = format!("http@{}", silent.local_addr().unwrap());
    let server = server().await;
    let channel = Channel::builder()
        .addresses([&silent_address, &server.address])
        .connect_timeout(std::time::Duration::from_secs(2));
    let client = EchoClient::new(channel.build().await.unwrap());
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
}
