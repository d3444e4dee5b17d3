//! Tokens that calls present.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rpcx_runtime::client::{ChannelBuilder, Token};
use rpcx_runtime::protocol::Metadata;
use rpcx_runtime::{Channel, Error, ErrorKind, Rejection, Retry, Server};

use crate::echo::{Echo, EchoClient};

/// A server that lets in the token with this number, and those after it.
struct Guarded {
    address: String,
    echo: Echo,
    least: Arc<AtomicU32>,
}

async fn guarded() -> Guarded {
    let (echo, least) = (Echo::default(), Arc::new(AtomicU32::new(1)));
    let asked = Arc::clone(&least);
    let server = Server::builder()
        .register(echo.clone())
        .listen("tcp@127.0.0.1:0")
        .authorize(move |request| {
            let number = request.metadata.auth().and_then(|token| token.parse().ok());
            match number {
                Some(number) if asked.load(Ordering::SeqCst) <= number => Ok(()),
                _ => Err(Rejection::Unauthenticated.into()),
            }
        })
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    Guarded {
        address,
        echo,
        least,
    }
}

impl Guarded {
    async fn client(&self, set: impl FnOnce(ChannelBuilder) -> ChannelBuilder) -> EchoClient {
        let builder = set(Channel::builder().address(&self.address));
        EchoClient::new(builder.build().await.unwrap())
    }

    /// Its tokens are the numbers from 1, and `fetched` is how many there were.
    async fn counting(&self, fetched: &Arc<AtomicU32>) -> EchoClient {
        let fetched = Arc::clone(fetched);
        self.client(|builder| {
            builder.token_source(move || {
                let number = fetched.fetch_add(1, Ordering::SeqCst) + 1;
                async move { Ok(Token::new(number.to_string()).expires_in(Duration::from_secs(60))) }
            })
        })
        .await
    }

    fn runs(&self) -> usize {
        self.echo.runs.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_token_of_the_channel_is_presented_and_one_of_the_call_takes_its_place() {
    let server = guarded().await;
    let client = server.client(|builder| builder.token("7654321")).await;
    assert!(client.echo(b"x").await.is_ok());
    let error = client.echo(b"x").auth("none").await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Rejected(Rejection::Unauthenticated)
    );
    let bare = server.client(|builder| builder).await;
    assert!(bare.echo(b"x").await.is_err());
    assert!(bare.echo(b"x").auth("7654321").await.is_ok());
    let metadata = Metadata::from_iter([("__AUTH", "7654321"), ("k", "v")]);
    assert!(bare.echo(b"x").all_metadata(&metadata).await.is_ok());
    let shown = format!(
        "{:?} {:?}",
        client.0.channel(),
        client.echo(b"x").auth("geheim")
    );
    assert!(
        !shown.contains("geheim") && !shown.contains("7654321"),
        "{shown}"
    );
}

#[tokio::test]
async fn one_fetched_token_serves_many_calls() {
    let server = guarded().await;
    let fetched = Arc::default();
    let client = server.counting(&fetched).await;
    let calls: Vec<_> = (0..50).map(|_| client.echo(b"x").into_future()).collect();
    for call in calls.into_iter().map(tokio::spawn).collect::<Vec<_>>() {
        assert!(call.await.unwrap().is_ok());
    }
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let server = guarded().await;
    let fetched = Arc::default();
    let client = server.counting(&fetched).await;
    client.echo(b"x").await.unwrap();
    server.least.store(2, Ordering::SeqCst);
    // However often a call may be tried: it was not run.
    assert!(client.echo(b"x").attempts(1).await.is_ok());
    assert_eq!((fetched.load(Ordering::SeqCst), server.runs()), (2, 2));
    server.least.store(100, Ordering::SeqCst);
    let error = client.echo(b"x").await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Rejected(Rejection::Unauthenticated)
    );
    assert_eq!((fetched.load(Ordering::SeqCst), server.runs()), (3, 2));
}

#[tokio::test]
async fn a_token_of_the_call_is_not_renewed() {
    let server = guarded().await;
    let fetched = Arc::default();
    let client = server.counting(&fetched).await;
    assert!(client.echo(b"x").auth("0").await.is_err());
    assert_eq!(fetched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = guarded().await;
    let client = server
        .client(|builder| {
            let closed = || async { Err(Error::service("the desk is closed")) };
            builder.retry(Retry::never()).token_source(closed)
        })
        .await;
    let error = client.echo(b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.message().contains("the desk is closed"), "{error}");
    assert_eq!(server.runs(), 0);
}

#[tokio::test]
async fn a_source_that_hangs_or_panics_does_not_outlive_the_deadline() {
    let server = guarded().await;
    for panics in [true, false] {
        let client = server
            .client(|builder| {
                builder.token_source(move || async move {
                    assert!(!panics, "no token today");
                    std::future::pending().await
                })
            })
            .await;
        let call = client.echo(b"x").timeout(Duration::from_millis(200));
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
    }
    assert_eq!(server.runs(), 0);
}
