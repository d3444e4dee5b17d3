//! Clients that mean no good: each is answered or left within its limits, and others are served meanwhile.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::{Event, Limits, MemoryBudget, Server};
use tokio::time::{sleep, timeout};

use super::{connect, everywhere, until};
use crate::echo::Running;
use crate::networks::Network;
use crate::wire::{PATIENCE, Wire, error_of, heartbeat, request};

async fn victim(network: &Network, set: impl FnOnce(&mut Limits)) -> Running {
    let mut limits = Limits::server();
    limits.memory = MemoryBudget::new(256 << 20);
    set(&mut limits);
    network.start(limits).await
}

async fn stranger(network: &Network, server: &Running) -> Wire {
    network.dial(&server.address).await.into()
}

/// Another client is served, and the server holds nothing for those that are gone.
async fn is_well(network: &Network, server: &Running) {
    let honest = connect(network, &server.address).await;
    assert_eq!(honest.echo(b"unharmed").await.unwrap(), b"unharmed");
    let stats = || server.handle.stats();
    until("something is held", || {
        (stats().memory, stats().calls_in_flight) == (0, 0)
    })
    .await;
}

/// Sends a piece now and then, until the other end closes; what came back.
async fn dribble(wire: &mut Wire, bytes: &[u8], piece: usize, pause: Duration) -> usize {
    let mut frames = 0;
    for piece in bytes.chunks(piece) {
        if wire.try_send(piece).await.is_err() {
            break;
        }
        match timeout(pause, wire.frame()).await {
            Ok(Some(_)) => frames += 1,
            Ok(None) => return frames,
            Err(_) => {}
        }
    }
    frames + wire.rest().await.len()
}

async fn begin_frames_and_stop(network: Arc<Network>) {
    let server = victim(&network, |limits| {
        limits.frame_header = Duration::from_millis(200);
    })
    .await;
    let mut stops = stranger(&network, &server).await;
    stops.send(&request(1, "Echo", b"x")[..3]).await;
    let mut slow = stranger(&network, &server).await;
    let bytes = request(1, "Echo", b"x");
    let came = dribble(&mut slow, &bytes[..15], 1, Duration::from_millis(40)).await;
    assert_eq!((came, stops.rest().await.len()), (0, 0));
    let stats = server.handle.stats();
    assert_eq!((stats.slow_frames, server.runs()), (2, 0));
    is_well(&network, &server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_begins_and_stops_or_dribbles_ends_its_connection() {
    everywhere(begin_frames_and_stop).await;
}

async fn dribble_a_payload(network: Arc<Network>) {
    let server = victim(&network, |limits| {
        limits.frame_body = Duration::from_millis(300);
        limits.frame_rate = 1 << 30;
    })
    .await;
    let mut wire = stranger(&network, &server).await;
    let bytes = request(1, "Echo", &vec![7; 1 << 20]);
    // It never stops, and is told why it was left.
    let came = dribble(&mut wire, &bytes, 1 << 10, Duration::from_millis(20)).await;
    assert_eq!(came, 1);
    assert_eq!((server.handle.stats().slow_frames, server.runs()), (1, 0));
    is_well(&network, &server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payload_that_dribbles_ends_its_connection() {
    everywhere(dribble_a_payload).await;
}

async fn send_no_frames(network: Arc<Network>) {
    let server = victim(&network, |_| {}).await;
    let honest = connect(&network, &server.address).await;
    honest.echo(b"x").await.unwrap();
    let mut lie = request(1, "Echo", b"x");
    // The length of the service path, which is longer than the frame.
    lie[16..20].copy_from_slice(&0x7fff_ffffu32.to_be_bytes());
    let answer = [&[8, 0, 0x80, 0][..], &request(1, "Echo", b"x")[4..]].concat();
    for bytes in [&vec![0xff; 100_000][..], &lie, &answer] {
        let mut wire = stranger(&network, &server).await;
        let _ = timeout(PATIENCE, wire.try_send(bytes)).await.unwrap();
        assert_eq!(wire.rest().await.len(), 0);
    }
    assert_eq!(server.handle.stats().malformed_frames, 3);
    assert_eq!(server.runs(), 1);
    assert_eq!(honest.echo(b"still").attempts(1).await.unwrap(), b"still");
    is_well(&network, &server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_frame_ends_its_own_connection() {
    everywhere(send_no_frames).await;
}

async fn announce_too_much(network: Arc<Network>) {
    let server = victim(&network, |_| {}).await;
    let mut wire = stranger(&network, &server).await;
    let mut bytes = request(7, "Echo", b"x");
    bytes[12..16].copy_from_slice(&0xffff_fff0u32.to_be_bytes());
    wire.send(&bytes).await;
    let refused = wire.next().await;
    assert_eq!(refused.header.seq, 7);
    let text = error_of(&refused);
    assert!(text.contains("too long"), "{text}");
    // What comes of it is skipped.
    wire.send(&vec![7; 100_000]).await;
    let stats = server.handle.stats();
    assert_eq!((stats.oversized_requests, server.runs()), (1, 0));
    is_well(&network, &server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_announced_too_long_is_refused_and_not_kept() {
    everywhere(announce_too_much).await;
}

async fn wait_with_more_than_allowed(network: Arc<Network>) {
    const ALLOWED: usize = 20;
    let server = victim(&network, |limits| limits.connection_calls = ALLOWED).await;
    let mut wire = stranger(&network, &server).await;
    let calls: Vec<u8> = (1..=200)
        .flat_map(|seq| request(seq, "Hold", b""))
        .collect();
    wire.send(&calls).await;
    wire.send(&heartbeat(1_000)).await;
    let mut refused = 0;
    while !wire.next().await.header.is_heartbeat() {
        refused += 1;
    }
    assert_eq!(refused, 200 - ALLOWED);
    let stats = server.handle.stats();
    assert_eq!(stats.calls_in_flight, ALLOWED as u64);
    // It goes without a word, and nothing of it stays.
    drop(wire);
    is_well(&network, &server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_connection_is_refused_more_and_answers_heartbeats() {
    everywhere(wait_with_more_than_allowed).await;
}

async fn close_one_half(network: Arc<Network>) {
    let server = victim(&network, |_| {}).await;
    let mut wire = stranger(&network, &server).await;
    wire.send(&request(1, "Wait", b"50")).await;
    wire.finish().await;
    let replies = wire.rest().await;
    assert_eq!(replies.len(), 1);
    assert_eq!(replies[0].payload(), b"50");
    is_well(&network, &server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_sends_no_more_gets_its_replies() {
    everywhere(close_one_half).await;
}

/// Takes no reply, or takes them slowly, until the server has had enough. Why it has.
async fn read_slowly(network: &Network, set: fn(&mut Limits), takes: usize) -> String {
    let (why, told) = (Arc::new(Mutex::new(String::new())), Arc::default());
    let (noted, counted): (_, Arc<Mutex<usize>>) = (Arc::clone(&why), Arc::clone(&told));
    let mut limits = Limits::server();
    limits.memory = MemoryBudget::new(256 << 20);
    limits.queued_bytes = 64 << 10;
    limits.reply_bytes = 16 << 20;
    set(&mut limits);
    let builder = Server::builder().limits(limits).on_event(move |event| {
        if let Event::ConnectionLost { error, .. } = event {
            *noted.lock().unwrap() = error.to_string();
            *counted.lock().unwrap() += 1;
        }
    });
    let server = network.start_with(&network.free(), builder).await;
    let mut wire = stranger(network, &server).await;
    // More than what sockets hold, and than what may wait.
    let calls: Vec<u8> = (1..=30)
        .flat_map(|seq| request(seq, "Large", b"1000000"))
        .collect();
    wire.send(&calls).await;
    let stats = || server.handle.stats();
    let reading = async {
        while stats().stalled_writes == 0 {
            if takes > 0 {
                wire.take(takes).await;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    let ended = timeout(PATIENCE, reading).await;
    ended.expect("it is kept for as long as it likes");
    is_well(network, &server).await;
    assert_eq!(*told.lock().unwrap(), 1);
    let why = why.lock().unwrap();
    why.clone()
}

async fn never_read(network: Arc<Network>) {
    let stall = |limits: &mut Limits| {
        limits.write_stall = Duration::from_secs(1);
        limits.write_rate = 1;
    };
    let why = read_slowly(&network, stall, 0).await;
    assert!(why.contains("took no byte for 1000 ms"), "{why}");
}

async fn read_little(network: Arc<Network>) {
    let rate = |limits: &mut Limits| {
        limits.write_stall = Duration::from_millis(2_500);
        limits.write_rate = 1 << 30;
    };
    // It never stops taking; but where a socket passes that on in large pieces, a busy machine may make a stop of it.
    let why = read_slowly(&network, rate, 8 << 10).await;
    let said = ["the least is 1073741824 a second", "took no byte"];
    assert!(said.iter().any(|text| why.contains(text)), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_never_reads_or_reads_slower_than_the_least_rate_is_left() {
    tokio::join!(everywhere(never_read), everywhere(read_little));
}
