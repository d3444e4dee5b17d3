//! Servers that mean no good: each call ends in its time and without a lie, and the next one is made over another connection
//! where the first cannot be used.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpcx_runtime::client::ChannelBuilder;
use rpcx_runtime::protocol::{Codec, Frame, FrameEncoder, Header, Metadata};
use rpcx_runtime::transport::Listen;
use rpcx_runtime::{ClientLimits, Error, ErrorKind};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{everywhere, patient};
use crate::echo::EchoClient;
use crate::networks::Network;
use crate::wire::{PATIENCE, Wire, frame, frame_of, reply};

/// A server that answers what and how it likes.
struct Liar(Box<dyn Listen>);

impl Liar {
    async fn accept(&mut self) -> Wire {
        let accepted = async { self.0.accept().await.unwrap().stream().await };
        let stream = timeout(PATIENCE, accepted).await.expect("a connection");
        stream.unwrap().into()
    }
}

/// A server, a client that is connected to it, and the server's end of that connection.
async fn pair(
    network: &Network,
    set: impl FnOnce(ChannelBuilder) -> ChannelBuilder,
) -> (Liar, EchoClient, Wire) {
    let (listener, address) = network.listen().await;
    let mut liar = Liar(listener);
    let channel = set(patient(network, &address)).build();
    let (channel, wire) = tokio::join!(channel, liar.accept());
    (liar, EchoClient::new(channel.unwrap()), wire)
}

/// The next request that is a call.
async fn call(wire: &mut Wire) -> Frame {
    loop {
        let frame = wire.next().await;
        if !frame.header.is_heartbeat() {
            return frame;
        }
    }
}

fn calling(client: &EchoClient) -> JoinHandle<Result<Vec<u8>, Error>> {
    tokio::spawn(client.echo(b"x").into_future())
}

/// The error that a call ends with.
async fn fails(calling: JoinHandle<Result<Vec<u8>, Error>>) -> Error {
    let outcome = timeout(PATIENCE, calling).await.expect("it does not end");
    outcome.unwrap().unwrap_err()
}

/// The next call has an answer, whichever connection it is made over.
async fn is_served(client: &EchoClient, wire: &mut Wire) {
    let next = calling(client);
    let request = call(wire).await;
    wire.send(&reply(request.header.seq, request.payload()))
        .await;
    assert_eq!(next.await.unwrap().unwrap(), b"x");
}

/// What a server says and then is silent: nothing, or a part of a reply.
async fn stop(network: Arc<Network>) {
    for length in [0, 30] {
        let patience = |channel: ChannelBuilder| channel.dead_after(Duration::from_secs(1));
        let (mut liar, client, mut wire) = pair(&network, patience).await;
        let waiting = calling(&client);
        let seq = call(&mut wire).await.header.seq;
        wire.send(&reply(seq, &[7; 100])[..length]).await;
        let error = fails(waiting).await;
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
        let next = calling(&client);
        let mut wire = liar.accept().await;
        let seq = call(&mut wire).await.header.seq;
        wire.send(&reply(seq, b"x")).await;
        assert_eq!(next.await.unwrap().unwrap(), b"x");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_is_left_and_dialled_again() {
    everywhere(stop).await;
}

/// Signs of life, and a reply that comes byte by byte: only its deadline ends the call.
async fn dribble(network: Arc<Network>) {
    let (_liar, client, mut wire) = pair(&network, |channel| channel).await;
    let late = client.echo(b"x").timeout(Duration::from_millis(300));
    let late = tokio::spawn(late.into_future());
    let seq = call(&mut wire).await.header.seq;
    for byte in reply(seq, &[7; 10_000]) {
        wire.send(&[byte]).await;
        sleep(Duration::from_millis(10)).await;
        if late.is_finished() {
            break;
        }
    }
    let error = fails(late).await;
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    assert!(error.message().contains("deadline"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_dribbles_does_not_move_a_deadline() {
    everywhere(dribble).await;
}

/// Many large calls to a server that takes their bytes slowly or not at all. Why each one has ended.
async fn send_much(network: &Network, limits: ClientLimits, takes: usize) -> Vec<Error> {
    let limited = |channel: ChannelBuilder| channel.limits(limits).no_heartbeat();
    let (_liar, client, mut wire) = pair(network, limited).await;
    let payload = vec![7; 1 << 20];
    let calls: Vec<_> = (0..20)
        .map(|_| tokio::spawn(client.echo(&payload).attempts(1).no_timeout().into_future()))
        .collect();
    let taking = tokio::spawn(async move {
        loop {
            if takes > 0 {
                wire.take(takes).await;
            }
            sleep(Duration::from_millis(10)).await;
        }
    });
    let mut errors = Vec::new();
    for call in calls {
        errors.push(fails(call).await);
    }
    taking.abort();
    errors
}

fn narrow(stall: Duration, rate: usize) -> ClientLimits {
    let mut limits = ClientLimits::new();
    limits.queued_bytes = 64 << 20;
    (limits.write_stall, limits.write_rate) = (stall, rate);
    limits
}

/// Some calls may have been read, the others were not sent.
fn are_true(errors: &[Error], texts: &[&str]) {
    let kinds = [ErrorKind::Unknown, ErrorKind::NotSent];
    for error in errors {
        assert!(kinds.contains(&error.kind()), "{error}");
    }
    let says = |error: &Error| texts.iter().any(|text| error.message().contains(text));
    assert!(errors.iter().any(says), "{}", errors[0]);
}

async fn never_read(network: Arc<Network>) {
    let errors = send_much(&network, narrow(Duration::from_secs(1), 0), 0).await;
    are_true(&errors, &["took no byte for 1000 ms"]);
}

async fn read_little(network: Arc<Network>) {
    let limits = narrow(Duration::from_millis(2_500), 1 << 30);
    let errors = send_much(&network, limits, 8 << 10).await;
    // Where a socket passes on in large pieces what is taken, a busy machine may make a stop of it.
    are_true(
        &errors,
        &["the least is 1073741824 a second", "took no byte"],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_never_reads_or_reads_slower_than_the_least_rate_is_left() {
    tokio::join!(everywhere(never_read), everywhere(read_little));
}

async fn push_much(network: Arc<Network>) {
    const PUSHES: usize = 100;
    let mut limits = ClientLimits::new();
    limits.push_bytes = 64 << 10;
    let limited = |channel: ChannelBuilder| channel.limits(limits);
    let (_liar, client, mut wire) = pair(&network, limited).await;
    let waiting = calling(&client);
    let seq = call(&mut wire).await.header.seq;
    let push = Header::request(1, Codec::RAW).oneway();
    let push = frame_of(push, "Push", &Metadata::new(), &[7; 4 << 10]);
    let frames = [push.repeat(PUSHES), reply(seq, b"behind them")];
    wire.send(&frames.concat()).await;
    assert_eq!(waiting.await.unwrap().unwrap(), b"behind them");
    // As many are kept as there is room for.
    let dropped = client.0.channel().dropped_pushes() as usize;
    assert!((PUSHES - 16..PUSHES).contains(&dropped), "{dropped}");
    is_served(&client, &mut wire).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_that_no_service_takes_are_bounded() {
    everywhere(push_much).await;
}

/// Replies that are too long, as they come and as they are announced.
async fn reply_too_much(network: Arc<Network>) {
    let mut limits = ClientLimits::new();
    limits.frame.body = 64 << 10;
    let limited = |channel: ChannelBuilder| channel.limits(limits);
    let (_liar, client, mut wire) = pair(&network, limited).await;
    for announced in [false, true] {
        let waiting = calling(&client);
        let seq = call(&mut wire).await.header.seq;
        let mut long = reply(seq, &vec![7; 100_000]);
        if announced {
            long[12..16].copy_from_slice(&0xffff_fff0u32.to_be_bytes());
            long.truncate(100);
        }
        wire.send(&long).await;
        let error = fails(waiting).await;
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
        assert!(error.message().contains("too long"), "{error}");
        if !announced {
            // What was too long is skipped.
            is_served(&client, &mut wire).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_is_too_long_ends_its_call_and_is_not_kept() {
    everywhere(reply_too_much).await;
}

async fn reply_no_frames(network: Arc<Network>) {
    let (mut liar, client, mut wire) = pair(&network, |channel| channel).await;
    for garbage in [&[0xff; 1_000][..], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let waiting = calling(&client);
        call(&mut wire).await;
        let _ = wire.try_send(garbage).await;
        let error = fails(waiting).await;
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
        assert!(error.message().contains("not 0x08"), "{error}");
        let next = calling(&client);
        wire = liar.accept().await;
        let seq = call(&mut wire).await.header.seq;
        wire.send(&reply(seq, b"x")).await;
        assert_eq!(next.await.unwrap().unwrap(), b"x");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_frame_ends_the_connection_and_its_calls() {
    everywhere(reply_no_frames).await;
}

/// Replies to no call, and heartbeats without end: the call gets the reply that is its own.
async fn answer_what_was_not_asked(network: Arc<Network>) {
    let (_liar, client, mut wire) = pair(&network, |channel| channel).await;
    let waiting = calling(&client);
    let seq = call(&mut wire).await.header.seq;
    let none = Metadata::new();
    for round in 0..40 {
        let stranger = reply(seq + (1 << 40) + round, b"stranger");
        let beat = frame(Header::heartbeat(round).reply(), &none, b"");
        let asked = frame(Header::request(round, Codec::RAW), &none, b"a request");
        wire.send(&[stranger, beat, asked].concat().repeat(10))
            .await;
    }
    wire.send(&reply(seq, b"right")).await;
    assert_eq!(waiting.await.unwrap().unwrap(), b"right");
    is_served(&client, &mut wire).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_answer_nothing_are_ignored() {
    everywhere(answer_what_was_not_asked).await;
}

/// The text of a server that ends the connection is that of the calls it has left without a reply.
async fn say_why(network: Arc<Network>) {
    let (_liar, client, mut wire) = pair(&network, |channel| channel).await;
    let waiting = calling(&client);
    call(&mut wire).await;
    let reason = Metadata::from_iter([("__rpcx_error__", "closed because of this")]);
    let beat = Header::heartbeat(1).reply().error();
    wire.send(&frame(beat, &reason, b"")).await;
    wire.finish().await;
    drop(wire);
    let error = fails(waiting).await;
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    let said = error.message().contains("closed because of this");
    // A KCP peer that is dropped has no last word of its own.
    assert!(said, "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_learns_why_its_connection_was_closed() {
    everywhere(say_why).await;
}

fn goaway() -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header::request(1, Codec::RAW).oneway();
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"__rpcx", b"GoAway");
    frame.metadata(&Metadata::new());
    frame.payload(b"go");
    frame.finish().unwrap();
    out
}

/// Each connection is asked to go, and closed, as soon as it is there: it is not dialled without a pause.
async fn send_away(network: Arc<Network>) {
    let (listener, address) = network.listen().await;
    let mut liar = Liar(listener);
    let accepted = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&accepted);
    let accepting = tokio::spawn(async move {
        loop {
            let mut wire = liar.accept().await;
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = wire.try_send(&goaway()).await;
            wire.finish().await;
        }
    });
    let client = EchoClient::new(patient(&network, &address).build_lazy().unwrap());
    let began = std::time::Instant::now();
    while began.elapsed() < Duration::from_secs(1) {
        let call = client
            .echo(b"x")
            .idempotent()
            .timeout(Duration::from_secs(1));
        let outcome = timeout(PATIENCE, call.into_future())
            .await
            .expect("it ends");
        outcome.unwrap_err();
    }
    let accepted = accepted.load(Ordering::SeqCst);
    // A pause that doubles from 10 ms or so, where one dial after the other takes less than one of them.
    assert!((1..100).contains(&accepted), "{accepted} connections");
    accepting.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_sends_its_clients_away_is_not_dialled_without_a_pause() {
    everywhere(send_away).await;
}
