//! Peers that take what is written slowly, for as long as they like. The clock is paused, so minutes pass at once.

use std::future::IntoFuture;
use std::time::Duration;

use rpcx_runtime::transport::{ConnectOptions, ListenOptions, connector, listen};
use rpcx_runtime::{ErrorKind, Limits, MemoryBudget};
use tokio::time::{Instant, sleep};

use crate::echo::{EchoClient, Running, start_at};
use crate::wire::{Wire, request};

const MIB: usize = 1 << 20;

/// With the defaults, but for a budget that is not the limit here.
async fn server(name: &str) -> Running {
    let mut limits = Limits::server();
    limits.memory = MemoryBudget::new(1 << 30);
    start_at(&format!("mem@{name}"), limits).await
}

async fn asks_for(server: &Running, replies: u64, bytes: &str) -> Wire {
    let connector = connector(&server.address, &ConnectOptions::new()).unwrap();
    let mut wire = Wire::from(connector.connect().await.unwrap());
    let calls: Vec<u8> = (1..=replies)
        .flat_map(|seq| request(seq, "Large", bytes.as_bytes()))
        .collect();
    wire.send(&calls).await;
    wire
}

/// Takes so many bytes, unless the other end closes before.
async fn take(wire: &mut Wire, mut bytes: usize) -> bool {
    while bytes > 0 {
        match wire.take(bytes.min(MIB)).await {
            0 => return false,
            taken => bytes -= taken,
        }
    }
    true
}

/// Each 15 s some bytes: never 30 s without one. That is less than 16 KiB a second.
#[tokio::test(start_paused = true)]
async fn less_than_the_least_rate_is_the_end_of_a_connection() {
    let server = server("less-than-the-least-rate").await;
    let mut wire = asks_for(&server, 20, "4194304").await;
    let began = Instant::now();
    while take(&mut wire, 100 << 10).await {
        sleep(Duration::from_secs(15)).await;
        assert!(began.elapsed() < Duration::from_secs(120), "it is kept");
    }
    let stats = server.handle.stats();
    assert_eq!(stats.stalled_writes, 1);
    assert_eq!(stats.memory, 0, "nothing is held for it");
}

/// 4 MiB each 15 s are faster than that. It may ask for more than it takes, and what is held for it has its limit.
#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_four_mebibytes_now_and_then_holds_no_more_than_its_limit() {
    let server = server("four-mebibytes-now-and-then").await;
    let mut wire = asks_for(&server, 200, "4194304").await;
    let most = Limits::server().reply_bytes + 8 * MIB;
    for _ in 0..40 {
        sleep(Duration::from_secs(15)).await;
        let stats = server.handle.stats();
        assert!(stats.memory < most as u64, "{stats:?}");
        if stats.memory == 0 {
            break;
        }
        assert!(
            take(&mut wire, 4 * MIB).await,
            "{:?}",
            server.handle.stats()
        );
    }
    let stats = server.handle.stats();
    assert_eq!((stats.memory, stats.stalled_writes), (0, 0));
    // Those that were too many have an error in place of their replies.
    assert!(stats.dropped_replies > 170, "{stats:?}");
    assert_eq!(server.runs(), 200);
}

/// The same of a server. Its client takes each piece for a sign of life, so that no heartbeat ends the connection.
#[tokio::test(start_paused = true)]
async fn a_server_that_takes_less_than_the_least_rate_is_left() {
    let address = "mem@takes-less-than-the-least-rate";
    let mut listener = listen(address, &ListenOptions::new()).await.unwrap();
    let client = EchoClient::connect(address).await;
    let mut wire = Wire::from(listener.accept().await.unwrap().stream().await.unwrap());
    let began = Instant::now();
    let payload = vec![7; 4 * MIB];
    let call = client.echo(&payload).attempts(1).no_timeout();
    let call = tokio::spawn(call.into_future());
    let taking = tokio::spawn(async move {
        while take(&mut wire, 20 << 10).await {
            sleep(Duration::from_secs(3)).await;
        }
    });
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert!(error.message().contains("the least is 16384"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(120));
    taking.await.unwrap();
}
