//! Middleware of tower itself around calls on both sides.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::layer::tower::stack;
use rpcx_runtime::layer::{Layer, Next, Request, Response};
use rpcx_runtime::{Channel, ErrorKind, Rejection, Server};
use tower::limit::ConcurrencyLimitLayer;
use tower::timeout::TimeoutLayer;
use tower::util::MapRequestLayer;

use crate::echo::{Echo, EchoClient};

async fn served_with(layer: impl Layer, inner: impl Layer) -> (String, Echo) {
    let echo = Echo::default();
    let server = Server::builder()
        .register(echo.clone())
        .layer(layer)
        .layer(inner);
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    (address, echo)
}

async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await
}

#[tokio::test]
async fn a_limit_of_tower_is_shared_by_all_calls_of_a_server() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, highest) = (Arc::clone(&now), Arc::clone(&most));
    let count = move |request: Request, next: Next| {
        let (counted, highest) = (Arc::clone(&counted), Arc::clone(&highest));
        async move {
            highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let response = next.run(request).await;
            counted.fetch_sub(1, Ordering::SeqCst);
            response
        }
    };
    let limit = stack(ConcurrencyLimitLayer::new(2));
    let (address, echo) = served_with(limit, count).await;
    let client = EchoClient::connect(&address).await;
    let calls: Vec<_> = (0..6)
        .map(|_| tokio::spawn(client.wait(20).into_future()))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(echo.runs.load(Ordering::SeqCst), 6);
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_timeout_of_tower_ends_a_call_and_says_nothing_of_itself() {
    let timeout = stack(TimeoutLayer::new(Duration::from_millis(20)));
    let (address, _) = served_with(timeout, pass).await;
    let client = EchoClient::connect(&address).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    let error = client.wait(60_000).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.to_string(), "internal error");
}

#[tokio::test]
async fn what_a_failure_is_to_the_caller_can_be_said() {
    let timeout = stack(TimeoutLayer::new(Duration::from_millis(20)))
        .on_error(|error| Response::refuse(Rejection::Overloaded, error.to_string()));
    // A layer outside of the handler, so that it has not begun.
    let slow = |request: Request, next: Next| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        next.run(request).await
    };
    let (address, echo) = served_with(timeout, slow).await;
    let channel = Channel::builder()
        .address(&address)
        .retry(rpcx_runtime::Retry::never());
    let client = EchoClient::new(channel.build().await.unwrap());
    let error = client.echo(b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Overloaded));
    assert_eq!(error.to_string(), "request timed out");
    assert_eq!(echo.runs.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_channel_has_tower_around_its_calls() {
    let (address, _) = served_with(pass, pass).await;
    let named = MapRequestLayer::new(|mut request: Request| {
        request.metadata_mut().insert("tenant", "ann");
        request
    });
    let seen = Arc::new(AtomicUsize::new(0));
    let sees = Arc::clone(&seen);
    let look = move |request: Request, next: Next| {
        let named = request.metadata().get("tenant") == Some("ann");
        sees.fetch_add(usize::from(named), Ordering::SeqCst);
        next.run(request)
    };
    let channel = Channel::builder()
        .address(&address)
        .layer(stack(named))
        .layer(look)
        .layer(stack(TimeoutLayer::new(Duration::from_millis(50))));
    let client = EchoClient::new(channel.build().await.unwrap());
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    assert_eq!(seen.load(Ordering::SeqCst), 1);
    let error = client.wait(60_000).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown, "it may have run");
}
