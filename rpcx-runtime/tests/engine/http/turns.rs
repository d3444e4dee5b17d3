//! A connection of HTTP that asks for much gets a turn, and then the others. Turns are counted, not timed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::Full;
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rpcx_runtime::gateway::Http;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::{Door, door_with, post};
use crate::echo::EchoClient;
use crate::fairness::{FEW, longest_wait_by};

#[rpcx::service]
trait Burner {
    async fn burn(&self, microseconds: u64) -> rpcx::Result<u64>;
    #[rpcx(spawn)]
    async fn spawned(&self, microseconds: u64) -> rpcx::Result<u64>;
}

/// Counts what has run.
#[derive(Clone, Default)]
struct Burning(Arc<AtomicUsize>);

impl Burner for Burning {
    async fn burn(&self, microseconds: u64) -> rpcx::Result<u64> {
        let end = Instant::now() + Duration::from_micros(microseconds);
        while Instant::now() < end {
            std::hint::spin_loop();
        }
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(microseconds)
    }

    async fn spawned(&self, microseconds: u64) -> rpcx::Result<u64> {
        self.burn(microseconds).await
    }
}

async fn burner() -> (Door, Burning, EchoClient) {
    let burning = Burning::default();
    let service = BurnerServer::new(burning.clone());
    let door = door_with(Http::new(), |builder| builder.register(service)).await;
    let neighbour = EchoClient::connect(&format!("tcp@{}", door.at)).await;
    neighbour.echo(b"first").await.unwrap();
    (door, burning, neighbour)
}

/// A batch of JSON-RPC.
fn batch(method: &str, calls: usize) -> String {
    let call =
        |id| format!(r#"{{"jsonrpc":"2.0","method":"Burner.{method}","params":[300],"id":{id}}}"#);
    let calls: Vec<_> = (0..calls).map(call).collect();
    format!("[{}]", calls.join(","))
}

/// Sends so many requests at once by HTTP/2, each with this body.
async fn multiplex(door: &Door, path: &'static str, requests: usize, body: &str) {
    let socket = TcpStream::connect(&door.at).await.unwrap();
    let shaken = handshake(TokioExecutor::new(), TokioIo::new(socket)).await;
    let (sender, connection) = shaken.unwrap();
    tokio::spawn(connection);
    let body = Bytes::from(body.to_owned());
    for _ in 0..requests {
        let (mut sender, body) = (sender.clone(), body.clone());
        tokio::spawn(async move {
            let request = http::Request::post(format!("http://localhost{path}"));
            let request = request.body(Full::new(body)).unwrap();
            let answer = sender.send_request(request).await;
            // The test may be over.
            assert!(answer.is_err() || answer.unwrap().status() == 200);
        });
    }
}

async fn others_have_their_turns(burning: &Burning, neighbour: &EchoClient, all: usize) {
    let longest = longest_wait_by(&burning.0, neighbour, all).await;
    assert!(longest < FEW, "{longest} handlers");
}

#[tokio::test]
async fn streams_of_one_connection_are_no_turn() {
    let (door, burning, neighbour) = burner().await;
    multiplex(&door, "/Burner/Burn", 3_000, "300").await;
    // Without turns it is two times the 61 tasks that the runtime runs between two looks at its sockets.
    let longest = longest_wait_by(&burning.0, &neighbour, 3_000).await;
    assert!(longest < 100, "{longest} handlers");
}

/// One after the other, and pipelined: those that are answered without hyper, and those that hyper has.
#[tokio::test]
async fn pipelined_requests_are_no_turn() {
    for headers in ["", "X-Unknown: 1\r\n"] {
        let (door, burning, neighbour) = burner().await;
        let mut wire = door.connect().await;
        let requests = post("/Burner/Burn", headers, "300").repeat(3_000);
        let sending = tokio::spawn(async move {
            let _ = wire.try_send(requests.as_bytes()).await;
            while wire.response().await.is_some() {}
        });
        others_have_their_turns(&burning, &neighbour, 3_000).await;
        sending.abort();
    }
}

#[tokio::test]
async fn batches_are_no_turn() {
    for method in ["Burn", "Spawned"] {
        let (door, burning, neighbour) = burner().await;
        multiplex(&door, "/jsonrpc", 40, &batch(method, 100)).await;
        others_have_their_turns(&burning, &neighbour, 4_000).await;
    }
}

/// One after the other, and pipelined.
#[tokio::test]
async fn batches_by_http_1_are_no_turn() {
    let (door, burning, neighbour) = burner().await;
    let mut wire = door.connect().await;
    let requests = post("/jsonrpc", "", &batch("Burn", 100)).repeat(30);
    let sending = tokio::spawn(async move {
        let _ = wire.try_send(requests.as_bytes()).await;
        while wire.response().await.is_some() {}
    });
    others_have_their_turns(&burning, &neighbour, 3_000).await;
    sending.abort();
}

#[tokio::test]
async fn messages_of_a_web_socket_are_no_turn() {
    let (door, burning, neighbour) = burner().await;
    let stream = TcpStream::connect(&door.at).await.unwrap();
    let asked = tokio_tungstenite::client_async("ws://localhost/jsonrpc", stream).await;
    let (mut sink, mut answers) = asked.unwrap().0.split();
    let sending = tokio::spawn(async move {
        for _ in 0..30 {
            let sent = sink.send(Message::text(batch("Burn", 100))).await;
            if sent.is_err() {
                return;
            }
        }
        std::future::pending::<()>().await;
    });
    let taking = tokio::spawn(async move { while let Some(Ok(_)) = answers.next().await {} });
    others_have_their_turns(&burning, &neighbour, 3_000).await;
    sending.abort();
    taking.abort();
}
