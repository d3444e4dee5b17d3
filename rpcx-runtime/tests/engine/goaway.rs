//! Which clients are asked to go elsewhere, and what becomes of their calls.

use std::future::IntoFuture;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, Frame, FrameEncoder, Header, Metadata};
use rpcx_runtime::{Channel, Limits};
use tokio::net::{TcpListener, TcpStream};

use crate::echo::{EchoClient, start};
use crate::wire::{Wire as Peer, frame, reply};

const CAPABILITIES: &str = "__rpcx_capabilities";

fn goaway() -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header::request(1, Codec::RAW).oneway();
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"__rpcx", b"GoAway");
    frame.metadata(&Metadata::new());
    frame.payload(b"");
    frame.finish().unwrap();
    out
}

fn announces(request: &Frame) -> bool {
    request.metadata().get(CAPABILITIES) == Some("goaway")
}

#[tokio::test]
async fn a_client_that_is_asked_goes_and_still_gets_its_replies() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let client = EchoClient::new(Channel::connect(&address).await.unwrap());
    let mut old = Peer::accept(&listener).await;
    let first = tokio::spawn(client.echo(b"first").into_future());
    let first_request = old.next().await;
    let second = tokio::spawn(client.echo(b"second").into_future());
    let second_request = old.next().await;
    // It cannot know yet that it has been read.
    assert!(announces(&first_request) && announces(&second_request));
    let header = |frame: &Frame| frame.header.seq;
    old.send(&reply(header(&first_request), b"1")).await;
    assert_eq!(first.await.unwrap().unwrap(), b"1");
    let third = tokio::spawn(client.echo(b"third").into_future());
    let third_request = old.next().await;
    assert!(!announces(&third_request), "said once");

    old.send(&goaway()).await;
    // Pushed messages are read in their order, so a reply that follows shows that it was read.
    old.send(&reply(header(&second_request), b"2")).await;
    assert_eq!(second.await.unwrap().unwrap(), b"2");
    let fourth = tokio::spawn(client.echo(b"fourth").into_future());
    let mut new = Peer::accept(&listener).await;
    let request = new.next().await;
    assert_eq!(request.payload(), b"fourth");
    assert!(announces(&request));
    new.send(&reply(header(&request), b"4")).await;
    assert_eq!(fourth.await.unwrap().unwrap(), b"4");

    old.send(&reply(header(&third_request), b"3")).await;
    assert_eq!(third.await.unwrap().unwrap(), b"3");
    old.ended().await;
}

#[tokio::test]
async fn an_idle_client_that_is_asked_goes_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let channel = Channel::connect(&address).await.unwrap();
    let mut server = Peer::accept(&listener).await;
    server.send(&goaway()).await;
    server.send(&goaway()).await;
    server.ended().await;
    assert_eq!(channel.dropped_pushes(), 0);
}

#[tokio::test]
async fn a_peer_that_has_announced_nothing_is_asked_nothing() {
    let server = start(Limits::server()).await;
    let mut peer = Peer::new(TcpStream::connect(server.socket()).await.unwrap());
    let header = Header::request(7, Codec::RAW);
    for capabilities in ["cancel", ""] {
        let metadata = Metadata::from_iter([(CAPABILITIES, capabilities)]);
        peer.send(&frame(header, &metadata, b"x")).await;
        assert_eq!(peer.next().await.payload(), b"x");
    }
    server.handle.shutdown();
    peer.ended().await;
    server.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_peer_that_was_asked_is_served_until_it_goes() {
    let server = start(Limits::server()).await;
    let mut peer = Peer::new(TcpStream::connect(server.socket()).await.unwrap());
    let header = Header::request(7, Codec::RAW);
    let announced = Metadata::from_iter([(CAPABILITIES, "goaway")]);
    peer.send(&frame(header, &announced, b"x")).await;
    assert_eq!(peer.next().await.payload(), b"x");
    server.handle.shutdown();
    let asked = peer.next().await;
    assert!(asked.header.is_oneway() && !asked.header.is_response());
    assert_eq!(
        (asked.path(), asked.method()),
        (&b"__rpcx"[..], &b"GoAway"[..])
    );
    // Longer than a connection may be quiet whose peer knows nothing.
    tokio::time::sleep(Duration::from_millis(200)).await;
    peer.send(&frame(header, &Metadata::new(), b"late")).await;
    assert_eq!(peer.next().await.payload(), b"late");
    drop(peer);
    let echo = server.echo.clone();
    server.task.await.unwrap().unwrap();
    assert_eq!(echo.runs.load(Ordering::SeqCst), 2);
}
