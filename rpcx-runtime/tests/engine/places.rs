//! The places of a server when they are short: who gets one, and who has to go.

use std::net::SocketAddr;
use std::time::Duration;

use rpcx_runtime::{Channel, Error, ErrorKind, Limits, Rejection, Server, ServerHandle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use crate::certificates::Authority;
use crate::echo::{Echo, EchoClient, start};
use crate::networks::every_network;

/// From another address of this machine.
async fn connect_from(source: &str, server: &str) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(format!("{source}:0").parse::<SocketAddr>().unwrap())?;
    socket.connect(server.parse().unwrap()).await
}

/// Connections that say a heartbeat each, and nothing else, take every place and keep no caller out.
#[tokio::test]
async fn peers_that_never_called_make_room_for_those_that_do() {
    for network in every_network() {
        let mut limits = Limits::server();
        limits.connections = 20;
        limits.address_connections = usize::MAX;
        let server = network.start(limits).await;
        let caller = network.connect(&server.address).await;
        caller.echo(b"x").await.unwrap();
        let mut strangers = Vec::new();
        for _ in 0..40 {
            // A channel says a heartbeat when it is built.
            strangers.push(network.connect(&server.address).await);
        }
        for round in 0..5 {
            let newcomer = network.connect(&server.address).await;
            let reply = timeout(Duration::from_secs(5), newcomer.echo(b"y").attempts(1));
            assert_eq!(
                reply.await.unwrap().unwrap(),
                b"y",
                "{}, {round}",
                network.name
            );
        }
        caller.echo(b"z").attempts(1).await.unwrap();
        let stats = server.handle.stats();
        assert!(stats.crowded_out >= 25, "{}: {stats:?}", network.name);
        assert_eq!(stats.connections_refused, 0, "{}", network.name);
        // Those that were sent away may take a while to go: KCP waits for acknowledgements.
        let gone = async {
            while server.handle.stats().open_connections > 20 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(10), gone)
            .await
            .unwrap_or_else(|_| panic!("{}: {stats:?}", network.name));
    }
}

/// Those that have a call stay, however many want their places.
#[tokio::test]
async fn no_connection_in_use_is_sent_away() {
    let mut limits = Limits::server();
    limits.connections = 10;
    let server = start(limits).await;
    let mut callers = Vec::new();
    for _ in 0..5 {
        let client = EchoClient::connect(&server.address).await;
        client.echo(b"x").await.unwrap();
        callers.push(client);
    }
    let waiting = callers[0].wait(1000);
    let flood = async {
        let mut strangers = Vec::new();
        for _ in 0..100 {
            strangers.push(TcpStream::connect(server.socket()).await.unwrap());
            tokio::task::yield_now().await;
        }
        sleep(Duration::from_millis(100)).await;
    };
    let (reply, ()) = tokio::join!(waiting, flood);
    assert_eq!(reply.unwrap(), b"1000");
    for caller in &callers {
        caller.echo(b"y").attempts(1).await.unwrap();
    }
    assert!(server.handle.stats().open_connections <= 10);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_address_has_its_share_of_the_places() {
    let mut limits = Limits::server();
    limits.connections = 8;
    limits.address_connections = 4;
    let server = start(limits).await;
    let mut callers = Vec::new();
    for _ in 0..4 {
        let client = EchoClient::connect(&server.address).await;
        client.echo(b"x").await.unwrap();
        callers.push(client);
    }
    let mut fifth = TcpStream::connect(server.socket()).await.unwrap();
    let ended = timeout(Duration::from_secs(5), fifth.read(&mut [0]))
        .await
        .unwrap();
    assert!(!matches!(ended, Ok(1..)));
    let mut other = connect_from("127.0.0.2", server.socket()).await.unwrap();
    assert!(
        timeout(Duration::from_millis(200), other.read(&mut [0]))
            .await
            .is_err()
    );
    let stats = server.handle.stats();
    assert_eq!((stats.crowded_addresses, stats.open_connections), (1, 5));
    drop(callers.pop());
    drop(other);
    while server.handle.stats().open_connections > 3 {
        sleep(Duration::from_millis(5)).await;
    }
    EchoClient::connect(&server.address)
        .await
        .echo(b"y")
        .await
        .unwrap();
}

/// Half handshakes of one address do not keep another one waiting.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_address_has_its_share_of_the_handshakes() {
    let authority = Authority::new();
    let mut limits = Limits::server();
    limits.handshakes = 8;
    let server = Server::builder()
        .register(Echo::default())
        .limits(limits)
        .tls(authority.server())
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    tokio::spawn(server.serve());
    let socket = address.location().to_owned();
    let flood = tokio::spawn(async move {
        let mut begun = Vec::new();
        loop {
            let mut half = connect_from("127.0.0.2", &socket).await.unwrap();
            // The first byte of a record of TLS, and no more.
            half.write_all(&[0x16]).await.unwrap();
            begun.push(half);
            sleep(Duration::from_millis(2)).await;
        }
    });
    sleep(Duration::from_millis(300)).await;
    for _ in 0..10 {
        let began = std::time::Instant::now();
        let channel = Channel::builder().address(&address).tls(authority.client());
        let client = EchoClient::new(channel.build().await.unwrap());
        client.echo(b"x").await.unwrap();
        // A half handshake has a second before it makes room.
        let took = began.elapsed();
        assert!(took < Duration::from_millis(900), "{took:?}");
    }
    // The half handshakes have had their second by then, and make room for others of their address.
    sleep(Duration::from_millis(1500)).await;
    flood.abort();
    assert!(handle.stats().crowded_handshakes > 0);
}

/// The token `right` is good.
fn check(token: Option<&str>) -> Result<(), Error> {
    match token {
        Some("right") => Ok(()),
        _ => Err(Error::refuse(Rejection::Unauthenticated, "wrong token")),
    }
}

/// Wrong tokens again and again end a connection; a right one in between begins the count anew.
async fn strikes(server: rpcx_runtime::server::ServerBuilder) -> ServerHandle {
    let mut limits = Limits::server();
    limits.strikes = 3;
    let server = server
        .register(Echo::default())
        .limits(limits)
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    tokio::spawn(server.serve());
    let client = EchoClient::new(Channel::connect(&address).await.unwrap());
    let wrong = || async {
        let refused = client.echo(b"x").auth("wrong").await.unwrap_err();
        let unauthenticated = ErrorKind::Rejected(Rejection::Unauthenticated);
        assert_eq!(refused.kind(), unauthenticated, "{refused}");
    };
    for _ in 0..3 {
        wrong().await;
        wrong().await;
        client.echo(b"x").auth("right").await.unwrap();
    }
    assert_eq!(handle.stats().connections, 1);
    for _ in 0..6 {
        wrong().await;
        // The connection ends behind its reply.
        sleep(Duration::from_millis(20)).await;
    }
    handle
}

#[tokio::test]
async fn wrong_tokens_end_the_connection_after_a_few() {
    let server = Server::builder().authorize(|request| check(request.metadata.auth()));
    let stats = strikes(server).await.stats();
    assert_eq!((stats.denied, stats.struck_out), (12, 2));

    let server = Server::builder().authorize_async(|request| async move {
        tokio::task::yield_now().await;
        check(request.metadata().auth()).map(|()| request)
    });
    // A reply that comes later is no part of a read: the next read ends it.
    let stats = strikes(server).await.stats();
    assert_eq!(stats.denied, 12);
    assert!(stats.struck_out >= 1, "{stats:?}");
}
