//! A WebSocket whose client closes while its calls run: it has said that it sends no more, and
//! still waits for its replies, as behind a half-closed socket of tcp.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::both::{Both, start};
use super::peers::{binary, length};
use super::{request, request_for, soon};

async fn has_run(server: &Both, calls: usize) {
    let ran = async {
        while server.echo.runs.load(Ordering::SeqCst) < calls {
            tokio::task::yield_now().await;
        }
    };
    soon(ran).await;
}

async fn upgrade<S: AsyncRead + AsyncWrite + Unpin>(socket: S) -> WebSocketStream<S> {
    let upgraded = client_async("ws://localhost/_rpcx_", socket).await;
    upgraded.unwrap().0
}

fn bye() -> Message {
    Message::Close(Some(CloseFrame {
        code: CloseCode::Away,
        reason: "bye".into(),
    }))
}

/// What comes up to the close, and the code of that; then the socket must end.
async fn last<S>(socket: &mut WebSocketStream<S>) -> (Vec<u8>, CloseCode)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut bytes = Vec::new();
    loop {
        match soon(socket.next()).await.unwrap().unwrap() {
            Message::Binary(data) => bytes.extend_from_slice(&data),
            Message::Close(Some(close)) => {
                assert!(soon(socket.next()).await.is_none(), "the socket ends");
                return (bytes, close.code);
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn calls_and_closes<S>(mut socket: WebSocketStream<S>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    socket.feed(binary(&request())).await.unwrap();
    let slow = request_for(b"Wait", b"50");
    socket.feed(binary(&slow)).await.unwrap();
    socket.send(bye()).await.unwrap();
    let (replies, code) = last(&mut socket).await;
    let (quick, slow) = replies.split_at(length(&replies));
    assert!(quick.ends_with(b"payload"));
    assert!(slow.len() == length(slow) && slow.ends_with(b"50"));
    assert_eq!(code, CloseCode::Away);
}

#[tokio::test]
async fn a_peer_that_closes_behind_its_calls_gets_the_replies_first() {
    let server = start().await;
    calls_and_closes(upgrade(server.plain().await).await).await;
    calls_and_closes(upgrade(server.secure().await).await).await;
    assert_eq!(server.handle.stats().connections, 2);
}

/// A socket that is closed with bytes unread is reset, and the end of TLS is such bytes.
#[tokio::test]
async fn a_large_reply_is_not_lost_with_the_end_of_tls_that_follows_a_close() {
    let server = start().await;
    let mut socket = upgrade(server.secure().await).await;
    // A number, 100, after so many zeros: more than a socket takes that is not read from, and
    // less than waits to be sent.
    let slow = [&[b'0'; 256 << 10][..], b"100"].concat();
    let asked = request_for(b"Wait", &slow);
    socket.feed(binary(&asked)).await.unwrap();
    socket.send(bye()).await.unwrap();
    has_run(&server, 1).await;
    socket.get_mut().shutdown().await.unwrap();
    let ended = async {
        while server.handle.stats().open_connections > 0 {
            tokio::task::yield_now().await;
        }
    };
    // Where less waits to be sent, the server waits too, until its peer reads.
    let _ = tokio::time::timeout(Duration::from_secs(2), ended).await;
    let (reply, code) = last(&mut socket).await;
    assert!(reply.len() == length(&reply) && reply.ends_with(&slow));
    assert_eq!(code, CloseCode::Away);
}
