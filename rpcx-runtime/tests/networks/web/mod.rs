//! The networks `http` and `ws`, against bytes by hand and against an independent WebSocket.

mod both;
mod closing;
mod http;
mod options;
mod origin;
mod peers;
mod upgrade;

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::echo::{Running, start_at};
use rpcx_runtime::{Channel, Limits};

/// A request for `Echo.Echo` with the payload `payload`.
fn request() -> Vec<u8> {
    request_for(b"Echo", b"payload")
}

/// A request for a method of `Echo`.
fn request_for(method: &[u8], payload: &[u8]) -> Vec<u8> {
    use rpcx_runtime::protocol::{Codec, FrameEncoder, Header, Metadata};
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, Header::request(9, Codec::RAW));
    frame.names(b"Echo", method);
    frame.metadata(&Metadata::new());
    frame.payload(payload);
    frame.finish().unwrap();
    out
}

fn host_port(server: &Running) -> &str {
    server.address.split_once('@').unwrap().1
}

async fn connect(server: &Running) -> TcpStream {
    let socket = TcpStream::connect(host_port(server)).await.unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

async fn soon<T>(action: impl Future<Output = T>) -> T {
    let bounded = tokio::time::timeout(Duration::from_secs(10), action);
    bounded.await.expect("it takes no time")
}

/// Sends a request head and returns all that comes back until the server closes.
async fn refused(server: &Running, head: &[u8]) -> String {
    let mut socket = connect(server).await;
    socket.write_all(head).await.unwrap();
    let mut answer = Vec::new();
    soon(socket.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// Listens once, answers the first head with `answer`, and gives what it was sent.
async fn answering(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let task = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"\n\n") && !seen.ends_with(b"\r\n\r\n") {
            seen.push(socket.read_u8().await.unwrap());
        }
        socket.write_all(&answer).await.unwrap();
        // Until the client has had enough.
        let _ = socket.read_to_end(&mut Vec::new()).await;
        String::from_utf8(seen).unwrap()
    });
    (address, task)
}

/// As when a server stops that has no time left for the handshake: nothing of a call was sent.
#[tokio::test]
async fn a_connection_that_ends_during_the_handshake_is_tried_again() {
    for network in ["http", "ws"] {
        let server = start_at(&format!("{network}@127.0.0.1:0"), Limits::server()).await;
        for (lost, reached) in [(3, true), (4, false)] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("{network}@{}", listener.local_addr().unwrap());
            let connecting = tokio::spawn(async move { Channel::connect(&address).await });
            for _ in 0..lost {
                let (mut socket, _) = soon(listener.accept()).await.unwrap();
                let first = soon(socket.read_u8()).await.unwrap();
                assert!(first.is_ascii_uppercase());
                soon(socket.shutdown()).await.unwrap();
                let _ = soon(socket.read_to_end(&mut Vec::new())).await;
            }
            if reached {
                let (mut socket, _) = soon(listener.accept()).await.unwrap();
                let mut onward = connect(&server).await;
                tokio::spawn(async move {
                    let _ = tokio::io::copy_bidirectional(&mut socket, &mut onward).await;
                });
            }
            let connected = soon(connecting).await.unwrap();
            assert_eq!(connected.is_ok(), reached, "{network}: {connected:?}");
        }
    }
}
