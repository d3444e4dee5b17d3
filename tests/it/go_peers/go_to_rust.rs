//! A Go client calls a Rust server: every case of `tests/interop/client`.

use super::peer::programs;
use super::push::{MarketServer, Numbers};
use super::services::{ArithServer, Peer, RawArithServer, Shapes, TypesServer};

/// Serves in the background until the runtime of the test ends; the address as Go wants it.
async fn serve(raw: bool) -> String {
    let builder = rpcx::Server::builder().listen("tcp@127.0.0.1:0");
    let builder = if raw {
        builder.register(RawArithServer::new(Peer::default()))
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
