//! A Go client calls a Rust server: every case of `tests/interop/client`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rpcx::protocol::Codec;
use rpcx::services::{RawPayload, RawRequest};

use super::peer::programs;
use super::push::{MarketServer, Numbers};
use super::services::{ArithServer, OpenArithServer, Peer, Shapes, TypesServer};

/// Serves in the background until the runtime of the test ends; the address as Go wants it.
async fn serve(raw: bool) -> String {
    let builder = rpcx::Server::builder().listen("tcp@127.0.0.1:0");
    let builder = if raw {
        builder.register(OpenArithServer::new(Peer::default()))
    } else {
        builder
            .register(ArithServer::new(Peer::default()))
            .register(TypesServer::new(Shapes))
            .register(MarketServer::new(Numbers))
    };
    let server = builder.bind().await.expect("a free port");
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve_until(std::future::pending()));
    address
}

async fn go_calls(raw: bool, arguments: &'static [&'static str]) {
    if programs().is_none() {
        return;
    }
    let address = serve(raw).await;
    let run = move || {
        programs()
            .expect("they were built")
            .call(&address, arguments)
    };
    tokio::task::spawn_blocking(run)
        .await
        .expect("the Go client passed");
}

/// How long the handlers of the servers below take.
const HANDLER: Duration = Duration::from_millis(20);

/// A server of `Arith.Echo`, how many handlers have run, and what it answers if that is set.
struct Slow {
    address: String,
    handle: rpcx::ServerHandle,
    serving: tokio::task::JoinHandle<rpcx::Result<()>>,
    runs: Arc<AtomicU64>,
    alone: Arc<AtomicBool>,
}

async fn slow(handler: Duration) -> Slow {
    let (runs, alone) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let shared = (Arc::clone(&runs), Arc::clone(&alone));
    let echo = move |_, request: RawRequest| {
        let (runs, alone) = (Arc::clone(&shared.0), Arc::clone(&shared.1));
        async move {
            runs.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(handler).await;
            match alone.load(Ordering::SeqCst) {
                true => Ok(RawPayload::new(Codec::RAW, "alone")),
                false => Ok(request.payload),
            }
        }
    };
    let builder = rpcx::Server::builder().listen("tcp@127.0.0.1:0");
    let server = builder.handle("Arith", "Echo", echo).bind().await;
    let server = server.expect("a free port");
    Slow {
        address: server.addresses()[0].location().to_owned(),
        handle: server.handle(),
        serving: tokio::spawn(server.serve()),
        runs,
        alone,
    }
}

impl Slow {
    async fn has_run(&self, calls: u64) {
        while self.runs.load(Ordering::SeqCst) < calls {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How long it takes to stop, and how much of that the machine had no time for this process.
    async fn stop(self) -> (Duration, Duration) {
        let began = Instant::now();
        self.handle.shutdown();
        // The grace time is 25 s at least.
        let ended = tokio::time::timeout(Duration::from_secs(15), self.serving);
        let mut ended = std::pin::pin!(ended);
        let (step, mut late) = (Duration::from_millis(10), Duration::ZERO);
        loop {
            let slept = Instant::now();
            tokio::select! {
                ended = &mut ended => {
                    ended.expect("the callers keep it up").unwrap().unwrap();
                    return (began.elapsed(), late);
                }
                () = tokio::time::sleep(step) => late += slept.elapsed().saturating_sub(step),
            }
        }
    }
}

/// The calls that the Go client says were answered.
fn calling(address: String, case: &'static str) -> tokio::task::JoinHandle<u64> {
    tokio::task::spawn_blocking(move || {
        let programs = programs().expect("they were built");
        programs.answered(&address, case)
    })
}

/// A Go client cannot be asked to go, and this one is never quiet. The server is gone 3 s and its longest handler later, and
/// nothing that it has run is without a reply. (`shutdown::a_busy_peer_that_cannot_be_asked_to_go_costs` of the engine has the
/// time to the millisecond, by a clock that stands still while the machine is busy.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_busy_callers_stops_and_answers_what_it_has_read() {
    if programs().is_none() {
        return;
    }
    let server = slow(HANDLER).await;
    let runs = Arc::clone(&server.runs);
    let answered = calling(server.address.clone(), "busy");
    server.has_run(500).await;
    let (took, late) = server.stop().await;
    let answered = answered.await.expect("the Go client ended");
    assert_eq!(runs.load(Ordering::SeqCst), answered, "calls that were run");
    // The other process had as little time as this one.
    let most = Duration::from_secs(3) + HANDLER + 4 * late;
    println!("{took:?}, of which {late:?} were the machine's");
    assert!(
        took < most,
        "{took:?}, of which {late:?} were the machine's"
    );
}

/// What the server has not read when it stops is repeated by Go's Failover at another one: no call fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn go_repeats_elsewhere_what_a_server_that_stops_has_not_read() {
    if programs().is_none() {
        return;
    }
    let (first, second) = (slow(HANDLER).await, slow(HANDLER).await);
    let addresses = format!("{},{}", first.address, second.address);
    let answered = calling(addresses, "failover");
    first.has_run(500).await;
    second.has_run(500).await;
    let runs = Arc::clone(&first.runs);
    first.stop().await;
    second.alone.store(true, Ordering::SeqCst);
    let answered = answered.await.expect("no call of the Go client failed");
    let ran = runs.load(Ordering::SeqCst) + second.runs.load(Ordering::SeqCst);
    assert_eq!(ran, answered, "each ran once");
}

/// 10,000 calls in flight on the one connection of a Go client, which a Go server answers all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_of_a_go_client_share_a_connection() {
    if programs().is_none() {
        return;
    }
    let server = slow(Duration::from_millis(500)).await;
    let answered = calling(server.address.clone(), "crowd").await;
    assert_eq!(answered.expect("the Go client ended"), 10_000);
    assert_eq!(server.runs.load(Ordering::SeqCst), 10_000);
    let stats = server.handle.stats();
    assert_eq!((stats.overloaded, stats.overloaded_connections), (0, 0));
}

#[tokio::test]
async fn msgpack() {
    go_calls(false, &["-codec", "msgpack", "-served-by", "rust"]).await;
}

#[tokio::test]
async fn msgpack_gzip() {
    go_calls(false, &["-codec", "msgpack", "-gzip"]).await;
}

#[tokio::test]
async fn json() {
    go_calls(false, &["-codec", "json", "-served-by", "rust"]).await;
}

#[tokio::test]
async fn json_gzip() {
    go_calls(false, &["-codec", "json", "-gzip"]).await;
}

#[tokio::test]
async fn raw() {
    go_calls(true, &["-codec", "raw"]).await;
}

#[tokio::test]
async fn raw_gzip() {
    go_calls(true, &["-codec", "raw", "-gzip"]).await;
}

#[tokio::test]
async fn every_case_with_heartbeats() {
    go_calls(false, &["-heartbeat", "100ms"]).await;
}
