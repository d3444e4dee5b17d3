//! The opening handshake of a WebSocket, byte by byte.

use rpcx_runtime::{Channel, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{answering, connect, refused, request, soon};
use crate::echo::{Running, start_at};

fn upgrade(more: &str) -> String {
    format!(
        "GET /_rpcx_ HTTP/1.1\r\nHost: a.org:80\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    )
}

const ACCEPTED: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A text frame of a client.
fn text(bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).unwrap();
    assert!(length <= 125);
    let masked = bytes.iter().zip([1, 2, 3, 4].iter().cycle());
    let masked: Vec<u8> = masked.map(|(byte, key)| byte ^ key).collect();
    [&[0x81, 0x80 | length, 1, 2, 3, 4], &masked[..]].concat()
}

async fn server() -> Running {
    start_at("ws@127.0.0.1:0", Limits::server()).await
}

#[tokio::test]
async fn text_behind_the_head_is_a_frame() {
    let server = server().await;
    let request = request();
    let (first, second) = request.split_at(10);
    let all = [upgrade("").as_bytes(), &text(first), &text(second)].concat();
    for cut in [all.len(), 1, 5] {
        let mut socket = connect(&server).await;
        for piece in all.chunks(cut) {
            socket.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut answer = vec![0; ACCEPTED.len() + 6];
        soon(socket.read_exact(&mut answer)).await.unwrap();
        let (head, frame) = answer.split_at(ACCEPTED.len());
        assert_eq!(head, ACCEPTED.as_bytes());
        assert_eq!(frame[0], 0x82, "a binary frame, and not masked");
        assert!(frame[1] < 126, "a short one");
        assert_eq!(frame[2..], [0x08, 0, 0x80, 0], "with an answer in it");
    }
}

#[tokio::test]
async fn a_frame_that_is_not_masked_ends_the_connection() {
    let server = server().await;
    let mut socket = connect(&server).await;
    let all = [upgrade("").as_bytes(), b"\x82\x01x"].concat();
    socket.write_all(&all).await.unwrap();
    let mut answer = Vec::new();
    soon(socket.read_to_end(&mut answer)).await.unwrap();
    let close = &answer[ACCEPTED.len()..];
    assert_eq!((close[0], &close[2..4]), (0x88, &1002u16.to_be_bytes()[..]));
}

#[tokio::test]
async fn other_requests_are_refused() {
    let server = server().await;
    for (head, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "404 Not Found"),
        (
            "POST /_rpcx_ HTTP/1.1\r\n\r\n".to_owned(),
            "405 Method Not Allowed",
        ),
        (
            "GET /_rpcx_ HTTP/1.1\r\n\r\n".to_owned(),
            "426 Upgrade Required",
        ),
        (
            upgrade("").replace("Version: 13", "Version: 12"),
            "426 Upgrade Required",
        ),
        (upgrade("").replace("Key: d", "Key: "), "400 Bad Request"),
        (upgrade("Origin: http://b.org\r\n"), "403 Forbidden"),
        ("\x16\x03\x01 is TLS".to_owned(), "400 Bad Request"),
    ] {
        let answer = refused(&server, head.as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{head:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn the_client_asks_as_the_rfc_wants_it() {
    let refusal = b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec();
    let (address, server) = answering(refusal).await;
    let error = soon(Channel::connect(format!("ws@{address}/a?b"))).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("`HTTP/1.1 403 Forbidden`: expected the status 101"),
        "{error}"
    );
    let seen = soon(server).await.unwrap();
    let (before, key) = seen.split_once("Sec-WebSocket-Key: ").unwrap();
    assert_eq!(
        before,
        format!(
            "GET /a?b HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Origin: http://{address}\r\nSec-WebSocket-Version: 13\r\n"
        )
    );
    assert_eq!(key.len(), 24 + 4, "{key}");
    assert!(key.ends_with("\r\n\r\n"), "{key}");
}
