//! What clients of HTTP send that means no good, and what it leaves in memory: nothing that can be seen.

use std::time::Duration;

use rpcx_runtime::Server;
use rpcx_runtime::gateway::Http;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::echo::Echo;
use super::{ALONE, grown_since, resident};

const MEBI: usize = 1 << 20;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    out.extend([kind, flags]);
    out.extend(stream.to_be_bytes());
    out.extend(payload);
    out
}

/// `POST /Echo/Hold`, whose handler never ends, in HPACK without a table.
fn head() -> Vec<u8> {
    let mut out = vec![0x83, 0x86, 0x04, 10];
    out.extend(b"/Echo/Hold");
    out.extend([0x01, 9]);
    out.extend(b"localhost");
    out
}

/// Streams that are opened and reset at once.
fn resets() -> Vec<u8> {
    let mut out = PREFACE.to_vec();
    for stream in (1..20_000).step_by(2) {
        out.extend(frame(1, 5, stream, &head()));
        out.extend(frame(3, 0, stream, &8u32.to_be_bytes()));
    }
    out
}

/// A head that goes on: 16 MiB of it.
fn continuation() -> Vec<u8> {
    let one = [&[0x00, 100][..], &[b'a'; 100], &[100], &[b'b'; 100]].concat();
    let more = frame(9, 0, 1, &one.repeat(80));
    let mut out = [PREFACE, &frame(1, 1, 1, &head())].concat();
    while out.len() < 16 * MEBI {
        out.extend(&more);
    }
    out
}

/// Chunks without an end: 600 MiB, of which a piece is sent again and again.
fn chunks() -> (Vec<u8>, Vec<u8>, usize) {
    let head = b"POST /Echo/Echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = [b"100000\r\n".as_slice(), &vec![b'1'; MEBI], b"\r\n"].concat();
    (head.to_vec(), chunk, 600)
}

/// A million calls in one batch of JSON-RPC.
fn batch() -> Vec<u8> {
    let call = r#"{"jsonrpc":"2.0","method":"Echo.Echo","id":1}"#;
    // A million does not fit into what a body may have by default, so they are as short as calls of the wrong kind.
    let calls = vec!["1"; 1_000_000 - 1].join(",");
    let body = format!("[{call},{calls}]");
    let length = body.len();
    format!("POST /jsonrpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// Sends for as long as the server takes it, and reads until it closes.
async fn send(at: &str, first: &[u8], more: &[u8], times: usize) {
    let (mut reader, mut writer) = TcpStream::connect(at).await.unwrap().into_split();
    let reading = tokio::spawn(async move {
        let mut room = vec![0; 64 << 10];
        let quiet = Duration::from_millis(500);
        while tokio::time::timeout(quiet, reader.read(&mut room))
            .await
            .is_ok_and(|read| read.is_ok_and(|read| read > 0))
        {}
    });
    if writer.write_all(first).await.is_ok() {
        for _ in 0..times {
            if writer.write_all(more).await.is_err() {
                break;
            }
        }
    }
    reading.await.unwrap();
}

async fn is_well(at: &str) {
    let mut socket = TcpStream::connect(at).await.unwrap();
    let request = "POST /Echo/Echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1";
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("\r\n\r\n1"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_http_leave_nothing_in_memory() {
    let _alone = ALONE.lock().await;
    let server = Server::builder()
        .register(Echo::default())
        .listen("tcp@127.0.0.1:0")
        .http(Http::new().body_limit(4 * MEBI));
    let server = server.bind().await.unwrap();
    let at = server.addresses()[0].location().to_owned();
    let handle = server.handle();
    tokio::spawn(server.serve());
    let (chunked, chunk, many) = chunks();
    let attacks = [
        ("rapid reset", resets(), Vec::new(), 0),
        ("continuation", continuation(), Vec::new(), 0),
        ("600 MiB in chunks", chunked, chunk, many),
        ("a batch of a million", batch(), Vec::new(), 0),
    ];
    for (name, first, more, times) in &attacks {
        // Once before it counts, so that what is made at the first use is there.
        send(&at, first, more, *times).await;
        let before = resident();
        for _ in 0..5 {
            send(&at, first, more, *times).await;
            is_well(&at).await;
        }
        for _ in 0..3000 {
            if handle.stats().calls_in_flight == 0 && handle.stats().open_connections == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let stats = handle.stats();
        assert_eq!(
            (stats.calls_in_flight, stats.open_connections),
            (0, 0),
            "{name}"
        );
        let grown = grown_since(before);
        assert!(grown < 24 * MEBI, "{name}: {} KiB more", grown >> 10);
    }
}

/// A million calls that each could run, on a server that takes a body of that size.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_a_million_calls_is_refused_and_none_of_them_runs() {
    let _alone = ALONE.lock().await;
    let echo = Echo::default();
    let server = Server::builder()
        .register(echo.clone())
        .listen("tcp@127.0.0.1:0")
        .http(Http::new().body_limit(64 * MEBI));
    let server = server.bind().await.unwrap();
    let at = server.addresses()[0].location().to_owned();
    let handle = server.handle();
    tokio::spawn(server.serve());
    let call = r#"{"jsonrpc":"2.0","method":"Echo.Echo","id":1}"#;
    let body = format!("[{}]", vec![call; 1_000_000].join(","));
    let length = body.len();
    let request = format!(
        "POST /jsonrpc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    drop(body);
    let mut before = None;
    for round in 0..6 {
        let mut socket = TcpStream::connect(&at).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("more than 100 calls"), "{answer}");
        is_well(&at).await;
        // The first does not count: what is made at the first use is there then.
        if round == 0 {
            before = resident();
        }
    }
    let runs = echo.runs.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!((runs, handle.stats().calls_in_flight), (6, 0));
    // Of five of them: the allocator keeps a part of the last one.
    let grown = grown_since(before);
    assert!(grown < 64 * MEBI, "{} KiB more", grown >> 10);
}
