//! A connection that asks for much gets a turn, and then the others. Turns are counted, not timed.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rpcx_runtime::protocol::{Codec, FrameEncoder, Header, Metadata};
use rpcx_runtime::service::{
    CallSlot, MethodInfo, MethodRef, Request, Service, ServiceInfo, ServiceRef,
};
use rpcx_runtime::{Limits, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::echo::{EchoClient, Running, start};
use crate::long;
use crate::networks::every_network;
use crate::wire::{Wire, request};

/// Calls of the connection that asks for much, of a third of a millisecond each.
const MANY: usize = 2_000;

/// Handlers that one call of a neighbour has to wait for at most: those of a few turns, because it
/// passes a few tasks on its way.
pub(crate) const FEW: usize = 150;

/// The most handlers that ran during one call of a neighbour, while all of them had not run yet.
async fn longest_wait(server: &Running, neighbour: &EchoClient, all: usize) -> usize {
    longest_wait_by(&server.echo.runs, neighbour, all).await
}

/// The same by this counter of handlers.
pub(crate) async fn longest_wait_by(
    ran: &AtomicUsize,
    neighbour: &EchoClient,
    all: usize,
) -> usize {
    let (mut longest, mut calls) = (0, 0);
    let ran = || ran.load(Ordering::SeqCst);
    while ran() < all / 2 {
        let before = ran();
        neighbour.echo(b"x").await.unwrap();
        if before > 0 {
            longest = longest.max(ran() - before);
            calls += 1;
        }
    }
    assert!(calls >= 5, "{calls} calls of the neighbour");
    longest
}

#[tokio::test]
async fn many_calls_at_once_leave_neighbours_their_turns_on_every_network() {
    for network in every_network() {
        let server = network.start(Limits::server()).await;
        let (many, neighbour) = (
            network.connect(&server.address).await,
            network.connect(&server.address).await,
        );
        neighbour.echo(b"first").await.unwrap();
        let calls: Vec<_> = (0..MANY)
            .map(|_| tokio::spawn(many.work(330).into_future()))
            .collect();
        let longest = longest_wait(&server, &neighbour, MANY).await;
        assert!(longest < FEW, "{}: {longest} handlers", network.name);
        calls.into_iter().for_each(|call| call.abort());
    }
}

/// Sends so many requests at once, and takes their replies.
async fn pipeline(server: &Running, many: u64, method: &str, payload: &[u8]) {
    let frames: Vec<u8> = (1..=many)
        .flat_map(|seq| request(seq, method, payload))
        .collect();
    let socket = TcpStream::connect(server.socket()).await.unwrap();
    let (mut replies, mut requests) = socket.into_split();
    tokio::spawn(async move { requests.write_all(&frames).await });
    tokio::spawn(async move { tokio::io::copy(&mut replies, &mut tokio::io::sink()).await });
}

#[tokio::test]
async fn whole_frames_of_one_read_are_no_turn() {
    let server = start(Limits::server()).await;
    let neighbour = EchoClient::connect(&server.address).await;
    neighbour.echo(b"first").await.unwrap();
    pipeline(&server, 8_000, "Work", b"100").await;
    let longest = longest_wait(&server, &neighbour, 8_000).await;
    assert!(longest < FEW, "{longest} handlers");
}

/// Handlers with tasks of their own wait with all other tasks for their turns, so that there are few of one connection that have
/// not begun.
#[tokio::test]
async fn tasks_of_one_connection_are_no_turn() {
    let server = start(Limits::server()).await;
    let neighbour = EchoClient::connect(&server.address).await;
    neighbour.echo(b"first").await.unwrap();
    pipeline(&server, 8_000, "Compute", b"100").await;
    let longest = longest_wait_by(&server.echo.finished, &neighbour, 8_000).await;
    assert!(longest < FEW, "{longest} handlers");
}

/// What 20 neighbours wait for an answer, while one connection has thousands of handlers of 1 ms to run: less than 50 ms for 99 of 100
/// calls, on a machine with nothing else to do. `RPCX_LONG=required` has 8,000 of them, and prints the figure of SECURITY.md.
#[tokio::test]
async fn the_99th_percentile_of_neighbours() {
    let millisecond = Duration::from_millis(1);
    let handlers = match long::is_wanted("8,000 handlers in place of 500") {
        true => 8_000,
        false => 500,
    };
    let server = start(Limits::server()).await;
    let over = Arc::new(AtomicBool::new(false));
    // On a thread of their own: what they do is not the server's to divide.
    let (address, until) = (server.address.clone(), Arc::clone(&over));
    let neighbours = std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(wait_for_answers(&address, &until))
    });
    let mut wire = Wire::new(TcpStream::connect(server.socket()).await.unwrap());
    let calls: Vec<u8> = (1..=handlers)
        .flat_map(|seq| request(seq, "Work", b"1000"))
        .collect();
    let began = Instant::now();
    wire.send(&calls).await;
    for _ in 0..handlers {
        wire.next().await;
    }
    let took = began.elapsed();
    over.store(true, Ordering::SeqCst);
    // They have a last answer to wait for.
    let waited = tokio::task::spawn_blocking(|| neighbours.join().unwrap());
    let (waited, calls) = waited.await.unwrap();
    println!("p99 of {calls} calls of 20 neighbours: {waited:?}; the handlers took {took:?}");
    // A machine that is busy takes longer for the handlers, and as much longer for everything else.
    let busy = took.as_secs_f64() / (millisecond * handlers as u32).as_secs_f64();
    assert!(
        waited < Duration::from_millis(50).mul_f64(busy),
        "{waited:?} of {took:?}"
    );
}

fn percentile(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// Calls of 20 connections, each one after the other: what one in a hundred waits at least, and how many there were.
async fn wait_for_answers(address: &str, over: &Arc<AtomicBool>) -> (Duration, usize) {
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (client, over) = (EchoClient::connect(address).await, Arc::clone(over));
        callers.spawn(async move {
            let mut waited = Vec::new();
            while !over.load(Ordering::SeqCst) {
                let began = Instant::now();
                client.echo(b"x").await.unwrap();
                waited.push(began.elapsed());
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            waited
        });
    }
    let waited: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
    let calls = waited.len();
    (percentile(waited), calls)
}

/// A client that gets much at once, replies that no call waits for among them.
#[tokio::test]
async fn many_replies_at_once_leave_others_their_turns() {
    const FRAMES: u64 = 200_000;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    // On a thread of its own: it is not the one that is to be fair.
    std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(serve_much(&listener, FRAMES));
    });
    let turns = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turns);
    let client = EchoClient::connect(&address).await;
    let other = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    client.echo(b"x").await.unwrap();
    other.abort();
    // 8 MB in reads of at most 64 KiB.
    let turns = turns.load(Ordering::Relaxed);
    assert!(turns > 100, "{turns} turns for others");
}

/// The same with messages that the server pushes.
#[tokio::test]
async fn many_pushes_at_once_leave_others_their_turns() {
    const PUSHES: usize = 20_000;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp@{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(push_much(&listener, PUSHES));
    });
    let client = EchoClient::connect(&address).await;
    let runs = Arc::new(AtomicUsize::new(0));
    client.0.channel().serve(Ticker(Arc::clone(&runs))).unwrap();
    let longest = Arc::new(AtomicUsize::new(0));
    let (noted, counted) = (Arc::clone(&longest), Arc::clone(&runs));
    let other = tokio::spawn(async move {
        loop {
            let before = counted.load(Ordering::SeqCst);
            tokio::task::yield_now().await;
            let ran = counted.load(Ordering::SeqCst) - before;
            noted.fetch_max(ran, Ordering::SeqCst);
        }
    });
    client.echo(b"x").await.unwrap();
    // Each handler computes for 0.1 ms, and some messages were dropped because too many waited.
    let dropped = || client.0.channel().dropped_pushes() as usize;
    let all = async {
        while runs.load(Ordering::SeqCst) + dropped() < PUSHES {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let all = tokio::time::timeout(Duration::from_secs(60), all).await;
    all.expect("every message is handled or counted");
    other.abort();
    let longest = longest.load(Ordering::SeqCst);
    assert!(longest < FEW, "{longest} handlers in one turn");
    assert!(runs.load(Ordering::SeqCst) > 100);
}

static TICK: MethodInfo = MethodInfo::new(0, "Tick").oneway();
static TICKER: ServiceInfo = ServiceInfo::new("Ticker", &[&TICK]);

/// Computes for 0.1 ms whenever it is told something.
pub(crate) struct Ticker(pub(crate) Arc<AtomicUsize>);

impl Service for Ticker {
    fn info(&self) -> ServiceRef {
        (&TICKER).into()
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        self.info()
            .methods()
            .find(|method| method.name().as_bytes() == name)
    }

    fn call(&self, _: u32, _: Request, slot: &mut CallSlot<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        let began = Instant::now();
        while began.elapsed() < Duration::from_micros(100) {
            std::hint::spin_loop();
        }
        slot.run(async { Ok(()) }, |_: Result<()>, _| {});
    }
}

/// Answers one request behind many messages.
async fn push_much(listener: &TcpListener, pushes: usize) {
    let mut socket = listener.accept().await.unwrap().0;
    let mut head = [0; 16];
    socket.read_exact(&mut head).await.unwrap();
    let seq = u64::from_be_bytes(head[4..12].try_into().unwrap());
    let mut out = Vec::new();
    for at in 0..=pushes {
        let last = at == pushes;
        let header = match last {
            true => Header::request(seq, Codec::RAW).reply(),
            false => Header::request(at as u64, Codec::RAW).oneway(),
        };
        let mut frame = FrameEncoder::new(&mut out, header);
        frame.names(b"Ticker", b"Tick");
        frame.metadata(&Metadata::new());
        frame.payload(if last { b"" } else { b"100" });
        frame.finish().unwrap();
    }
    socket.write_all(&out).await.unwrap();
    std::future::pending::<()>().await;
}

/// Answers one request with many replies to no call, and then with its own.
async fn serve_much(listener: &TcpListener, frames: u64) {
    let socket = listener.accept().await.unwrap().0;
    let socket = socket.into_std().unwrap();
    let mut socket = TcpStream::from_std(socket).unwrap();
    let mut head = [0; 16];
    socket.read_exact(&mut head).await.unwrap();
    let seq = u64::from_be_bytes(head[4..12].try_into().unwrap());
    let mut out = Vec::new();
    for seq in (1..=frames).chain([seq]) {
        let header = Header::request(seq, Codec::RAW).reply();
        let mut frame = FrameEncoder::new(&mut out, header);
        frame.names(b"", b"");
        frame.metadata(&Metadata::new());
        frame.payload(b"");
        frame.finish().unwrap();
    }
    socket.write_all(&out).await.unwrap();
    // What is left of the request is not read; the end of the test closes it.
    std::future::pending::<()>().await;
}
