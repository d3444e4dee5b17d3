//! A decision on every request, before it is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx_runtime::protocol::Compression;
use rpcx_runtime::{Channel, ErrorKind, Limits, Rejection, Server};

use crate::echo::{Echo, EchoClient};

/// A server that lets requests with one token in, and panics at another one.
async fn guarded() -> (EchoClient, Arc<AtomicUsize>, rpcx_runtime::ServerHandle) {
    let echo = Echo::default();
    let runs = Arc::clone(&echo.runs);
    let mut limits = Limits::server();
    limits.inflated = 1000;
    let server = Server::builder()
        .limits(limits)
        .register(echo)
        .listen("tcp@127.0.0.1:0")
        .authorize(|request| match request.metadata.auth() {
            _ if request.method == "Fail" => Err(Rejection::Denied.into()),
            Some("let me in") => Ok(()),
            Some("panic") => panic!("with a secret"),
            Some(_) => Err(Rejection::Denied.into()),
            None => Err(Rejection::Unauthenticated.into()),
        })
        .bind()
        .await
        .unwrap();
    let (address, handle) = (server.addresses()[0].to_string(), server.handle());
    tokio::spawn(server.serve());
    let channel = Channel::connect(&address).await.unwrap();
    (EchoClient::new(channel), runs, handle)
}

#[tokio::test]
async fn a_token_is_looked_at_before_the_request_runs() {
    let (client, runs, handle) = guarded().await;
    for (token, reason, text) in [
        (None, Rejection::Unauthenticated, "not authenticated"),
        (Some("hello"), Rejection::Denied, "permission denied"),
        (Some("panic"), Rejection::Other, "internal error"),
    ] {
        let call = client.echo(b"x");
        let error = match token {
            Some(token) => call.metadata("__AUTH", token).await,
            None => call.await,
        }
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected(reason), "{error}");
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    let stats = handle.stats();
    assert_eq!((stats.denied, stats.panics), (2, 1));
    let allowed = client.echo(b"x").metadata("__AUTH", "let me in").await;
    assert_eq!(allowed.unwrap(), b"x");
}

#[tokio::test]
async fn a_method_can_be_closed_to_everybody() {
    let (client, runs, _) = guarded().await;
    let error = client.fail().metadata("__AUTH", "let me in").await;
    assert_eq!(
        error.unwrap_err().kind(),
        ErrorKind::Rejected(Rejection::Denied)
    );
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}

/// This payload is too long when it is inflated, which is only noticed of requests that are let in.
#[tokio::test]
async fn the_payload_of_a_refused_request_is_not_inflated() {
    let (client, _, handle) = guarded().await;
    let payload = vec![7; 100_000];
    let call = || client.echo(&payload).compression(Compression::GZIP);
    let refused = |reason| ErrorKind::Rejected(reason);
    let error = call().await.unwrap_err();
    assert_eq!(error.kind(), refused(Rejection::Unauthenticated));
    assert_eq!(handle.stats().inflate_failures, 0);
    let error = call().metadata("__AUTH", "let me in").await.unwrap_err();
    assert_eq!(error.kind(), refused(Rejection::Undecodable));
    assert_eq!(handle.stats().inflate_failures, 1);
}

/// One-way calls have no answer, and are refused all the same.
#[tokio::test]
async fn one_way_calls_are_refused_too() {
    let (client, runs, handle) = guarded().await;
    client.note().await.unwrap();
    client
        .echo(b"x")
        .metadata("__AUTH", "let me in")
        .await
        .unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(handle.stats().denied, 1);
}
