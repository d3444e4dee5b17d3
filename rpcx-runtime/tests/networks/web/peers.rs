//! tokio-tungstenite as the other end. It knows messages where we know a stream of bytes.

use futures_util::{SinkExt, StreamExt};
use rpcx_runtime::Limits;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};

use super::{connect, host_port, request, soon};
use crate::echo::{EchoClient, Running, start_at};

async fn client(server: &Running) -> WebSocketStream<TcpStream> {
    let socket = connect(server).await;
    let url = format!("ws://{}/_rpcx_", host_port(server));
    client_async(url, socket).await.unwrap().0
}

/// The next messages up to a whole rpcx frame.
async fn frame(socket: &mut WebSocketStream<TcpStream>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < 16 || bytes.len() < length(&bytes) {
        match soon(socket.next()).await.unwrap().unwrap() {
            Message::Binary(data) => bytes.extend_from_slice(&data),
            other => panic!("{other:?}"),
        }
    }
    bytes
}

/// The length of the frame that begins with these bytes.
pub(crate) fn length(bytes: &[u8]) -> usize {
    16 + u32::from_be_bytes(*bytes[12..].first_chunk().unwrap()) as usize
}

pub(crate) fn binary(bytes: &[u8]) -> Message {
    Message::Binary(bytes.to_vec().into())
}

#[tokio::test]
async fn a_server_talks_to_it() {
    let server = start_at("ws@127.0.0.1:0", Limits::server()).await;
    let mut socket = client(&server).await;
    for size in [1, 5, 1000] {
        for piece in request().chunks(size) {
            socket.feed(binary(piece)).await.unwrap();
        }
        socket.flush().await.unwrap();
        let answer = frame(&mut socket).await;
        assert_eq!(answer.len(), length(&answer));
        assert_eq!(answer[..4], [0x08, 0, 0x80, 0]);
        assert!(answer.ends_with(b"payload"));
    }
    socket
        .send(Message::Ping(b"here".to_vec().into()))
        .await
        .unwrap();
    let pong = soon(socket.next()).await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong(b"here".to_vec().into()));
    let bye = CloseFrame {
        code: CloseCode::Away,
        reason: "bye".into(),
    };
    socket.send(Message::Close(Some(bye))).await.unwrap();
    match soon(socket.next()).await.unwrap().unwrap() {
        Message::Close(Some(close)) => assert_eq!(close.code, CloseCode::Away),
        other => panic!("{other:?}"),
    }
    assert!(soon(socket.next()).await.is_none(), "and the socket ends");
}

#[tokio::test]
async fn a_server_says_goodbye_to_it() {
    let server = start_at("ws@127.0.0.1:0", Limits::server()).await;
    let mut socket = client(&server).await;
    socket.send(binary(&request())).await.unwrap();
    frame(&mut socket).await;
    server.handle.shutdown();
    match soon(socket.next()).await.unwrap().unwrap() {
        Message::Close(Some(close)) => assert_eq!(close.code, CloseCode::Normal),
        other => panic!("{other:?}"),
    }
    soon(server.task).await.unwrap().unwrap();
}

/// Answers requests with themselves, one connection after another, and tells how the first ended.
async fn tungstenite_server() -> (String, oneshot::Receiver<Option<CloseCode>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("ws@{}/_rpcx_", listener.local_addr().unwrap());
    let (ended, end) = oneshot::channel();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut socket = accept_async(socket).await.unwrap();
        let mut bytes = Vec::new();
        let mut code = None;
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Binary(data) => bytes.extend_from_slice(&data),
                Message::Close(close) => code = close.map(|close| close.code),
                Message::Pong(pinged) => {
                    assert_eq!(pinged, "p");
                    continue;
                }
                other => panic!("{other:?}"),
            }
            socket.feed(Message::Ping(b"p".to_vec().into())).await.ok();
            while bytes.len() >= 16 && bytes.len() >= length(&bytes) {
                let rest = bytes.split_off(length(&bytes));
                bytes[2] |= 0x80;
                socket.feed(binary(&bytes)).await.unwrap();
                bytes = rest;
            }
            socket.flush().await.ok();
        }
        ended.send(code).ok();
    });
    (address, end)
}

#[tokio::test]
async fn a_client_talks_to_it() {
    let (address, end) = tungstenite_server().await;
    let echo = EchoClient::connect(&address).await;
    for size in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
        let payload: Vec<u8> = (0..size).map(|n: usize| n as u8).collect();
        assert_eq!(
            soon(echo.echo(&payload).into_future()).await.unwrap(),
            payload
        );
    }
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..16u8 {
        let echo = echo.clone();
        callers.spawn(async move {
            for _ in 0..50 {
                assert_eq!(echo.echo(&[caller; 300]).await.unwrap(), [caller; 300]);
            }
        });
    }
    soon(callers.join_all()).await;
    drop(echo);
    assert_eq!(soon(end).await.unwrap(), Some(CloseCode::Normal));
}
