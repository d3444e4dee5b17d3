//! How connections end, and that nothing is lost when they do.

use std::future::IntoFuture;
use std::time::Duration;

use rpcx_runtime::ErrorKind;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::certificates::Authority;
use super::peers::{SOON, bare, channel, client, eventually, socket, start, start_with_grace};
use super::relay::Relay;
use crate::echo::EchoClient;

#[tokio::test]
async fn the_end_of_the_stream_is_the_end_of_the_connection() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let endpoint = bare(&authority, b"rpcx");
    let connecting = endpoint.connect(socket(&server.address), "127.0.0.1");
    let connection = connecting.unwrap().await.unwrap();
    let (mut send, mut receive) = connection.open_bi().await.unwrap();
    send.finish().unwrap();
    let rest = timeout(SOON, receive.read_to_end(1)).await;
    assert_eq!(rest.expect("the server ends its side").unwrap(), b"");
    let closed = timeout(SOON, connection.closed()).await;
    closed.expect("and then the connection");
    eventually("the server has none left", || {
        server.handle.stats().open_connections == 0
    })
    .await;
}

#[tokio::test]
async fn a_client_that_goes_leaves_nothing_unsent() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let client = client(&server, &authority).await;
    for _ in 0..1000 {
        client.note().await.unwrap();
    }
    drop(client);
    eventually("every call has arrived", || server.runs() == 1000).await;
    eventually("and the connection is gone", || {
        server.handle.stats().open_connections == 0
    })
    .await;
}

#[tokio::test]
async fn a_server_that_drains_loses_nothing() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let client = client(&server, &authority).await;
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        calls.spawn(client.wait(200).into_future());
    }
    let large = vec![3; 1 << 20];
    for _ in 0..4 {
        let (client, large) = (client.clone(), large.clone());
        calls.spawn(async move { client.echo(&large).await });
    }
    eventually("every call has begun", || server.runs() == 104).await;
    server.handle.shutdown();
    while let Some(call) = calls.join_next().await {
        call.unwrap().unwrap();
    }
    let ended = timeout(SOON, server.task).await;
    ended.expect("the server ends soon").unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_drains_refuses_newcomers_at_once() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let client = client(&server, &authority).await;
    let call = tokio::spawn(client.wait(1500).into_future());
    eventually("the call has begun", || server.runs() == 1).await;
    server.handle.shutdown();
    let late = channel(&server.address, &authority).connect_timeout(SOON);
    let refused = timeout(Duration::from_secs(1), late.build()).await;
    let error = refused.expect("no time passes").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.to_string().contains("refused"), "{error}");
    call.await.unwrap().unwrap();
    server.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn idle_connections_do_not_delay_the_end() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(client(&server, &authority).await);
    }
    clients[0].echo(b"x").await.unwrap();
    server.handle.shutdown();
    let ended = timeout(SOON, server.task).await;
    ended.expect("the server ends soon").unwrap().unwrap();
    let error = clients[0].echo(b"x").timeout(SOON).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
}

#[tokio::test]
async fn a_call_ends_when_the_server_is_cut_off() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let relay = Relay::to(socket(&server.address), usize::MAX).await;
    let beat = Duration::from_millis(200);
    let builder = channel(&relay.address, &authority).heartbeat(beat, 2 * beat);
    let client = EchoClient::new(builder.build().await.unwrap());
    client.echo(b"x").await.unwrap();
    let call = tokio::spawn(client.wait(60_000).into_future());
    eventually("the call has begun", || server.runs() == 2).await;
    relay.cut();
    let error = timeout(SOON, call).await.expect("it is noticed");
    let error = error.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert!(error.to_string().contains("heartbeat"), "{error}");
}

/// Linux tells a client that the port is closed; elsewhere its timeout decides.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_that_is_not_there_is_noticed() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let relay = Relay::to(socket(&server.address), usize::MAX).await;
    let address = relay.address.clone();
    let patient = Duration::from_secs(60);
    let builder = channel(&address, &authority).connect_timeout(patient);
    let client = EchoClient::new(builder.build().await.unwrap());
    client.echo(b"x").await.unwrap();
    drop(relay);
    let cut = timeout(SOON, client.echo(b"x").into_future()).await;
    let cut = cut.expect("it is noticed").unwrap_err();
    assert_eq!(cut.kind(), ErrorKind::Unknown);
    assert!(cut.to_string().contains("port is closed"), "{cut}");
    let builder = channel(&address, &authority).connect_timeout(patient);
    let refused = timeout(SOON, builder.build()).await;
    let refused = refused.expect("it is noticed").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotSent);
    assert!(refused.to_string().contains("refused"), "{refused}");
}

#[tokio::test]
async fn a_call_ends_when_the_grace_of_the_server_does() {
    let authority = Authority::new();
    let grace = Duration::from_millis(200);
    let server = start_with_grace(authority.server(), grace).await;
    let client = client(&server, &authority).await;
    let call = tokio::spawn(client.wait(60_000).into_future());
    eventually("the call has begun", || server.runs() == 1).await;
    server.handle.shutdown();
    server.task.await.unwrap().unwrap();
    let error = timeout(SOON, call).await.expect("the client is told");
    assert_eq!(error.unwrap().unwrap_err().kind(), ErrorKind::Unknown);
}
