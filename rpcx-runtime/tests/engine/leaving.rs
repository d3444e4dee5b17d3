//! Connections that a server ends for their silence, their age or their pace: what the other end is told,
//! and what becomes of its calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, FrameEncoder, Header, Metadata};
use rpcx_runtime::{Channel, Event, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::echo::{EchoClient, start};
use crate::networks::{at_once, every_network};

/// A call of a peer that announces nothing.
fn request(method: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, Header::request(7, Codec::RAW));
    frame.names(b"Echo", method.as_bytes());
    frame.metadata(&Metadata::new());
    frame.payload(payload);
    frame.finish().unwrap();
    out
}

/// A call that meets the end of an idle connection is answered: the client was asked to go first, and
/// what it has sent by then is read.
#[tokio::test]
async fn a_call_that_meets_the_end_of_an_idle_connection_is_answered() {
    at_once(every_network(), |network| async move {
        let mut limits = Limits::server();
        limits.idle = Duration::from_millis(60);
        let server = network.start(limits).await;
        let client = network.connect(&server.address).await;
        for round in 0..20 {
            let reply = client.echo(b"x").await;
            assert_eq!(reply.unwrap(), b"x", "{}, {round}", network.name);
            tokio::time::sleep(Duration::from_millis(50 + round)).await;
        }
        let stats = server.handle.stats();
        assert!(stats.idle_connections > 0, "{}: {stats:?}", network.name);
    })
    .await;
}

#[tokio::test]
async fn an_old_connection_makes_room_for_another_and_loses_no_call() {
    at_once(every_network(), |network| async move {
        let mut limits = Limits::server();
        limits.age = Duration::from_millis(100);
        let server = network.start(limits).await;
        let client = network.connect(&server.address).await;
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move {
                    for _ in 0..20 {
                        client.wait(25).await?;
                    }
                    Ok::<_, rpcx_runtime::Error>(())
                })
            })
            .collect();
        for caller in callers {
            let outcome = caller.await.unwrap();
            assert!(outcome.is_ok(), "{}: {outcome:?}", network.name);
        }
        let stats = server.handle.stats();
        assert!(
            stats.aged_connections >= 2 && stats.connections > 2,
            "{}: {stats:?}",
            network.name
        );
    })
    .await;
}

/// A peer that knows nothing of goaway gets the replies to everything that was read.
#[tokio::test]
async fn an_old_connection_of_another_peer_ends_behind_its_replies() {
    let mut limits = Limits::server();
    limits.age = Duration::from_millis(200);
    let server = start(limits).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    let call = request("Wait", b"600");
    socket.write_all(&call).await.unwrap();
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), socket.read_to_end(&mut answer));
    ended.await.unwrap().unwrap();
    assert!(answer.ends_with(b"600"), "{answer:?}");
    assert_eq!(server.handle.stats().aged_connections, 1);
}

#[tokio::test]
async fn a_client_learns_why_it_is_asked_to_go() {
    let mut limits = Limits::server();
    limits.idle = Duration::from_millis(60);
    let server = start(limits).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&told);
    let channel = Channel::builder()
        .address(&server.address)
        .on_event(move |event| {
            if let Event::GoAwayReceived { reason, .. } = event {
                events.lock().unwrap().push((*reason).to_owned());
            }
        })
        .build();
    let client = EchoClient::new(channel.await.unwrap());
    client.echo(b"x").await.unwrap();
    let asked = async {
        while told.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asked)
        .await
        .unwrap();
    assert_eq!(
        *told.lock().unwrap(),
        ["the connection was idle for too long"]
    );
    client.echo(b"y").await.unwrap();

    server.handle.shutdown();
    let asked = async {
        while told.lock().unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asked)
        .await
        .unwrap();
    assert_eq!(told.lock().unwrap()[1], "the server is stopping");
}

#[tokio::test]
async fn a_request_that_comes_too_slowly_is_answered_with_the_reason() {
    let mut limits = Limits::server();
    limits.frame_body = Duration::from_millis(100);
    let server = start(limits).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    let call = request("Echo", &[1; 1000]);
    socket.write_all(&call[..100]).await.unwrap();
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), socket.read_to_end(&mut answer));
    ended.await.unwrap().unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.contains("too slowly"), "{answer}");
    let stats = server.handle.stats();
    assert_eq!((stats.slow_frames, server.runs()), (1, 0));
}
