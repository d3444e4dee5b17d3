//! What a peer may send that means no good: the server stays up, and others notice nothing.

use std::time::Duration;

use rpcx_runtime::gateway::Http;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Door, Wire, door, door_with, limits, post, until};

async fn is_well(door: &Door) {
    assert_eq!(door.post("/Echo/Echo", "", "1").await.body, "1");
}

/// Sends for as long as the server takes it; how much that was.
async fn flood(wire: &mut Wire, piece: &[u8], pieces: usize) -> usize {
    for sent in 0..pieces {
        let send = wire.stream.write_all(piece);
        match tokio::time::timeout(Duration::from_secs(20), send).await {
            Ok(Ok(())) => {}
            _ => return sent * piece.len(),
        }
    }
    pieces * piece.len()
}

#[tokio::test]
async fn a_body_without_an_end_is_refused_at_its_limit() {
    let door = door_with(Http::new().body_limit(1 << 20), |builder| builder).await;
    let mut wire = door.connect().await;
    wire.send(b"POST /Echo/Echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    let chunk = [b"10000\r\n".as_slice(), &[b'1'; 65536], b"\r\n"].concat();
    // 600 MiB, of which no more is taken than the limit and what sockets and buffers hold.
    let sent = flood(&mut wire, &chunk, 9600).await;
    assert!(sent < 64 << 20, "{sent}");
    assert_eq!(door.handle.stats().oversized_requests, 1);
    let announced = "Content-Length: 629145600\r\n";
    let head = format!("POST /Echo/Echo HTTP/1.1\r\nHost: localhost\r\n{announced}\r\n");
    assert_eq!(door.ask(&head).await.status, 413);
    assert_eq!(
        door.post("/jsonrpc", "", &"1".repeat(1 << 21)).await.status,
        413
    );
    assert_eq!(door.runs(), 0);
    is_well(&door).await;
}

#[tokio::test]
async fn a_slow_head_and_a_slow_body_are_closed() {
    let door = door_with(Http::new(), |builder| {
        builder.limits(limits(|limits| {
            limits.frame_header = Duration::from_millis(300);
            limits.frame_body = Duration::from_millis(300);
        }))
    })
    .await;
    // A byte now and then gains nothing.
    for start in [
        "POST /Echo/Echo HTTP/1.1\r\nHost: local",
        "P",
        "POST /Echo/Echo HTTP/1.1\r\nContent-Length: 5000\r\n\r\n",
    ] {
        let mut wire = door.connect().await;
        wire.send(start.as_bytes()).await;
        let dribble = async {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                if wire.stream.write_all(b"x").await.is_err() {
                    return;
                }
                let mut answer = [0; 512];
                let read = wire.stream.read(&mut answer);
                if let Ok(Ok(0) | Err(_)) =
                    tokio::time::timeout(Duration::from_millis(1), read).await
                {
                    return;
                }
            }
        };
        let closed = tokio::time::timeout(Duration::from_secs(30), dribble).await;
        assert!(closed.is_ok(), "{start}");
    }
    until("three of them", || door.handle.stats().slow_frames >= 3).await;
    assert_eq!(door.runs(), 0);
    is_well(&door).await;
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_and_one_with_a_call_is_not() {
    let http = Http::new().idle(Duration::from_millis(200));
    let door = door_with(http, |builder| builder).await;
    let mut wire = door.connect().await;
    // Longer than an idle connection is kept: the handler decodes `600` as milliseconds.
    let headers =
        "X-RPCX-ServicePath: Echo\r\nX-RPCX-ServiceMethod: Wait\r\nX-RPCX-SerializeType: 0\r\n";
    let waited = wire.ask(post("/", headers, "600").as_bytes()).await;
    assert_eq!(waited.body, "600");
    assert_eq!(wire.closed().await, "");
    let mut fresh = door.connect().await;
    fresh
        .send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await;
    fresh.closed().await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_closed() {
    let door = door_with(Http::new(), |builder| {
        builder.limits(limits(|limits| {
            limits.write_stall = Duration::from_millis(300)
        }))
    })
    .await;
    let mut wire = door.connect().await;
    let large = "1".repeat(15 << 20);
    wire.send(post("/Echo/Echo", "", &large).as_bytes()).await;
    until("it is given up", || door.handle.stats().stalled_writes == 1).await;
    is_well(&door).await;
}

/// Two lengths, a length beside chunks, and more: what follows is never taken for a request of its own,
/// or the connection ends.
#[tokio::test]
async fn no_request_is_smuggled_into_another() {
    let door = door().await;
    let hidden = "POST /Echo/Echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nsmuggled";
    for (headers, body) in [
        ("Content-Length: 5\r\nContent-Length: 6\r\n", hidden),
        ("Content-Length: 5, 6\r\n", hidden),
        ("Content-Length: +5\r\n", hidden),
        ("Content-Length: 0x5\r\n", hidden),
        ("Content-Length: 99999999999999999999\r\n", hidden),
        ("Transfer-Encoding: chunked, identity\r\n", hidden),
        ("Transfer-Encoding: xchunked\r\n", hidden),
        ("Transfer-Encoding : chunked\r\n", hidden),
        ("Transfer-Encoding: chunked\r\n", "5\r\nabc\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", "-1\r\n"),
        ("Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n"),
        ("Bad Header: x\r\n", ""),
        ("Header\0: x\r\n", ""),
        ("Header: a\0b\r\n", ""),
        (": x\r\n", ""),
    ] {
        let mut wire = door.connect().await;
        let request = format!("POST /Echo/Echo HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}");
        wire.send(request.as_bytes()).await;
        let answer = wire.closed().await;
        let refused = answer.starts_with("HTTP/1.1 400 ") && !answer.contains(" 200 ");
        assert!(
            refused && !answer.contains("smuggled"),
            "{headers}: {answer}"
        );
    }
    assert_eq!(door.runs(), 0);
    // By one of them what follows is a request, by the other a body.
    let mut wire = door.connect().await;
    let both = "POST /Echo/Echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n";
    wire.send(format!("{both}{}", post("/Echo/Note", "", "smuggled")).as_bytes())
        .await;
    let answer = wire.closed().await;
    assert!(!answer.contains("smuggled"), "{answer}");
}

#[tokio::test]
async fn names_and_values_do_not_break_a_header() {
    let door = door().await;
    let invoke = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-RPCX-ServiceMethod: Mul\r\nX-RPCX-SerializeType: 1\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let response = door.ask(&invoke("/a%0d%0aSet-Cookie:%20b%00")).await;
    assert_eq!(response.status, 404);
    assert_eq!(response.header("set-cookie"), None);
    assert_eq!(
        response.header("x-rpcx-errormessage"),
        Some("rpcx: can't find service a  set-cookie: b")
    );
    let plain = door.post("/a%0d%0aSet-Cookie:%20b/M", "", "").await;
    assert!(plain.status == 404 && plain.header("set-cookie").is_none());
    let long = door
        .post(&format!("/Echo/{}", "x".repeat(5000)), "", "")
        .await;
    assert_eq!(long.status, 400);
    let id = door.post("/Echo/Echo", "X-Request-Id: a\tb\r\n", "1").await;
    assert_eq!(
        id.header("x-request-id").map(str::len),
        Some(16),
        "another one is made"
    );
}

#[tokio::test]
async fn heads_have_limits() {
    let door = door().await;
    let many: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    for (headers, path, status) in [
        (many, "/Echo/Echo".to_owned(), 431),
        (
            format!("X: {}\r\n", "y".repeat(100 << 10)),
            "/Echo/Echo".to_owned(),
            431,
        ),
        (String::new(), format!("/{}", "a".repeat(70_000)), 414),
        (
            format!("X-RPCX-Meta: {}\r\n", "a=1&".repeat(10)),
            "/Echo/Echo".to_owned(),
            200,
        ),
        (
            (0..300).fold("X-RPCX-Meta: x=1".to_owned(), |all, n| {
                format!("{all}&{n}=1")
            }) + "\r\n",
            "/Echo/Echo".to_owned(),
            400,
        ),
    ] {
        let mut wire = door.connect().await;
        wire.send(post(&path, &headers, "1").as_bytes()).await;
        let response = wire.response().await.expect("a response");
        let accepted = [status, 431].contains(&response.status);
        assert!(accepted, "{status}: {} {}", response.status, path.len());
    }
    is_well(&door).await;
}

#[tokio::test]
async fn what_is_no_json_is_told_and_does_no_harm() {
    let door = door().await;
    let deep = "[".repeat(1 << 20);
    for body in [
        deep.clone(),
        "{\"a\":".repeat(1 << 18),
        format!("{{\"jsonrpc\":\"2.0\",\"method\":\"Echo.Echo\",\"id\":1,\"params\":{deep}"),
    ] {
        let response = door.post("/jsonrpc", "", &body).await;
        assert!(
            response.body.contains("-32700") || response.body.contains("-32600"),
            "{response:?}"
        );
    }
    let mut wire = door.connect().await;
    let bad = b"POST /jsonrpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\n\r\n{\"id\":\"\xff\xfe\"} ";
    assert!(wire.ask(bad).await.body.contains("-32700"));
    let million = format!("[{}]", vec!["1"; 1_000_000].join(","));
    let refused = door.post("/jsonrpc", "", &million).await;
    assert!(refused.body.contains("more than 100 calls"), "{refused:?}");
    assert_eq!(door.runs(), 0);
    is_well(&door).await;
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn what_is_small_and_becomes_large_is_refused() {
    use rpcx_runtime::protocol::{Compress, Gzip};
    let door = door_with(Http::new(), |builder| {
        builder.limits(limits(|limits| limits.inflated = 1 << 20))
    })
    .await;
    for (path, size, status) in [
        ("/Echo/Echo", 1 << 21, 400),
        ("/jsonrpc", 1 << 21, 400),
        ("/Echo/Echo", 1 << 10, 200),
    ] {
        let packed = Gzip.compress(&vec![b'1'; size]).unwrap();
        let mut wire = door.connect().await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        );
        wire.send(head.as_bytes()).await;
        let response = wire.ask(&packed).await;
        assert_eq!(response.status, status, "{path} {size}: {response:?}");
    }
    assert_eq!(door.handle.stats().inflate_failures, 2);
}

/// Streams that are opened and reset at once, and headers that never end.
#[tokio::test]
async fn floods_of_http_2_end_their_connection_and_no_other() {
    let door = door().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    // `:method: POST`, `:scheme: http`, `:path: /`, all from the static table.
    let headers = |stream: u32, flags: u8| {
        let mut frame = vec![0, 0, 3, 1, flags];
        frame.extend(stream.to_be_bytes());
        frame.extend([0x83, 0x86, 0x84]);
        frame
    };
    let mut resets = Vec::new();
    for stream in (1..20_000u32).step_by(2) {
        resets.extend(headers(stream, 4));
        resets.extend([0, 0, 4, 3, 0]);
        resets.extend(stream.to_be_bytes());
        resets.extend([0, 0, 0, 8]);
    }
    let mut continued = headers(1, 0);
    for _ in 0..100_000 {
        continued.extend([0, 0, 3, 9, 0, 0, 0, 0, 1, 0x83, 0x86, 0x84]);
    }
    for attack in [resets, continued] {
        let mut wire = door.connect().await;
        wire.send(preface).await;
        flood(&mut wire, &attack, 1).await;
        let ended = tokio::time::timeout(Duration::from_secs(30), async {
            let mut room = [0; 65536];
            while wire.stream.read(&mut room).await.is_ok_and(|read| read > 0) {}
        });
        assert!(ended.await.is_ok(), "the server ends it");
        is_well(&door).await;
    }
    until("their ends", || door.handle.stats().open_connections <= 1).await;
    assert_eq!(door.handle.stats().calls_in_flight, 0);
}
