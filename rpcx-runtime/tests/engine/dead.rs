//! Servers that are gone without a word, and come back.

use std::future::IntoFuture;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rpcx_runtime::transport::{Address, BoxFuture, Connect, Stream};
use rpcx_runtime::{Channel, ErrorKind, Event, Limits};
use tokio::io::{AsyncReadExt, DuplexStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::echo::EchoClient;
use crate::networks::{Network, every_network};

/// A server in a thread and a runtime of its own, so that it can end without a goodbye.
struct Apart {
    address: String,
    runs: Arc<AtomicUsize>,
    end: Option<oneshot::Sender<End>>,
    /// Dropped at the end of the test: a server that is frozen keeps its sockets until then.
    over: Option<mpsc::Sender<()>>,
    stopped: mpsc::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It runs no more, and the system keeps its sockets open.
    Freeze,
    /// Its process ends.
    Kill,
}

impl Apart {
    fn start(network: Arc<Network>, address: Option<String>) -> Self {
        let (end, ended) = oneshot::channel();
        let (over, is_over) = mpsc::channel::<()>();
        let (bound, is_bound) = mpsc::channel();
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let end = runtime.block_on(async {
                let running = match &address {
                    Some(address) => network.start_at(address, Limits::server()).await,
                    None => network.start(Limits::server()).await,
                };
                bound.send((running.address, running.echo.runs)).unwrap();
                ended.await.unwrap_or(End::Kill)
            });
            let _ = stop.send(());
            if end == End::Freeze {
                let _ = is_over.recv();
            }
            runtime.shutdown_background();
        });
        let (address, runs) = is_bound.recv().unwrap();
        Self {
            address,
            runs,
            end: Some(end),
            over: Some(over),
            stopped,
            thread: Some(thread),
        }
    }

    /// How many handlers have run.
    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    /// Returns when it runs no more.
    fn freeze(&mut self) {
        self.end.take().unwrap().send(End::Freeze).unwrap();
        self.stopped.recv().unwrap();
    }

    /// Returns when its sockets are closed.
    fn kill(mut self) {
        self.end.take().unwrap().send(End::Kill).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.end = None;
        self.over = None;
    }
}

async fn call_a_server_that_freezes(network: Arc<Network>) {
    let name = network.name;
    let mut server = Apart::start(Arc::clone(&network), None);
    let client = network.connect(&server.address).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x", "{name}");
    server.freeze();
    let began = Instant::now();
    let error = client.echo(b"y").await.unwrap_err();
    let took = began.elapsed();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{name}: {error}");
    // A second for a machine that is busy.
    assert!(took < Duration::from_secs(11), "{name}: {took:?}");
    assert!(took > Duration::from_secs(5), "{name}: {took:?}, {error}");
}

async fn call_a_handler_that_takes_long(network: Arc<Network>) {
    let server = network.start(Limits::server()).await;
    let client = network.connect(&server.address).await;
    let reply = client.wait(12_500).await;
    assert_eq!(reply.unwrap(), b"12500", "{}", network.name);
    assert_eq!(server.handle.stats().connections, 1);
}

/// With the defaults a dead server is noticed within 10 s when calls wait, on every network; and one that
/// is alive is not, however long its handlers take.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_server_is_noticed_when_calls_wait() {
    let mut calls = JoinSet::new();
    for network in every_network().map(Arc::new) {
        calls.spawn(call_a_server_that_freezes(Arc::clone(&network)));
        calls.spawn(call_a_handler_that_takes_long(network));
    }
    calls.join_all().await;
}

/// Calls that their deadlines end are a reason to ask too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_server_is_noticed_when_calls_time_out() {
    let network = every_network().next().map(Arc::new).unwrap();
    let mut server = Apart::start(Arc::clone(&network), None);
    let (lost, mut is_lost) = tokio::sync::watch::channel(false);
    let channel = network.channel(&server.address);
    let channel = channel
        .dead_after(Duration::from_millis(800))
        .on_event(move |event| {
            if matches!(event, Event::ConnectionLost { .. }) {
                lost.send_replace(true);
            }
        });
    let client = EchoClient::new(channel.build().await.unwrap());
    client.echo(b"x").await.unwrap();
    server.freeze();
    let call = client.echo(b"y").timeout(Duration::from_millis(20));
    assert!(call.await.is_err());
    // No call waits now, and yet the next one finds another connection.
    let lost = is_lost.wait_for(|lost| *lost);
    tokio::time::timeout(Duration::from_secs(10), lost)
        .await
        .unwrap()
        .unwrap();
}

/// The way to one stream.
struct One(Mutex<Option<DuplexStream>>);

impl Connect for One {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async {
            let near = self.0.lock().unwrap().take();
            let (reader, writer) = tokio::io::split(near.ok_or(io::ErrorKind::NotConnected)?);
            Ok(Stream::new(reader, writer, Address::custom("one", "peer")))
        })
    }
}

/// A long request that the server takes slowly is no silence.
#[tokio::test]
async fn a_server_that_takes_its_time_to_read_is_alive() {
    let (near, mut far) = tokio::io::duplex(64);
    let peer = tokio::spawn(async move {
        let mut piece = [0; 64];
        let mut read = 0;
        while read < 64 * 60 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            read += far.read(&mut piece).await.unwrap();
        }
    });
    let channel = Channel::builder()
        .connector("one", One(Mutex::new(Some(near))))
        .dead_after(Duration::from_millis(200));
    let client = EchoClient::new(channel.build().await.unwrap());
    let payload = vec![1; 64 * 200];
    let call = tokio::spawn(client.echo(&payload).into_future());
    peer.await.unwrap();
    // The peer has taken it for more than a second, and has ended then.
    let error = call.await.unwrap().unwrap_err();
    assert!(!error.message().contains("heartbeat"), "{error}");
}

/// A server that is killed and comes back at once is there again for the calls after that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_and_is_back_is_reached_at_once() {
    for network in every_network().map(Arc::new) {
        let name = network.name;
        let server = Apart::start(Arc::clone(&network), None);
        let address = server.address.clone();
        let client = network.connect(&address).await;
        for _ in 0..3 {
            client.echo(b"x").await.unwrap();
        }
        server.kill();
        let _server = Apart::start(Arc::clone(&network), Some(address));
        let began = Instant::now();
        let mut outcomes = Vec::new();
        while let Err(error) = client.echo(b"y").await {
            outcomes.push(error.to_string());
            assert!(outcomes.len() < 100, "{name}: {outcomes:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let took = began.elapsed();
        // Before anything is asked because of silence.
        let most = Duration::from_millis(3500);
        assert!(took < most, "{name}: {took:?}, {outcomes:?}");
    }
}

/// Calls that waited in the socket while the server did not run, and whose callers have given up meanwhile, do
/// not run when it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_were_given_up_while_the_server_stood_still_do_not_run() {
    let network = every_network().next().map(Arc::new).unwrap();
    let server = Apart::start(Arc::clone(&network), None);
    let client = network.connect(&server.address).await;
    client.echo(b"x").await.unwrap();
    let other = network.connect(&server.address).await;
    other.echo(b"x").await.unwrap();
    // The clock has to have ticked.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    // It has one thread, which computes for four seconds and serves no other connection.
    let computing = tokio::spawn(client.work(4_000_000).into_future());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let given_up: Vec<_> = (0..20)
        .map(|_| other.later(0).timeout(Duration::from_secs(1)).into_future())
        .chain([other
            .echo(b"x")
            .timeout(Duration::from_secs(1))
            .into_future()])
        .map(tokio::spawn)
        .collect();
    computing.await.unwrap().unwrap();
    for call in given_up {
        let _ = call.await.unwrap();
    }
    // One that is new has all its time.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    other
        .echo(b"y")
        .timeout(Duration::from_secs(1))
        .await
        .unwrap();
    assert_eq!(
        server.runs(),
        4,
        "two before, the one that took long, and the last"
    );
}
