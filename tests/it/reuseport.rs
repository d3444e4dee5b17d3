//! Servers that share a port, and hand it over to each other under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rpcx::transport::tls::{ClientTls, Tls};
use rpcx::{Channel, Server, ServerHandle};
use tokio::task::JoinHandle;

use crate::certificates::Authority;

const RESTARTS: usize = 10;
const CALLERS: usize = 16;
const CHANNELS: usize = 4;

#[rpcx::service]
trait Worker {
    async fn work(&self) -> rpcx::Result<()>;
}

/// Counts what it has run.
struct Ledger(Arc<AtomicU64>);

impl Worker for Ledger {
    async fn work(&self) -> rpcx::Result<()> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(3)).await;
        Ok(())
    }
}

struct Running {
    address: String,
    handle: ServerHandle,
    serving: JoinHandle<rpcx::Result<()>>,
}

impl Running {
    async fn start(address: &str, ledger: &Arc<AtomicU64>, tls: Option<&Tls>) -> Self {
        let mut builder = Server::builder()
            .register(WorkerServer::new(Ledger(Arc::clone(ledger))))
            .listen(address);
        if let Some(tls) = tls {
            builder = builder.tls(tls.clone());
        }
        let server = builder.bind().await.unwrap();
        Self {
            address: server.addresses()[0].to_string(),
            handle: server.handle(),
            serving: tokio::spawn(server.serve()),
        }
    }

    async fn stop(self) {
        self.handle.shutdown();
        let ended = tokio::time::timeout(Duration::from_secs(20), self.serving).await;
        ended.expect("it ends under load").unwrap().unwrap();
    }
}

/// The name under which others listen on the port of a server.
fn shared(address: &str) -> String {
    address.replacen("tcp@", "reuseport@", 1)
}

#[tokio::test]
async fn several_servers_on_one_port() {
    for literal in ["127.0.0.1", "[::1]"] {
        let ledgers: Vec<_> = (0..3).map(|_| Arc::<AtomicU64>::default()).collect();
        let first = Running::start(&format!("reuseport@{literal}:0"), &ledgers[0], None).await;
        assert!(first.address.starts_with(&format!("tcp@{literal}:")));
        let mut all = Vec::new();
        for ledger in &ledgers[1..] {
            all.push(Running::start(&shared(&first.address), ledger, None).await);
            assert_eq!(all[0].address, first.address);
        }
        for _ in 0..60 {
            let channel = Channel::connect(&first.address).await.unwrap();
            WorkerClient::new(channel).work().await.unwrap();
        }
        let runs: Vec<_> = ledgers
            .iter()
            .map(|ledger| ledger.load(Ordering::SeqCst))
            .collect();
        assert_eq!(runs.iter().sum::<u64>(), 60);
        #[cfg(target_os = "linux")]
        assert!(runs.iter().all(|runs| *runs > 0), "{runs:?}");
        all.push(first);
        for server in all {
            server.stop().await;
        }
    }
}

/// A listener for each core: one of them that accepted nothing would leave its share of the connections waiting.
#[tokio::test]
async fn several_listeners_of_one_server() {
    let (others, ledger) = (Arc::default(), Arc::<AtomicU64>::default());
    let first = Running::start("reuseport@127.0.0.1:0", &others, None).await;
    let mut builder = Server::builder().register(WorkerServer::new(Ledger(Arc::clone(&ledger))));
    for _ in 0..4 {
        builder = builder.listen(shared(&first.address));
    }
    let server = builder.bind().await.unwrap();
    let addresses = server.addresses();
    assert_eq!(addresses.len(), 4);
    assert!(addresses.iter().all(|one| one.to_string() == first.address));
    let server = Running {
        address: first.address.clone(),
        handle: server.handle(),
        serving: tokio::spawn(server.serve()),
    };
    first.stop().await;
    for _ in 0..60 {
        let channel = Channel::connect(&server.address).await.unwrap();
        WorkerClient::new(channel).work().await.unwrap();
    }
    assert_eq!(ledger.load(Ordering::SeqCst), 60);
    server.stop().await;
}

#[tokio::test]
async fn a_port_that_is_not_shared_is_in_use() {
    let ledger = Arc::default();
    let server = Running::start("tcp@127.0.0.1:0", &ledger, None).await;
    let builder = Server::builder().register(WorkerServer::new(Ledger(ledger)));
    let error = builder.listen(shared(&server.address)).bind().await;
    let error = error.unwrap_err();
    assert!(
        error.message().contains(&shared(&server.address)),
        "{error}"
    );
    let error = Channel::connect(&shared(&server.address))
        .await
        .unwrap_err();
    assert!(error.message().contains(&server.address), "{error}");
}

/// A connection that takes the place of one to a server that leaves may come to its listener at the last moment, as in
/// [`call_anew`]. A call that has run and lost its reply would run twice, which the ledger shows.
async fn call(worker: WorkerClient, done: Arc<AtomicBool>) -> u64 {
    let mut calls = 0;
    while !done.load(Ordering::SeqCst) {
        worker.work().idempotent().await.unwrap();
        calls += 1;
    }
    calls
}

/// Ten servers take over from each other; each call runs once, and none fails.
async fn restarts(tls: Option<(Tls, ClientTls)>) {
    let (ledger, done) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
    let (server_tls, client_tls) = tls.unzip();
    let start = async |address: &str| Running::start(address, &ledger, server_tls.as_ref()).await;
    let mut old = start("reuseport@127.0.0.1:0").await;
    let address = old.address.clone();
    let mut callers = Vec::new();
    for _ in 0..CHANNELS {
        let mut builder = Channel::builder().address(&address);
        if let Some(tls) = &client_tls {
            builder = builder.tls(tls.clone());
        }
        let worker = WorkerClient::new(builder.build().await.unwrap());
        for _ in 0..CALLERS / CHANNELS {
            callers.push(tokio::spawn(call(worker.clone(), Arc::clone(&done))));
        }
    }
    for _ in 0..RESTARTS {
        let before = ledger.load(Ordering::SeqCst);
        while ledger.load(Ordering::SeqCst) < before + 100 {
            assert!(callers.iter().all(|caller| !caller.is_finished()));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let new = start(&shared(&address)).await;
        old.stop().await;
        old = new;
    }
    done.store(true, Ordering::SeqCst);
    let mut calls = 0;
    for caller in callers {
        calls += caller.await.expect("a call failed");
    }
    assert_eq!(ledger.load(Ordering::SeqCst), calls);
    old.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_restarts_under_load_lose_no_call() {
    restarts(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_restarts_under_load_lose_no_call_with_tls() {
    let authority = Authority::new().unwrap();
    let own = authority.issue(&["127.0.0.1"]).unwrap();
    let tls = Tls::from_pem(own.pem.as_bytes(), own.key.as_bytes()).unwrap();
    let client = ClientTls::roots_pem(authority.pem.as_bytes()).unwrap();
    restarts(Some((tls, client))).await;
}

/// A connection of its own for each call: many wait in the queue of a listener that closes. The
/// system resets a connection that comes between its last look and its end, perhaps after the
/// call was sent; that one has not run, so it is made again, and the ledger still holds.
async fn call_anew(address: String, done: Arc<AtomicBool>) -> u64 {
    let mut calls = 0;
    while !done.load(Ordering::SeqCst) {
        let channel = Channel::connect(&address).await.unwrap();
        let worker = WorkerClient::new(channel);
        worker.work().idempotent().await.unwrap();
        calls += 1;
    }
    calls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_during_a_restart_are_served() {
    let (ledger, done) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
    let mut old = Running::start("reuseport@127.0.0.1:0", &ledger, None).await;
    let address = old.address.clone();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| tokio::spawn(call_anew(address.clone(), Arc::clone(&done))))
        .collect();
    for _ in 0..RESTARTS {
        let new = Running::start(&shared(&address), &ledger, None).await;
        old.stop().await;
        old = new;
    }
    done.store(true, Ordering::SeqCst);
    let mut calls = 0;
    for caller in callers {
        calls += caller.await.expect("a call failed");
    }
    assert_eq!(ledger.load(Ordering::SeqCst), calls);
    old.stop().await;
}
