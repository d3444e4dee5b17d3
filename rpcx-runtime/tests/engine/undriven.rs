//! Calls over a connection whose runtime does not run: its deadline is the caller's matter.

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use rpcx_runtime::{ErrorKind, InProcess, Limits, Result};
use tokio::runtime::Runtime;

use crate::echo::{Echo, EchoClient};
use crate::networks::{Network, every_network};

const DEADLINE: Duration = Duration::from_millis(200);

/// For a machine that is busy; without a deadline a call would wait for ever.
const LONG: Duration = Duration::from_secs(20);

fn runtime() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap()
}

/// Waits for a future where there is no runtime at all.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut future = pin!(future);
    let began = Instant::now();
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        assert!(began.elapsed() < LONG, "it does not end");
        thread::park_timeout(LONG);
    }
}

fn is_late(call: Result<Vec<u8>>, began: Instant, name: &str) {
    let (error, took) = (call.unwrap_err(), began.elapsed());
    let kinds = [ErrorKind::Unknown, ErrorKind::NotSent];
    assert!(kinds.contains(&error.kind()), "{name}: {error}");
    assert!(
        error.message().contains("the deadline passed"),
        "{name}: {error}"
    );
    assert!(took >= DEADLINE && took < LONG, "{name}: {took:?}");
}

/// Calls from a runtime and from none, many at once, and again after that.
fn call(client: &EchoClient, name: &str) {
    let call = || client.hold().timeout(DEADLINE).attempts(1).into_future();
    for _ in 0..2 {
        let began = Instant::now();
        is_late(block_on(call()), began, name);
        let began = Instant::now();
        is_late(runtime().block_on(call()), began, name);
    }
    let began = Instant::now();
    runtime().block_on(async {
        let calls: Vec<_> = (0..500).map(|_| tokio::spawn(call())).collect();
        for call in calls {
            is_late(call.await.unwrap(), began, name);
        }
    });
}

fn over(network: &Network) {
    let serving = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = serving.block_on(network.start(Limits::server()));
    let connecting = runtime();
    let client = connecting.block_on(async {
        let client = network.connect(&server.address).await;
        client.echo(b"x").await.unwrap();
        client
    });
    // From here on it is not driven.
    call(&client, network.name);
    // It goes on where it was.
    let reply = connecting.block_on(client.echo(b"y").into_future());
    assert_eq!(reply.unwrap(), b"y", "{}", network.name);
    assert_eq!(server.handle.stats().panics, 0);
    serving.shutdown_background();
}

#[test]
fn a_deadline_holds_though_nothing_drives_the_connection() {
    thread::scope(|scope| {
        for network in every_network() {
            scope.spawn(move || over(&network));
        }
    });
}

/// The only thread of the connection's runtime computes.
#[test]
fn a_deadline_holds_though_the_connections_runtime_is_busy() {
    let network = every_network().next().unwrap();
    let serving = runtime();
    let server = serving.block_on(network.start(Limits::server()));
    thread::spawn(move || serving.block_on(server.task));
    let (send, clients) = std::sync::mpsc::channel();
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let address = server.address;
    let connecting = thread::spawn(move || {
        runtime().block_on(async {
            let client = network.connect(&address).await;
            send.send(client).unwrap();
            let _ = is_done.recv();
        });
    });
    let client = clients.recv().unwrap();
    call(&client, "busy");
    drop(done);
    connecting.join().unwrap();
    // Its runtime is gone now, and the next call has another connection.
    let reply = runtime().block_on(client.echo(b"z").timeout(LONG).into_future());
    assert_eq!(reply.unwrap(), b"z");
}

/// A clock that is paused is not overtaken by the one on the wall.
#[tokio::test(start_paused = true)]
async fn a_paused_clock_has_its_own_deadlines() {
    let client = EchoClient::new(InProcess::new(Echo::default()));
    let call = client.wait(150).timeout(DEADLINE);
    let slow = async {
        for _ in 0..4 {
            tokio::task::yield_now().await;
            thread::sleep(DEADLINE);
        }
    };
    let (reply, ()) = tokio::join!(call, slow);
    assert_eq!(reply.unwrap(), b"150");
}
