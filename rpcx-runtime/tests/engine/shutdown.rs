//! A server that stops answers everything it has read.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use rpcx_runtime::Limits;

use crate::echo::{EchoClient, start};

#[tokio::test]
async fn calls_in_flight_are_answered() {
    let server = start(Limits::server()).await;
    let client = EchoClient::connect(&server.address).await;
    let calls: Vec<_> = (0..100)
        .map(|_| tokio::spawn(client.wait(200).into_future()))
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.handle.shutdown();
    let began = Instant::now();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    server.task.await.unwrap().unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn idle_connections_do_not_delay() {
    let server = start(Limits::server()).await;
    let mut clients = Vec::new();
    for _ in 0..50 {
        clients.push(EchoClient::connect(&server.address).await);
    }
    clients[0].echo(b"x").await.unwrap();
    let began = Instant::now();
    server.handle.shutdown();
    server.handle.shutdown();
    server.task.await.unwrap().unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_new_connection_is_refused() {
    let server = start(Limits::server()).await;
    server.handle.shutdown();
    let address = server.address.clone();
    server.task.await.unwrap().unwrap();
    assert!(rpcx_runtime::Channel::connect(&address).await.is_err());
}
