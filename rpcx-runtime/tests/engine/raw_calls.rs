//! Calls by name, with encoded payloads.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rpcx_runtime::layer::{Next, Request};
use rpcx_runtime::protocol::{Codec, Compression, Header, Metadata};
use rpcx_runtime::{Backoff, Channel, ErrorKind, Limits, Rejection, Retry};
use tokio::net::TcpListener;

use crate::echo::start;
use crate::wire::{Wire as Peer, frame};

async fn fake() -> (Channel, TcpListener, Peer) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let at_once = Retry::new().backoff(Backoff::new(Duration::ZERO, Duration::ZERO));
    let channel = Channel::builder().address(&address).retry(at_once);
    let channel = channel.metadata("of", "channel").build().await.unwrap();
    let peer = Peer::accept(&listener).await;
    (channel, listener, peer)
}

#[tokio::test]
async fn bytes_go_and_come_as_they_are() {
    let (channel, _listener, mut peer) = fake().await;
    let method = channel
        .raw("Some.Path", "Método")
        .codec(Codec::PROTOBUF)
        .compressed(Compression::GZIP)
        .metadata("k", "v")
        .timeout(Duration::from_secs(30));
    let large = vec![9; 100_000];
    for payload in [b"not gzip at all".to_vec(), Vec::new(), large] {
        let call = tokio::spawn(method.call(payload.clone()));
        let request = peer.next().await;
        assert_eq!(request.path(), b"Some.Path");
        assert_eq!(request.method(), "Método".as_bytes());
        assert_eq!(request.header.codec(), Codec::PROTOBUF);
        assert_eq!(request.header.compress(), Compression::GZIP);
        assert_eq!(request.payload(), payload);
        let metadata = request.metadata();
        assert_eq!(
            [metadata.get("of"), metadata.get("k")],
            [Some("channel"), Some("v")]
        );
        assert!(metadata.server_timeout().is_some());

        let header = Header::request(request.header.seq, Codec::JSON).reply();
        let header = header.compressed(Compression::GZIP);
        let answer = Metadata::from_iter([("served-by", "me")]);
        peer.send(&frame(header, &answer, b"nor is this")).await;
        let reply = call.await.unwrap().unwrap();
        assert_eq!(&reply.payload[..], b"nor is this");
        assert_eq!(
            (reply.codec, reply.compression),
            (Codec::JSON, Compression::GZIP)
        );
        assert_eq!(reply.metadata.get("served-by"), Some("me"));
        assert_eq!(reply.inflated(100).unwrap_err().kind(), ErrorKind::Unknown);
    }
}

#[tokio::test]
async fn a_raw_call_reaches_a_service_and_its_errors_come_back() {
    let server = start(Limits::server()).await;
    let channel = Channel::connect(&server.address).await.unwrap();
    let echo = channel.raw("Echo", "Echo").codec(Codec::RAW);
    let reply = echo.call("x").await.unwrap();
    assert_eq!(&reply.payload[..], b"x");
    assert_eq!(&reply.inflated(0).unwrap()[..], b"x");
    let error = channel.raw("Echo", "Fail").call("").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Service, Some(404))
    );
    let error = channel.raw("Echo", "Nothing").call("").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::UnknownMethod));
    let slow = channel.raw("Echo", "Wait").codec(Codec::RAW);
    let error = slow.timeout(Duration::from_millis(50)).call("10000").await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unknown);
}

#[tokio::test]
async fn a_raw_one_way_call_ends_when_it_is_written() {
    let server = start(Limits::server()).await;
    let channel = Channel::connect(&server.address).await.unwrap();
    let note = channel.raw("Echo", "Note").codec(Codec::RAW).oneway();
    let reply = note.call("x").await.unwrap();
    assert!(reply.payload.is_empty() && reply.metadata.is_empty());
    let echo = channel.raw("Echo", "Echo").codec(Codec::RAW);
    echo.call("behind it").await.unwrap();
    assert_eq!(server.echo.runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_raw_idempotent_call_is_sent_again_when_it_was_lost() {
    let (channel, listener, mut peer) = fake().await;
    let method = channel.raw("A", "B").codec(Codec::RAW);
    for (idempotent, method) in [(false, method.clone()), (true, method.idempotent())] {
        let call = tokio::spawn(method.call("x"));
        peer.next().await;
        drop(peer);
        if !idempotent {
            let error = call.await.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unknown);
            let opening = tokio::spawn(channel.raw("A", "B").call(""));
            peer = Peer::accept(&listener).await;
            peer.next().await;
            opening.abort();
            continue;
        }
        peer = Peer::accept(&listener).await;
        let again = peer.next().await;
        assert_eq!(again.payload(), b"x");
        call.abort();
    }
}

#[tokio::test]
async fn the_layers_of_the_channel_are_around_raw_calls() {
    let server = start(Limits::server()).await;
    let channel = Channel::builder()
        .address(&server.address)
        .layer(|request: Request, next: Next| {
            assert_eq!(request.full_name(), "Echo/Echo");
            assert_eq!(request.compression(), Compression::GZIP);
            next.run(request)
        })
        .build()
        .await
        .unwrap();
    let echo = channel.raw("Echo", "Echo").codec(Codec::RAW);
    let error = echo.compressed(Compression::GZIP).call("no gzip").await;
    let error = error.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Rejected(Rejection::Undecodable),
        "{error}"
    );
}
