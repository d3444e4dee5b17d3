//! A server that stops answers everything it has read.

use std::future::IntoFuture;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rpcx_runtime::protocol::{Codec, FrameEncoder, Header, Metadata};
use rpcx_runtime::transport::{ConnectOptions, connector};
use rpcx_runtime::{Channel, Limits, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::echo::{Echo, EchoClient, start, start_at};
use crate::networks::{at_once, networks};
use crate::wire::{Wire, request};

#[tokio::test]
async fn calls_in_flight_are_answered() {
    at_once(networks(), |network| async move {
        let server = network.start(Limits::server()).await;
        let client = network.connect(&server.address).await;
        let calls: Vec<_> = (0..100)
            .map(|_| tokio::spawn(client.wait(2_000).into_future()))
            .collect();
        let all_run = async {
            while server.runs() < 100 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let all_run = tokio::time::timeout(Duration::from_secs(20), all_run);
        all_run.await.expect("all have begun");
        server.handle.shutdown();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap(), b"2000");
        }
        // Not at the end of the grace time.
        let ended = tokio::time::timeout(Duration::from_secs(20), server.task);
        ended.await.expect("it ends").unwrap().unwrap();
    })
    .await;
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
    assert!(Channel::connect(&address).await.is_err());
}

#[tokio::test]
async fn connections_of_the_backlog_are_served() {
    for address in ["tcp@127.0.0.1:0", "mem@waiting-to-be-accepted"] {
        let builder = Server::builder().register(Echo::default()).listen(address);
        let server = builder.bind().await.unwrap();
        let (address, handle) = (server.addresses()[0].to_string(), server.handle());
        let mut calls = Vec::new();
        for _ in 0..20 {
            // Connected, and in the backlog.
            let client = EchoClient::connect(&address).await;
            calls.push(tokio::spawn(client.echo(b"x").into_future()));
        }
        handle.shutdown();
        server.serve().await.unwrap();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap(), b"x");
        }
    }
}

/// A server that is never quiet can end all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busy_clients_go_elsewhere_without_losing_a_call() {
    let (old, new) = (start(Limits::server()).await, start(Limits::server()).await);
    let addresses = [old.address.as_str(), new.address.as_str()];
    let channel = Channel::builder()
        .addresses(addresses)
        .build_lazy()
        .unwrap();
    let client = EchoClient::new(channel);
    let callers: Vec<_> = (0..16)
        .map(|caller| {
            let (client, echo) = (client.clone(), new.echo.clone());
            tokio::spawn(async move {
                let mut calls = 0;
                // Until the other server has long had the load.
                while echo.runs.load(Ordering::SeqCst) < 2_000 {
                    match caller % 4 {
                        0 => client.wait(3).await.unwrap(),
                        _ => client.echo(b"x").await.unwrap(),
                    };
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    while old.runs() < 500 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    old.handle.shutdown();
    let ended = tokio::time::timeout(Duration::from_secs(20), old.task).await;
    ended.expect("the load keeps it up").unwrap().unwrap();
    let mut calls = 0;
    for caller in callers {
        calls += caller.await.unwrap();
    }
    let runs = |echo: &Echo| echo.runs.load(Ordering::SeqCst);
    assert_eq!(runs(&old.echo) + runs(&new.echo), calls, "each ran once");
}

/// Peers that do not know how to go elsewhere, as those written in Go, and are never quiet.
#[tokio::test]
async fn a_busy_peer_that_cannot_be_asked_to_go_is_left_and_loses_no_reply() {
    let server = start(Limits::server()).await;
    let socket = TcpStream::connect(server.socket()).await.unwrap();
    let (mut replies, mut requests) = socket.into_split();
    let sending = tokio::spawn(async move {
        for seq in 1.. {
            let mut frame = Vec::new();
            let mut encoder = FrameEncoder::new(&mut frame, Header::request(seq, Codec::RAW));
            encoder.names(b"Echo", b"Wait");
            encoder.metadata(&Metadata::new());
            encoder.payload(b"20");
            encoder.finish().unwrap();
            if requests.write_all(&frame).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    while server.runs() < 100 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.handle.shutdown();
    let mut answers = Vec::new();
    replies.read_to_end(&mut answers).await.unwrap();
    sending.abort();
    let ended = tokio::time::timeout(Duration::from_secs(20), server.task);
    ended.await.expect("it is kept up").unwrap().unwrap();
    let (mut count, mut rest) = (0, &answers[..]);
    while let Some(head) = rest.first_chunk::<16>() {
        let body = u32::from_be_bytes(head[12..].try_into().unwrap()) as usize;
        (count, rest) = (count + 1, &rest[16 + body..]);
    }
    assert!(rest.is_empty(), "half a reply");
    assert_eq!(
        server.echo.runs.load(Ordering::SeqCst),
        count,
        "each has its reply"
    );
}

/// The same in time that is paused, so that each wait of the server counts and no other: 2 s for such a peer, its longest handler,
/// and then it is gone.
#[tokio::test(start_paused = true)]
async fn a_busy_peer_that_cannot_be_asked_to_go_costs_two_seconds_and_its_longest_handler() {
    const CALLERS: u64 = 50;
    for handler in [20, 3_000] {
        let server = start_at("mem@busy-for-two-seconds", Limits::server()).await;
        let connector = connector(&server.address, &ConnectOptions::new()).unwrap();
        let mut wire = Wire::from(connector.connect().await.unwrap());
        let time = handler.to_string();
        // As many callers, each of which calls again when it has its reply.
        let mut seq = CALLERS;
        for seq in 1..=seq {
            wire.send(&request(seq, "Wait", time.as_bytes())).await;
        }
        let (handle, mut answers, mut stopped) = (server.handle.clone(), 0, None);
        while wire.frame().await.is_some() {
            answers += 1;
            if answers == 2 * CALLERS {
                stopped = Some(tokio::time::Instant::now());
                handle.shutdown();
            }
            seq += 1;
            // What is not read any more waits in the pipe.
            let _ = wire.try_send(&request(seq, "Wait", time.as_bytes())).await;
        }
        // As a client in Go, it ends its side when the other one has ended.
        drop(wire);
        let runs = server.echo.runs;
        server.task.await.unwrap().unwrap();
        let took = stopped.unwrap().elapsed();
        assert_eq!(
            runs.load(Ordering::SeqCst),
            answers as usize,
            "each has its reply"
        );
        let most = Duration::from_millis(handler) + Duration::from_millis(2_100);
        assert!(took < most, "{took:?} with handlers of {handler} ms");
        assert!(
            took > Duration::from_secs(2),
            "{took:?}: it is read from for a while"
        );
    }
}
