//! Streams that deliver bytes in pieces and break at random places, by seed: whatever a call ends
//! as is true of what the server has run.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use rpcx_runtime::service::{CallSlot, MethodRef, Request, Service, ServiceRef};
use rpcx_runtime::transport::{Address, BoxFuture, Connect, Stream};
use rpcx_runtime::{Channel, ErrorKind, Limits, MemoryBudget, Result, Server, ServerHandle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::echo::{Echo, EchoClient};

const SEEDS: u64 = 60;
const CALLS: u32 = 40;

/// Counts how often each payload was run, and answers like [`Echo`].
#[derive(Clone, Default)]
struct Ledger {
    echo: Echo,
    runs: Arc<Mutex<HashMap<Vec<u8>, usize>>>,
}

impl Service for Ledger {
    fn info(&self) -> ServiceRef {
        self.echo.info()
    }
    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        self.echo.find(name)
    }
    fn call(&self, method: u32, request: Request, slot: &mut CallSlot<'_>) {
        *self
            .runs
            .lock()
            .unwrap()
            .entry(request.payload().to_vec())
            .or_default() += 1;
        self.echo.call(method, request, slot);
    }
}

/// Every connection breaks after some bytes in one of its directions.
struct Breaking {
    address: String,
    seed: AtomicU64,
}

impl Connect for Breaking {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let seed = self.seed.fetch_add(0x9e37_79b9, Ordering::Relaxed);
            let server = TcpStream::connect(&self.address).await?;
            let (ours, theirs) = tokio::io::duplex(256);
            tokio::spawn(relay(theirs, server, fastrand::Rng::with_seed(seed)));
            let (reader, writer) = tokio::io::split(ours);
            Ok(Stream::new(
                reader,
                writer,
                Address::custom("breaking", "end"),
            ))
        })
    }
}

async fn relay(client: tokio::io::DuplexStream, server: TcpStream, mut rng: fastrand::Rng) {
    let (from_client, to_client) = tokio::io::split(client);
    let (from_server, to_server) = server.into_split();
    let (requests, replies) = (rng.usize(1..4000), rng.usize(1..4000));
    let (up, down) = (rng.fork(), rng.fork());
    tokio::select! {
        () = copy(from_client, to_server, requests, up) => {}
        () = copy(from_server, to_client, replies, down) => {}
    }
}

async fn copy(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut left: usize,
    mut rng: fastrand::Rng,
) {
    let mut piece = [0; 64];
    while left > 0 {
        let most = rng.usize(1..=piece.len()).min(left);
        match from.read(&mut piece[..most]).await {
            Ok(read @ 1..) if to.write_all(&piece[..read]).await.is_ok() => left -= read,
            _ => return,
        }
        if rng.u8(..) < 8 {
            tokio::time::sleep(Duration::from_micros(rng.u64(..2000))).await;
        }
    }
}

/// How many calls ended well, unsent, and otherwise.
async fn run(seed: u64, idempotent: bool) -> [usize; 3] {
    let ledger = Ledger::default();
    let mut limits = Limits::server();
    limits.memory = MemoryBudget::new(64 << 20);
    let server = Server::builder()
        .register(ledger.clone())
        .limits(limits)
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].location().to_owned();
    let handle = server.handle();
    tokio::spawn(server.serve());
    let connector = Breaking {
        address,
        seed: AtomicU64::new(seed),
    };
    let channel = Channel::builder()
        .connector("breaking", connector)
        .build_lazy()
        .unwrap();
    let client = EchoClient::new(channel);
    let calls: Vec<_> = (0..CALLS)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(u64::from(n) * 5)).await;
                let payload = n.to_be_bytes().repeat(1 + n as usize % 30);
                let call = client.echo(&payload).timeout(Duration::from_secs(5));
                let outcome = if idempotent {
                    call.idempotent().await
                } else {
                    call.await
                };
                (payload, outcome)
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for call in calls {
        outcomes.push(call.await.unwrap());
    }
    let runs = std::mem::take(&mut *ledger.runs.lock().unwrap());
    let mut ended = [0; 3];
    for (payload, outcome) in outcomes {
        let ran = runs.get(&payload).copied().unwrap_or(0);
        let said = format!("seed {seed}, ran {ran} times, {outcome:?}");
        assert!(idempotent || ran <= 1, "{said}");
        ended[judge(&payload, outcome, ran).expect(&said)] += 1;
    }
    drop(client);
    nothing_is_left(&handle, seed).await;
    ended
}

/// What the calls and their connections have taken is given back.
async fn nothing_is_left(handle: &ServerHandle, seed: u64) {
    let began = Instant::now();
    loop {
        let stats = handle.stats();
        if (stats.open_connections, stats.calls_in_flight, stats.memory) == (0, 0, 0) {
            return;
        }
        let took = began.elapsed();
        assert!(took < Duration::from_secs(30), "seed {seed}: {stats:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Which kind of end this is, if it is true of a payload that was run so often.
fn judge(payload: &[u8], outcome: Result<Vec<u8>>, ran: usize) -> Option<usize> {
    match outcome {
        Ok(reply) => (ran >= 1 && reply == payload).then_some(0),
        Err(error) if error.kind() == ErrorKind::NotSent => (ran == 0).then_some(1),
        Err(error) => (error.kind() == ErrorKind::Unknown).then_some(2),
    }
}

/// The same for as long as `RPCX_SOAK` says, in seconds, with seeds that no run had before: a minute in CI,
/// hours by hand. `RPCX_SOAK_SEED` begins with this one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outcomes_are_true_for_as_long_as_is_asked() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let time = Duration::from_secs(number("RPCX_SOAK").unwrap_or(2));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let first = number("RPCX_SOAK_SEED").unwrap_or_else(|| now.unwrap().as_secs() << 20);
    let (began, mut all, mut seeds) = (Instant::now(), [0; 3], first..);
    while began.elapsed() < time {
        let batch: Vec<_> = seeds.by_ref().take(8).collect();
        let runs = batch
            .iter()
            .map(|&seed| tokio::spawn(run(seed, seed % 3 == 0)));
        for ended in runs.collect::<Vec<_>>() {
            let ended = ended
                .await
                .unwrap_or_else(|error| panic!("seeds {batch:?}: {error}"));
            all.iter_mut()
                .zip(ended)
                .for_each(|(all, ended)| *all += ended);
        }
    }
    println!(
        "seeds {first} to {}, ok, not sent, unknown: {all:?}",
        seeds.start
    );
    assert!(all[0] > 0 && all[2] > 0, "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outcomes_are_true_whatever_breaks() {
    let seeds = (0..SEEDS).map(|seed| tokio::spawn(run(seed, seed % 3 == 0)));
    let mut all = [0; 3];
    for seed in seeds.collect::<Vec<_>>() {
        let ended = seed.await.unwrap();
        all.iter_mut()
            .zip(ended)
            .for_each(|(all, ended)| *all += ended);
    }
    println!("ok, not sent, unknown: {all:?}");
    assert!(
        all[0] > 100 && all[2] > 100,
        "nothing broke, or everything: {all:?}"
    );
}
