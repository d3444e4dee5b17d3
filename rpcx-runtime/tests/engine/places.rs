//! The places of a server when they are short: which connections get one, and which have to go.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::{Error, ErrorKind, Event, Limits, Rejection, Server};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::echo::{EchoClient, Running, start};
use crate::networks::{Network, all_entrances, every_network};
use crate::wire::PATIENCE;

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

/// The token `right` is good.
fn check(token: Option<&str>) -> Result<(), Error> {
    match token {
        Some("right") => Ok(()),
        _ => Err(Error::refuse(Rejection::Unauthenticated, "wrong token")),
    }
}

/// A connection that authorization has refused so often in a row ends.
const STRIKES: u64 = 3;

/// A server with this authorization, and a client that has called it with wrong tokens and right ones in turn.
async fn with_tokens(network: &Network, server: ServerBuilder) -> (Running, EchoClient) {
    let mut limits = Limits::server();
    limits.strikes = STRIKES as u32;
    let server = network
        .start_with(&network.free(), server.limits(limits))
        .await;
    let client = network.connect(&server.address).await;
    // A right one begins the count anew.
    for _ in 0..3 {
        for _ in 1..STRIKES {
            wrong_token(network, &client).await;
        }
        client.echo(b"x").auth("right").await.unwrap();
    }
    let stats = server.handle.stats();
    assert_eq!((stats.connections, stats.struck_out), (1, 0));
    (server, client)
}

async fn wrong_token(network: &Network, client: &EchoClient) {
    let refused = client.echo(b"x").auth("wrong").await.unwrap_err();
    let unauthenticated = ErrorKind::Rejected(Rejection::Unauthenticated);
    assert_eq!(
        refused.kind(),
        unauthenticated,
        "{}: {refused}",
        network.label()
    );
}

/// Waits until so many connections were ended for that.
async fn struck_out(network: &Network, server: &Running, many: u64) -> bool {
    let ended = async {
        while server.handle.stats().struck_out < many {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let stats = || format!("{}: {:?}", network.label(), server.handle.stats());
    timeout(PATIENCE, ended)
        .await
        .unwrap_or_else(|_| panic!("{}", stats()));
    server.handle.stats().struck_out == many
}

async fn has_gone(network: &Network, server: &Running) {
    let gone = async {
        while server.handle.stats().open_connections > 0 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, gone)
        .await
        .unwrap_or_else(|_| panic!("{}", network.label()));
}

/// Wrong tokens again and again end a connection; they are counted, and told.
async fn wrong_tokens(network: Network) {
    let told = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&told);
    let server = Server::builder()
        .authorize(|request| check(request.metadata.auth()))
        .on_event(move |event| {
            if let Event::LimitReached { counter, .. } = event
                && *counter == "struck_out"
            {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
    let (server, client) = with_tokens(&network, server).await;
    let before = server.handle.stats().denied;
    for round in 1..=2 {
        for _ in 0..STRIKES {
            wrong_token(&network, &client).await;
        }
        assert!(struck_out(&network, &server, round).await);
        // What is called before the client has learned of it would be lost with the connection.
        has_gone(&network, &server).await;
    }
    assert_eq!(server.handle.stats().denied, before + 2 * STRIKES);
    assert_eq!(told.load(Ordering::SeqCst), 2);
    // A new connection has its own count.
    client.echo(b"y").auth("right").await.unwrap();
}

/// The same for a decision that takes its time: its reply is no part of a read, so that the next one ends the connection.
async fn wrong_tokens_of_slow_decisions(network: Network) {
    let server = Server::builder().authorize_async(|request| async move {
        tokio::task::yield_now().await;
        check(request.metadata().auth()).map(|()| request)
    });
    let (server, client) = with_tokens(&network, server).await;
    for _ in 0..=STRIKES {
        wrong_token(&network, &client).await;
    }
    assert!(struck_out(&network, &server, 1).await);
}

#[tokio::test]
async fn wrong_tokens_end_the_connection_after_a_few_on_every_network() {
    let mut all = JoinSet::new();
    for network in all_entrances() {
        all.spawn(wrong_tokens(network));
    }
    for network in all_entrances() {
        all.spawn(wrong_tokens_of_slow_decisions(network));
    }
    all.join_all().await;
}
