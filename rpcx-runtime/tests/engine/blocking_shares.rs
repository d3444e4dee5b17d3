//! Threads of `blocking` methods: what one address has of them, and what becomes of calls that wait for one in vain.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rpcx_runtime::{Channel, Limits, Server};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Barrier;
use tokio::time::timeout;

use crate::blocking::{CALLED, Control, answer, soon, waits, with_threads};
use crate::echo::Running;
use crate::networks::all_entrances;
use crate::wire::{PATIENCE, Wire, request};

/// So many of an address, whatever a connection may have.
fn of_an_address(most: usize) -> Limits {
    let mut limits = Limits::server();
    limits.address_blocking_calls = most;
    limits
}

/// A relay over TCP that comes to the server from another address of this machine.
#[cfg(target_os = "linux")]
async fn from_another_address(server: &str) -> String {
    let (network, server) = server.split_once('@').unwrap();
    let server: SocketAddr = server.parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("{network}@{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
            let mut there = socket.connect(server).await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut there).await;
            });
        }
    });
    address
}

#[cfg(target_os = "linux")]
#[test]
fn connections_of_one_address_leave_threads_to_another() {
    with_threads(8, async {
        for network in all_entrances().filter(|network| network.is_over_tcp()) {
            let control = Control::new(&CALLED);
            let server = control.start_limited(&network, of_an_address(4)).await;
            let other = from_another_address(&server.address).await;
            let mut many = Vec::new();
            for _ in 0..5 {
                let mut wire = Wire::from(network.dial(&server.address).await);
                wire.send(&waits(1..=10)).await;
                many.push(wire);
            }
            let stats = || server.handle.stats();
            soon("50 calls", || stats().calls_in_flight == 50).await;
            control.have_begun(4).await;
            let mut neighbour = Wire::from(network.dial(&other).await);
            neighbour.send(&request(1, "Quick", b"")).await;
            assert_eq!(answer(&mut neighbour).await, 1, "{}", network.label());
            assert_eq!(control.begun().len(), 4, "{}", network.label());
            assert_eq!((stats().crowded_blocking, stats().queued_blocking), (46, 0));
            control.open();
            for wire in &mut many {
                for _ in 1..=10 {
                    answer(wire).await;
                }
            }
            soon("their end", || stats().calls_in_flight == 0).await;
            server.handle.shutdown();
        }
    });
}

/// Also over UDP. Peers without an address have what their connections have.
#[test]
fn an_address_is_that_of_the_peer_on_every_network_that_has_one() {
    with_threads(16, async {
        for network in all_entrances() {
            let control = Control::new(&CALLED);
            let server = control.start_limited(&network, of_an_address(2)).await;
            let mut open = Vec::new();
            for number in 1..=5 {
                let mut wire = Wire::from(network.dial(&server.address).await);
                wire.send(&waits(number..=number)).await;
                open.push(wire);
            }
            let stats = || server.handle.stats();
            soon("5 calls", || stats().calls_in_flight == 5).await;
            let begin = if network.name == "unix" { 5 } else { 2 };
            control.have_begun(begin).await;
            let waiting = 5 - begin as u64;
            assert_eq!(stats().crowded_blocking, waiting, "{}", network.label());
            control.open();
            control.have_begun(5).await;
            server.handle.shutdown();
        }
    });
}

/// Its handlers cannot be interrupted: they count for its address when it has gone.
#[test]
fn a_peer_that_connects_again_has_no_more_threads() {
    with_threads(8, async {
        for network in all_entrances().filter(|network| network.name != "unix") {
            let control = Control::new(&CALLED);
            let server = control.start_limited(&network, of_an_address(2)).await;
            let mut first = Wire::from(network.dial(&server.address).await);
            first.send(&waits(1..=2)).await;
            control.have_begun(2).await;
            drop(first);
            let mut again = Wire::from(network.dial(&server.address).await);
            again.send(&waits(3..=4)).await;
            let crowded = || server.handle.stats().crowded_blocking;
            soon("those that wait", || crowded() == 2).await;
            assert_eq!(control.begun().len(), 2, "{}", network.label());
            control.open();
            control.have_begun(4).await;
            server.handle.shutdown();
        }
    });
}

/// The grace time is that of the server, and not of a thread that nothing can interrupt.
#[test]
fn a_server_ends_in_its_time_though_a_handler_blocks() {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    let control = Control::new(&CALLED);
    runtime.block_on(async {
        let network = all_entrances().next().unwrap();
        let server = control.builder(Limits::server());
        let server = server.shutdown_grace(Duration::from_millis(200));
        let server = network.start_beside(&network.free(), server).await;
        let mut wire = Wire::from(network.dial(&server.address).await);
        wire.send(&waits(1..=1)).await;
        control.have_begun(1).await;
        server.handle.shutdown();
        let ended = timeout(PATIENCE, server.task).await;
        ended.expect("it waits for the handler").unwrap().unwrap();
        drop(wire);
    });
    // It does not wait for the thread, which is at the gate yet.
    runtime.shutdown_background();
    assert!(!control.is_open());
}

#[rpcx::service]
trait Nested {
    #[rpcx(blocking)]
    async fn outer(&self) -> rpcx::Result<()>;
    #[rpcx(blocking)]
    async fn inner(&self) -> rpcx::Result<()>;
}

struct Nesting {
    /// Until all threads are taken.
    taken: Arc<Barrier>,
    itself: Arc<OnceLock<NestedClient>>,
}

impl Nested for Nesting {
    async fn outer(&self) -> rpcx::Result<()> {
        self.taken.wait().await;
        self.itself.get().unwrap().inner().await
    }

    async fn inner(&self) -> rpcx::Result<()> {
        Ok(())
    }
}

/// Two calls that have all threads, and wait for others that would need one.
async fn nested(limits: Limits, over_another_connection: bool) {
    let itself = Arc::new(OnceLock::new());
    let server = Server::builder()
        .register(NestedServer::new(Nesting {
            taken: Arc::new(Barrier::new(2)),
            itself: Arc::clone(&itself),
        }))
        .limits(limits)
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    let running = Running {
        address: address.clone(),
        handle: server.handle(),
        echo: crate::echo::Echo::default(),
        task: tokio::spawn(server.serve()),
    };
    let client = NestedClient::new(Channel::connect(&address).await.unwrap());
    let inside = match over_another_connection {
        true => NestedClient::new(Channel::connect(&address).await.unwrap()),
        false => client.clone(),
    };
    assert!(itself.set(inside).is_ok());
    let both = async { tokio::join!(client.outer(), client.outer()) };
    let (one, other) = timeout(PATIENCE, both).await.expect("they hang");
    let error = one
        .err()
        .or_else(|| other.err())
        .expect("both have a thread");
    assert!(error.message().contains("blocking_wait"), "{error}");
    assert!(running.handle.stats().stalled_blocking > 0);
    // The threads are free again.
    client.inner().await.unwrap();
}

#[tokio::test]
async fn methods_that_wait_for_threads_which_they_have_themselves_end_with_an_error() {
    let mut limits = Limits::server();
    limits.blocking_wait = Duration::from_millis(200);
    limits.blocking_calls = 2;
    nested(limits.clone(), false).await;
    limits.blocking_calls = 100;
    limits.address_blocking_calls = 2;
    nested(limits, true).await;
}
