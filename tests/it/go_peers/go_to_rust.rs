//! A Go client calls a Rust server: every case of `tests/interop/client`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rpcx::services::RawRequest;

use super::peer::programs;
use super::push::{MarketServer, Numbers};
use super::services::{ArithServer, OpenArithServer, Peer, Shapes, TypesServer};

/// Serves in the background until the runtime of the test ends; the address as Go wants it.
async fn serve(raw: bool) -> String {
    let builder = rpcx::Server::builder().listen("tcp@127.0.0.1:0");
    let builder = if raw {
        builder.register(OpenArithServer::new(Peer::default()))
    } else {
        builder
            .register(ArithServer::new(Peer::default()))
            .register(TypesServer::new(Shapes))
            .register(MarketServer::new(Numbers))
    };
    let server = builder.bind().await.expect("a free port");
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve_until(std::future::pending()));
    address
}

async fn go_calls(raw: bool, arguments: &'static [&'static str]) {
    if programs().is_none() {
        return;
    }
    let address = serve(raw).await;
    let run = move || {
        programs()
            .expect("they were built")
            .call(&address, arguments)
    };
    tokio::task::spawn_blocking(run)
        .await
        .expect("the Go client passed");
}

/// A Go client cannot be asked to go, and this one is never quiet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_busy_callers_stops_and_answers_what_it_has_read() {
    if programs().is_none() {
        return;
    }
    let runs = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&runs);
    let server = rpcx::Server::builder().listen("tcp@127.0.0.1:0").handle(
        "Arith",
        "Echo",
        move |_, request: RawRequest| {
            let counted = Arc::clone(&counted);
            async move {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(request.payload)
            }
        },
    );
    let server = server.bind().await.expect("a free port");
    let address = server.addresses()[0].location().to_owned();
    let handle = server.handle();
    let serving = tokio::spawn(server.serve());
    let calling = tokio::task::spawn_blocking(move || {
        let programs = programs().expect("they were built");
        programs.keep_busy(&address)
    });
    while runs.load(Ordering::SeqCst) < 500 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    handle.shutdown();
    // Two seconds and the last handlers; the grace time is 30 s.
    let ended = tokio::time::timeout(Duration::from_secs(10), serving);
    ended
        .await
        .expect("the callers keep it up")
        .unwrap()
        .unwrap();
    let answered = calling.await.expect("the Go client ended");
    assert_eq!(runs.load(Ordering::SeqCst), answered, "calls that were run");
}

#[tokio::test]
async fn msgpack() {
    go_calls(false, &["-codec", "msgpack", "-served-by", "rust"]).await;
}

#[tokio::test]
async fn msgpack_gzip() {
    go_calls(false, &["-codec", "msgpack", "-gzip"]).await;
}

#[tokio::test]
async fn json() {
    go_calls(false, &["-codec", "json", "-served-by", "rust"]).await;
}

#[tokio::test]
async fn json_gzip() {
    go_calls(false, &["-codec", "json", "-gzip"]).await;
}

#[tokio::test]
async fn raw() {
    go_calls(true, &["-codec", "raw"]).await;
}

#[tokio::test]
async fn raw_gzip() {
    go_calls(true, &["-codec", "raw", "-gzip"]).await;
}

#[tokio::test]
async fn every_case_with_heartbeats() {
    go_calls(false, &["-heartbeat", "100ms"]).await;
}
