//! More handshakes at once than there are places. Time is paused: it goes on when all tasks wait.

use std::future::IntoFuture;
use std::io;
use std::time::Duration;

use rpcx_runtime::transport::{Address, BoxFuture, Closing, Connect, Incoming, Listen, Stream};
use rpcx_runtime::{Channel, Limits, Server, ServerHandle};
use tokio::io::{DuplexStream, duplex, split};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::echo::{Echo, EchoClient};

/// Two round trips of 100 ms.
const HANDSHAKE: Duration = Duration::from_millis(200);

const PLACES: usize = 32;

/// A network on which a handshake takes its time, or never ends.
#[derive(Clone)]
struct Distant {
    queue: Sender<(DuplexStream, bool)>,
    silent: bool,
}

impl Connect for Distant {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async {
            let (ours, theirs) = duplex(1 << 16);
            let gone = |_| io::Error::from(io::ErrorKind::ConnectionRefused);
            self.queue.send((theirs, self.silent)).await.map_err(gone)?;
            Ok(stream(ours))
        })
    }
}

struct Queue(Receiver<(DuplexStream, bool)>);

impl Listen for Queue {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        Box::pin(async {
            match self.0.recv().await {
                Some((end, silent)) => Ok(negotiating(end, silent)),
                None => std::future::pending().await,
            }
        })
    }

    fn address(&self) -> Address {
        Address::custom("distant", "server")
    }

    fn close(mut self: Box<Self>) -> Closing {
        self.0.close();
        let waiting = std::iter::from_fn(|| self.0.try_recv().ok());
        Closing::waiting(
            waiting
                .map(|(end, silent)| negotiating(end, silent))
                .collect(),
        )
    }
}

fn negotiating(end: DuplexStream, silent: bool) -> Incoming {
    Incoming::negotiating(async move {
        match silent {
            true => std::future::pending().await,
            false => sleep(HANDSHAKE).await,
        }
        Ok(stream(end))
    })
}

fn stream(end: DuplexStream) -> Stream {
    let (reader, writer) = split(end);
    Stream::new(reader, writer, Address::custom("distant", "server"))
}

async fn server() -> (Server, ServerHandle, Distant) {
    server_with(Duration::from_secs(30)).await
}

async fn server_with(grace: Duration) -> (Server, ServerHandle, Distant) {
    let (queue, ends) = channel(1024);
    let mut limits = Limits::server();
    limits.handshakes = PLACES;
    let server = Server::builder()
        .limits(limits)
        .shutdown_grace(grace)
        .register(Echo::default())
        .listener(Queue(ends));
    let server = server.bind().await.unwrap();
    let handle = server.handle();
    let silent = false;
    (server, handle, Distant { queue, silent })
}

async fn client(network: &Distant) -> EchoClient {
    let builder = Channel::builder().connector("distant@server", network.clone());
    EchoClient::new(builder.build().await.unwrap())
}

/// Connects and calls this often, all at once.
async fn calls(network: &Distant, many: usize) -> Vec<JoinHandle<rpcx_runtime::Result<Vec<u8>>>> {
    let mut calls = Vec::with_capacity(many);
    for _ in 0..many {
        let client = client(network).await;
        calls.push(tokio::spawn(client.echo(b"x").into_future()));
    }
    calls
}

#[tokio::test(start_paused = true)]
async fn handshakes_that_make_progress_are_not_given_up_for_newer_ones() {
    let (server, handle, network) = server().await;
    tokio::spawn(server.serve());
    for call in calls(&network, 600).await {
        assert_eq!(call.await.unwrap().unwrap(), b"x");
    }
    let stats = handle.stats();
    assert_eq!((stats.connections, stats.crowded_handshakes), (600, 0));
}

#[tokio::test(start_paused = true)]
async fn silent_peers_keep_others_out_for_a_short_time_only() {
    let (server, handle, network) = server().await;
    tokio::spawn(server.serve());
    let flood = Distant {
        silent: true,
        ..network.clone()
    };
    let mut silent = Vec::new();
    for _ in 0..2 * PLACES {
        silent.push(flood.connect().await.unwrap());
    }
    let began = Instant::now();
    assert_eq!(client(&network).await.echo(b"x").await.unwrap(), b"x");
    // Two generations of the flood, none of which has answered.
    let took = began.elapsed();
    assert!(took < Duration::from_millis(900), "{took:?}");
    let stats = handle.stats();
    let counted = (
        stats.connections,
        stats.crowded_handshakes,
        stats.slow_handshakes,
    );
    assert_eq!(counted, (1, PLACES as u64 + 1, 0));
}

/// Handshakes of two round trips, of which one peer in two never begins the second: those that answer first go first.
#[tokio::test(start_paused = true)]
async fn peers_that_answer_are_not_given_up_for_those_that_do_not() {
    let (server, handle, network) = server().await;
    tokio::spawn(server.serve());
    let flood = Distant {
        silent: true,
        ..network.clone()
    };
    // 600 a second, and one honest peer in ten.
    let mut silent = Vec::new();
    let mut calls = Vec::new();
    for at in 0..600 {
        silent.push(flood.connect().await.unwrap());
        if at % 10 == 0 {
            let call = client(&network).await;
            let began = Instant::now();
            calls.push(tokio::spawn(async move {
                let reply = call.echo(b"x").await;
                (reply, began.elapsed())
            }));
        }
        sleep(Duration::from_micros(1666)).await;
    }
    for call in calls {
        let (reply, took) = call.await.unwrap();
        assert_eq!(reply.unwrap(), b"x");
        // Twenty times more peers than places have half a second each at most.
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
    let stats = handle.stats();
    assert_eq!(stats.connections, 60, "{stats:?}");
}

#[tokio::test(start_paused = true)]
async fn all_that_wait_when_the_server_stops_get_through_their_handshakes() {
    let (server, handle, network) = server().await;
    let calls = calls(&network, 400).await;
    handle.shutdown();
    server.serve().await.unwrap();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), b"x");
    }
    assert_eq!(handle.stats().crowded_handshakes, 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_for_a_place_when_the_server_stops_is_not_lost() {
    let (server, handle, network) = server().await;
    let serving = tokio::spawn(server.serve());
    let calls = calls(&network, PLACES + 2).await;
    // All places are taken; one is accepted and waits, another is in the queue.
    sleep(HANDSHAKE / 2).await;
    assert_eq!(handle.stats().connections, 0);
    handle.shutdown();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), b"x");
    }
    serving.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn handshakes_under_way_do_not_lengthen_the_grace_time() {
    let grace = Duration::from_millis(500);
    let (server, handle, network) = server_with(grace).await;
    let flood = Distant {
        silent: true,
        ..network.clone()
    };
    let mut silent = Vec::new();
    for _ in 0..4 * PLACES {
        silent.push(flood.connect().await.unwrap());
    }
    let serving = tokio::spawn(server.serve());
    sleep(HANDSHAKE).await;
    let began = Instant::now();
    handle.shutdown();
    serving.await.unwrap().unwrap();
    // To the millisecond of the clock.
    let took = began.elapsed();
    assert!(took <= grace + Duration::from_millis(2), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn open_connections_do_not_wait_for_handshakes_before_they_drain() {
    let (server, handle, network) = server().await;
    let serving = tokio::spawn(server.serve());
    let client = client(&network).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    let flood = Distant {
        silent: true,
        ..network.clone()
    };
    let _silent = flood.connect().await.unwrap();
    sleep(HANDSHAKE).await;
    handle.shutdown();
    sleep(Duration::from_millis(500)).await;
    assert_eq!(
        handle.stats().open_connections,
        0,
        "the client was asked to go"
    );
    assert!(!serving.is_finished(), "a handshake has its last second");
    serving.await.unwrap().unwrap();
}
