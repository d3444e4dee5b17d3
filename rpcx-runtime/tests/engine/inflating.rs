//! Where a payload is inflated: a large one takes long, and the task that reads the connection has others to serve.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::ThreadId;
use std::time::Duration;

use rpcx_runtime::layer::{Next, Request as Around, Response};
use rpcx_runtime::protocol::{Codec, Compress, CompressError, Compression, Header, Metadata};
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::service::{
    CallSlot, Execution, MethodInfo, MethodRef, Request, Service, ServiceInfo, ServiceRef,
};
use rpcx_runtime::{Limits, MemoryBudget, Server, ServerHandle};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::networks::all_entrances;
use crate::wire::{PATIENCE, Wire, error_of, frame_of, request};

static HERE: MethodInfo = MethodInfo::new(0, "Here");
static SPAWNED: MethodInfo = MethodInfo::new(1, "Spawned").execution(Execution::Spawn);
static BLOCKING: MethodInfo = MethodInfo::new(2, "Blocking").execution(Execution::Blocking);
static SMALL: MethodInfo = MethodInfo::new(3, "Small");
static HOLD: MethodInfo = MethodInfo::new(4, "Hold");
/// `Echo`, because that is the service of the frames in `wire.rs`.
static INFO: ServiceInfo = ServiceInfo::new("Echo", &[&HERE, &SPAWNED, &BLOCKING, &SMALL, &HOLD]);

/// The methods whose handlers do not run where their requests are read.
const ELSEWHERE: [&str; 2] = ["Spawned", "Blocking"];

/// What each handler waits for, once it is there.
type Gate = Arc<Mutex<Option<mpsc::Receiver<()>>>>;

/// Answers with the length of what it got.
#[derive(Clone, Default)]
struct Lengths {
    runs: Arc<AtomicUsize>,
    /// Taken by the first call of `Blocking`, which keeps its thread until then.
    gate: Gate,
    /// Handlers of `Hold`, which wait for ever, that were dropped.
    dropped: Arc<AtomicUsize>,
}

/// Counts that it was dropped.
struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Service for Lengths {
    fn info(&self) -> ServiceRef {
        (&INFO).into()
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        self.info()
            .methods()
            .find(|method| method.name().as_bytes() == name)
    }

    fn call(&self, method: u32, request: Request, slot: &mut CallSlot<'_>) {
        let (runs, gate) = (Arc::clone(&self.runs), Arc::clone(&self.gate));
        let guard = (method == 4).then(|| Guard(Arc::clone(&self.dropped)));
        let run = async move {
            if let Some(_held) = guard {
                std::future::pending::<()>().await;
            }
            runs.fetch_add(1, Ordering::SeqCst);
            let gate = (method == 2).then(|| gate.lock().unwrap().take()).flatten();
            if let Some(gate) = gate {
                gate.recv_timeout(PATIENCE).unwrap();
            }
            Ok::<_, rpcx_runtime::Error>(request.payload().len())
        };
        slot.run(run, |length, reply| {
            let length = length.unwrap().to_string();
            reply.payload(|_, out| {
                out.extend_from_slice(length.as_bytes());
                Ok(())
            });
        });
    }
}

/// The task and the thread.
type Place = (Option<tokio::task::Id>, ThreadId);

/// Says of each payload where it was inflated, by its first byte.
#[derive(Clone, Default)]
struct Watched {
    places: Arc<Mutex<HashMap<u8, Place>>>,
    /// What it waits for if the payload says so.
    gate: Gate,
}

impl Compress for Watched {
    fn compress(&self, payload: &[u8]) -> Result<Vec<u8>, CompressError> {
        Ok(payload.to_vec())
    }

    fn decompress(&self, payload: &[u8], _: usize) -> Result<Vec<u8>, CompressError> {
        let place = (tokio::task::try_id(), std::thread::current().id());
        self.places.lock().unwrap().insert(payload[0], place);
        let gate = self.gate.lock().unwrap().take();
        if let Some(gate) = gate {
            gate.recv_timeout(PATIENCE).expect("the neighbour waits");
        }
        Ok(payload.repeat(10))
    }
}

fn watched() -> Compression {
    Compression::new(7).unwrap()
}

fn compressed(seq: u64, method: &str, metadata: &Metadata, payload: &[u8]) -> Vec<u8> {
    let header = Header::request(seq, Codec::RAW).compressed(watched());
    frame_of(header, method, metadata, payload)
}

struct Running {
    address: String,
    handle: ServerHandle,
}

async fn start(server: ServerBuilder) -> Running {
    let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
    let running = Running {
        address: server.addresses()[0].location().to_owned(),
        handle: server.handle(),
    };
    tokio::spawn(server.serve());
    running
}

impl Running {
    async fn connect(&self) -> Wire {
        Wire::new(TcpStream::connect(&self.address).await.unwrap())
    }
}

fn with(service: &Lengths, watched_by: &Watched) -> ServerBuilder {
    Server::builder()
        .register(service.clone())
        .compression_with(watched(), watched_by.clone())
}

async fn through(request: Around, next: Next) -> Response {
    next.run(request).await
}

async fn later(request: Around, next: Next) -> Response {
    tokio::time::sleep(Duration::from_millis(1)).await;
    next.run(request).await
}

async fn answer(wire: &mut Wire) -> Vec<u8> {
    let reply = timeout(PATIENCE, wire.next()).await.unwrap();
    assert_eq!(error_of(&reply), "");
    reply.payload().to_vec()
}

async fn where_payloads_are_inflated(server: ServerBuilder, places: &Watched, layers: &str) {
    let server = start(server).await;
    let mut wire = server.connect().await;
    for (seq, method) in [(1, "Here"), (2, "Here"), (3, "Spawned"), (4, "Blocking")] {
        let payload = [seq as u8; 8];
        wire.send(&compressed(seq, method, &Metadata::new(), &payload))
            .await;
        assert_eq!(answer(&mut wire).await, b"80", "{layers}: {method}");
    }
    let places = places.places.lock().unwrap();
    let [reading, again, spawned, blocking] = [1, 2, 3, 4].map(|first| places[&first]);
    // The one task of the connection, on the one thread of this runtime.
    assert_eq!(reading.1, again.1);
    assert_ne!(spawned.0, reading.0, "{layers}: a task of its own");
    assert_ne!(blocking.1, reading.1, "{layers}: a thread of its own");
}

#[tokio::test]
async fn a_compressed_payload_is_inflated_where_its_handler_runs() {
    let new = || (Lengths::default(), Watched::default());
    let (service, places) = new();
    where_payloads_are_inflated(with(&service, &places), &places, "no layer").await;
    let (service, places) = new();
    let layered = with(&service, &places).layer(through);
    where_payloads_are_inflated(layered, &places, "a layer").await;
    let (service, places) = new();
    let layered = with(&service, &places).layer(later).layer(through);
    where_payloads_are_inflated(layered, &places, "a layer that waits").await;
}

/// A payload that takes as long as the neighbour has to wait, on every network: on the task that reads, both would wait for ever.
#[tokio::test]
async fn a_neighbour_is_answered_while_a_payload_is_inflated() {
    for network in all_entrances() {
        let (service, watched_by) = (Lengths::default(), Watched::default());
        let server = with(&service, &watched_by);
        let running = network.start_beside(&network.free(), server).await;
        let mut large = Wire::from(network.dial(&running.address).await);
        let mut neighbour = Wire::from(network.dial(&running.address).await);
        let (answered, gate) = mpsc::channel();
        *watched_by.gate.lock().unwrap() = Some(gate);
        large
            .send(&compressed(1, "Blocking", &Metadata::new(), b"large"))
            .await;
        // It is being inflated.
        let begun = async {
            while watched_by.gate.lock().unwrap().is_some() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, begun).await.unwrap();
        // On the same connection, and on another.
        for wire in [&mut large, &mut neighbour] {
            wire.send(&request(2, "Small", b"x")).await;
            assert_eq!(answer(wire).await, b"1", "{}", network.label());
        }
        answered.send(()).unwrap();
        assert_eq!(answer(&mut large).await, b"50", "{}", network.label());
        running.handle.shutdown();
    }
}

/// The limits are those of all payloads.
#[tokio::test]
async fn what_is_inflated_elsewhere_has_its_limits() {
    for method in ELSEWHERE {
        let (service, watched_by) = (Lengths::default(), Watched::default());
        let mut limits = Limits::server();
        limits.inflated = 1_000;
        let server = start(with(&service, &watched_by).limits(limits)).await;
        let mut wire = server.connect().await;
        wire.send(&compressed(1, method, &Metadata::new(), &[1; 101]))
            .await;
        let reply = timeout(PATIENCE, wire.next()).await.unwrap();
        let metadata = reply.metadata();
        let rejected = metadata.get("__rpcx_rejected");
        assert_eq!(rejected, Some("undecodable"), "{method}");
        assert_eq!(server.handle.stats().inflate_failures, 1, "{method}");
        wire.send(&compressed(2, method, &Metadata::new(), &[1; 100]))
            .await;
        assert_eq!(answer(&mut wire).await, b"1000", "{method}");
        assert_eq!(service.runs.load(Ordering::SeqCst), 1);
    }
}

/// What the head of a request refuses is not inflated.
#[tokio::test]
async fn what_is_refused_by_its_head_is_not_inflated() {
    for method in ELSEWHERE {
        let (service, watched_by) = (Lengths::default(), Watched::default());
        let server = with(&service, &watched_by);
        let server = server.authorize(|request| match request.metadata.auth_is("token") {
            true => Ok(()),
            false => Err(rpcx_runtime::Rejection::Unauthenticated.into()),
        });
        let server = start(server).await;
        let mut wire = server.connect().await;
        let late = Metadata::from_iter([("__AUTH", "token"), ("__ServerTimeout", "0")]);
        for metadata in [Metadata::new(), late] {
            wire.send(&compressed(1, method, &metadata, b"never")).await;
            let reply = timeout(PATIENCE, wire.next()).await.unwrap();
            assert!(reply.metadata().get("__rpcx_rejected").is_some());
        }
        assert!(watched_by.places.lock().unwrap().is_empty(), "{method}");
    }
}

/// Each payload is counted as soon as it is inflated, while its handler keeps a thread.
#[tokio::test]
async fn what_is_inflated_on_threads_is_counted_at_once() {
    for layered in [false, true] {
        let (service, watched_by) = (Lengths::default(), Watched::default());
        let budget = MemoryBudget::new(1 << 20);
        let mut limits = Limits::server();
        limits.memory = budget.clone();
        let mut server = with(&service, &watched_by).limits(limits);
        if layered {
            server = server.layer(through);
        }
        let server = start(server).await;
        let mut wire = server.connect().await;
        let (go_on, gate) = mpsc::channel();
        *service.gate.lock().unwrap() = Some(gate);
        wire.send(&compressed(1, "Blocking", &Metadata::new(), &[7; 110_000]))
            .await;
        let counted = async {
            while budget.used() < 1_100_000 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, counted).await.unwrap();
        // There is no memory for another.
        wire.send(&compressed(2, "Blocking", &Metadata::new(), b"small"))
            .await;
        let reply = timeout(PATIENCE, wire.next()).await.unwrap();
        let metadata = reply.metadata();
        let rejected = metadata.get("__rpcx_rejected");
        assert_eq!((reply.header.seq, rejected), (2, Some("overloaded")));
        go_on.send(()).unwrap();
        assert_eq!(answer(&mut wire).await, b"1100000");
        let given_back = async {
            while budget.used() > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, given_back).await.unwrap();
    }
}

/// A handler whose caller has gone, or whose deadline has passed, before there was a thread for it does not run.
#[test]
fn what_waited_for_a_thread_for_too_long_does_not_run() {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(1).build();
    runtime.unwrap().block_on(async {
        let (service, watched_by) = (Lengths::default(), Watched::default());
        let server = start(with(&service, &watched_by)).await;
        let (go_on, gate) = mpsc::channel();
        *service.gate.lock().unwrap() = Some(gate);
        let (mut first, mut leaving) = (server.connect().await, server.connect().await);
        first.send(&request(1, "Blocking", b"")).await;
        while service.runs.load(Ordering::SeqCst) < 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let soon = Metadata::from_iter([("__ServerTimeout", "50")]);
        let header = Header::request(2, Codec::RAW);
        first.send(&frame_of(header, "Blocking", &soon, b"")).await;
        first.send(&compressed(3, "Blocking", &soon, b"late")).await;
        leaving.send(&request(1, "Blocking", b"")).await;
        let (none, gone) = (Metadata::new(), b"gone");
        leaving.send(&compressed(2, "Blocking", &none, gone)).await;
        leaving.send(&request(3, "Hold", b"")).await;
        let in_flight = |many| {
            let handle = &server.handle;
            async move {
                while handle.stats().calls_in_flight != many {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        };
        timeout(PATIENCE, in_flight(6)).await.unwrap();
        drop(leaving);
        let left = async {
            while service.dropped.load(Ordering::SeqCst) == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, left).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        go_on.send(()).unwrap();
        for (seq, rejected) in [(1, None), (2, Some("expired")), (3, Some("expired"))] {
            let reply = timeout(PATIENCE, first.next()).await.unwrap();
            let metadata = reply.metadata();
            let said = metadata.get("__rpcx_rejected");
            assert_eq!((reply.header.seq, said), (seq, rejected));
        }
        timeout(PATIENCE, in_flight(0)).await.unwrap();
        assert_eq!(service.runs.load(Ordering::SeqCst), 1);
        let stats = server.handle.stats();
        assert_eq!((stats.expired, stats.abandoned), (2, 3), "{stats:?}");
        assert!(watched_by.places.lock().unwrap().is_empty());
    });
}
