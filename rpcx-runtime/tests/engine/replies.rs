//! Replies that no honest server sends: never a success that is none, never a lost neighbour.

use std::future::IntoFuture;
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, Compression, FrameLimits, Header, Metadata};
use rpcx_runtime::{Channel, ErrorKind};
use tokio::net::TcpListener;

use crate::echo::EchoClient;
use crate::wire::{Wire as Server, frame, reply};

async fn pair() -> (EchoClient, Server) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let client = EchoClient::new(Channel::connect(&address).await.unwrap());
    (client, Server::accept(&listener).await)
}

#[tokio::test]
async fn replies_find_their_calls_in_any_order_and_once() {
    let (client, mut server) = pair().await;
    let calls: Vec<_> = (0..10u8)
        .map(|n| tokio::spawn(client.echo(&[n]).into_future()))
        .collect();
    let mut requests = Vec::new();
    for _ in 0..10 {
        requests.push(server.next().await);
    }
    let mut answers = Vec::new();
    for request in requests.iter().rev() {
        let seq = request.header.seq;
        // A stranger's reply, the reply, and the reply again with other bytes.
        answers.extend(reply(seq + (1 << 40), b"stranger"));
        answers.extend(reply(seq, request.payload()));
        answers.extend(reply(seq, b"again"));
    }
    server.send(&answers).await;
    for (n, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap().unwrap(), [n as u8]);
    }
}

#[tokio::test]
async fn a_late_reply_does_not_meet_the_next_call() {
    let (client, mut server) = pair().await;
    let given_up = client
        .echo(b"first")
        .timeout(Duration::from_millis(20))
        .await;
    assert_eq!(given_up.unwrap_err().kind(), ErrorKind::Unknown);
    let first = server.next().await;
    let second = tokio::spawn(client.echo(b"second").into_future());
    let request = server.next().await;
    server.send(&reply(first.header.seq, b"late")).await;
    server.send(&reply(request.header.seq, b"right")).await;
    assert_eq!(second.await.unwrap().unwrap(), b"right");
}

#[tokio::test]
async fn what_the_server_pushes_disturbs_no_call() {
    let (client, mut server) = pair().await;
    let call = tokio::spawn(client.echo(b"x").into_future());
    let seq = server.next().await.header.seq;
    let push = Header::request(seq, Codec::RAW);
    server
        .send(&frame(push.oneway(), &Metadata::new(), b"pushed"))
        .await;
    server
        .send(&frame(push, &Metadata::new(), b"a request"))
        .await;
    server
        .send(&frame(
            Header::heartbeat(seq).reply(),
            &Metadata::new(),
            b"",
        ))
        .await;
    server.send(&reply(seq, b"the reply")).await;
    assert_eq!(call.await.unwrap().unwrap(), b"the reply");
}

#[tokio::test]
async fn an_unusable_reply_fails_its_own_call_only() {
    let (client, mut server) = pair().await;
    let header = |seq| Header::request(seq, Codec::RAW).reply();
    let none = Metadata::new();
    let gzip = |seq| header(seq).compressed(Compression::GZIP);
    let unknown = |seq| header(seq).compressed(Compression::new(6).unwrap());
    let long_key = "k".repeat(FrameLimits::CLIENT.metadata_key + 1);
    type Answer<'a> = &'a dyn Fn(u64) -> Vec<u8>;
    let cases: [(Answer<'_>, &str); 4] = [
        (&|seq| frame(gzip(seq), &none, b"not gzip"), "damaged"),
        (
            &|seq| frame(unknown(seq), &none, b"x"),
            "unsupported compressor 6",
        ),
        (
            &|seq| frame(header(seq).error(), &none, b""),
            "without a text",
        ),
        (
            &|seq| frame(header(seq), &Metadata::from_iter([(&long_key, "v")]), b""),
            "metadata key is too long",
        ),
    ];
    for (answer, said) in cases {
        let call = tokio::spawn(client.echo(b"x").into_future());
        let seq = server.next().await.header.seq;
        server.send(&answer(seq)).await;
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown);
        assert!(error.message().contains(said), "{error}");
    }
    let call = tokio::spawn(client.echo(b"x").into_future());
    let seq = server.next().await.header.seq;
    server.send(&reply(seq, b"still the same connection")).await;
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_status_says_what_failed_and_not_the_metadata() {
    let (client, mut server) = pair().await;
    let call = tokio::spawn(client.echo(b"x").into_future());
    let header = Header::request(server.next().await.header.seq, Codec::RAW).reply();
    // What a Go handler may set as well.
    let text = Metadata::from_iter([("__rpcx_error__", "no failure")]);
    server.send(&frame(header, &text, b"the reply")).await;
    assert_eq!(call.await.unwrap().unwrap(), b"the reply");
}

#[tokio::test]
async fn half_a_reply_is_none() {
    for cut in [1, 15, 16, 30] {
        let (client, mut server) = pair().await;
        let call = tokio::spawn(client.echo(b"x").into_future());
        let seq = server.next().await.header.seq;
        server.send(&reply(seq, b"a whole reply")[..cut]).await;
        drop(server);
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    }
}

#[tokio::test]
async fn garbage_ends_the_connection_and_every_call_on_it() {
    let (client, mut server) = pair().await;
    let calls: Vec<_> = (0..5)
        .map(|_| tokio::spawn(client.echo(b"x").into_future()))
        .collect();
    server.next().await;
    server.send(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert!(error.message().contains("not 0x08"), "{error}");
    }
}

#[tokio::test]
async fn an_idempotent_call_survives_a_lost_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    let client = EchoClient::new(Channel::connect(&address).await.unwrap());
    let mut first = Server::accept(&listener).await;
    let once = tokio::spawn(client.echo(b"once").into_future());
    let twice = tokio::spawn(client.echo(b"twice").idempotent().into_future());
    first.next().await;
    first.next().await;
    drop(first);
    assert_eq!(once.await.unwrap().unwrap_err().kind(), ErrorKind::Unknown);
    let mut second = Server::accept(&listener).await;
    let again = second.next().await;
    assert_eq!(again.payload(), b"twice");
    second.send(&reply(again.header.seq, b"done")).await;
    assert_eq!(twice.await.unwrap().unwrap(), b"done");
}
