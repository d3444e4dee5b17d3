//! Calls of `blocking` methods: one connection does not have the threads of all. The threads wait at a gate, and what
//! is asserted is which calls have begun.

use std::future::Future;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use rpcx_runtime::protocol::{Codec, Header, Metadata};
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::service::{
    CallSlot, Execution, MethodInfo, MethodRef, Request, Service, ServiceInfo, ServiceRef,
};
use rpcx_runtime::{Limits, Result, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::echo::{EchoClient, Running};
use crate::networks::{Network, all_entrances};
use crate::wire::{PATIENCE, Wire, error_of, frame_of, request};

static WAIT: MethodInfo = MethodInfo::new(0, "Wait").execution(Execution::Blocking);
static QUICK: MethodInfo = MethodInfo::new(1, "Quick").execution(Execution::Blocking);
/// `Echo`, because that is the service of the frames in `wire.rs`.
pub(crate) static CALLED: ServiceInfo = ServiceInfo::new("Echo", &[&WAIT, &QUICK]);

static NOTE: MethodInfo = MethodInfo::new(0, "Note")
    .execution(Execution::Blocking)
    .oneway();
static PUSHED: ServiceInfo = ServiceInfo::new("Echo", &[&NOTE]);

/// Closed until the test opens it, or ends.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
    /// The first bytes of the payloads of those that have come to it.
    begun: Mutex<Vec<u8>>,
}

impl Gate {
    fn pass(&self, who: u8) {
        self.begun.lock().unwrap().push(who);
        let open = self.open.lock().unwrap();
        let passed = self
            .opened
            .wait_timeout_while(open, PATIENCE, |open| !*open);
        drop(passed);
    }
}

/// The first method waits at the gate.
#[derive(Clone)]
pub(crate) struct Gated {
    info: &'static ServiceInfo,
    gate: Arc<Gate>,
}

impl Service for Gated {
    fn info(&self) -> ServiceRef {
        self.info.into()
    }

    fn find(&self, name: &[u8]) -> Option<MethodRef> {
        self.info()
            .methods()
            .find(|method| method.name().as_bytes() == name)
    }

    fn call(&self, method: u32, request: Request, slot: &mut CallSlot<'_>) {
        let gate = Arc::clone(&self.gate);
        let run = async move {
            if method == 0 {
                gate.pass(request.payload()[0]);
            }
        };
        slot.run(run, |(), reply| {
            reply.payload(|_, out| {
                out.extend_from_slice(b"1");
                Ok(())
            });
        });
    }
}

/// The gate in the hands of the test.
pub(crate) struct Control(Gated);

impl Control {
    pub(crate) fn new(info: &'static ServiceInfo) -> Self {
        Self(Gated {
            info,
            gate: Arc::default(),
        })
    }

    fn server(&self, blocking_calls: usize) -> ServerBuilder {
        let mut limits = Limits::server();
        limits.blocking_calls = blocking_calls;
        self.builder(limits)
    }

    pub(crate) fn builder(&self, limits: Limits) -> ServerBuilder {
        Server::builder().register(self.0.clone()).limits(limits)
    }

    async fn start(&self, network: &Network, blocking_calls: usize) -> Running {
        let server = self.server(blocking_calls);
        network.start_beside(&network.free(), server).await
    }

    pub(crate) async fn start_limited(&self, network: &Network, limits: Limits) -> Running {
        let server = self.builder(limits);
        network.start_beside(&network.free(), server).await
    }

    pub(crate) fn begun(&self) -> Vec<u8> {
        self.0.gate.begun.lock().unwrap().clone()
    }

    pub(crate) async fn have_begun(&self, many: usize) {
        soon("calls that begin", || self.begun().len() == many).await;
    }

    pub(crate) fn is_open(&self) -> bool {
        *self.0.gate.open.lock().unwrap()
    }

    pub(crate) fn open(&self) {
        *self.0.gate.open.lock().unwrap() = true;
        self.0.gate.opened.notify_all();
    }
}

/// A test that fails does not wait for its threads.
impl Drop for Control {
    fn drop(&mut self) {
        self.open();
    }
}

pub(crate) async fn soon(what: &str, mut condition: impl FnMut() -> bool) {
    let came = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let came = timeout(PATIENCE, came).await;
    came.unwrap_or_else(|_| panic!("{what}"));
}

/// With so many threads that may block.
pub(crate) fn with_threads(threads: usize, test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(threads).build();
    runtime.unwrap().block_on(test);
}

/// Requests with these numbers, which are their payloads too.
pub(crate) fn waits(numbers: impl Iterator<Item = u8>) -> Vec<u8> {
    numbers
        .flat_map(|seq| request(u64::from(seq), "Wait", &[seq]))
        .collect()
}

/// The number of the next reply, which is no error.
pub(crate) async fn answer(wire: &mut Wire) -> u64 {
    let reply = timeout(PATIENCE, wire.next()).await.unwrap();
    assert_eq!(error_of(&reply), "");
    reply.header.seq
}

#[test]
fn a_neighbour_has_a_thread_while_one_connection_waits_for_more_than_there_are() {
    with_threads(8, async {
        for network in all_entrances() {
            let control = Control::new(&CALLED);
            let server = control.start(&network, 4).await;
            let mut many = Wire::from(network.dial(&server.address).await);
            let mut neighbour = Wire::from(network.dial(&server.address).await);
            many.send(&waits(1..=50)).await;
            let stats = || server.handle.stats();
            soon("50 calls", || stats().calls_in_flight == 50).await;
            control.have_begun(4).await;
            neighbour.send(&request(1, "Quick", b"")).await;
            assert_eq!(answer(&mut neighbour).await, 1, "{}", network.label());
            assert_eq!(control.begun().len(), 4, "{}", network.label());
            assert_eq!(stats().queued_blocking, 46);
            control.open();
            let mut answered = Vec::new();
            for _ in 1..=50 {
                answered.push(answer(&mut many).await);
            }
            answered.sort_unstable();
            assert!(answered.into_iter().eq(1..=50), "{}", network.label());
            soon("their end", || stats().calls_in_flight == 0).await;
            server.handle.shutdown();
        }
    });
}

async fn leave_or_give_up_without_a_place(network: Network) {
    let control = Control::new(&CALLED);
    let server = control.start(&network, 1).await;
    let mut leaving = Wire::from(network.dial(&server.address).await);
    let mut staying = Wire::from(network.dial(&server.address).await);
    let stats = || server.handle.stats();
    leaving.send(&waits(1..=4)).await;
    soon("three that wait", || stats().queued_blocking == 3).await;
    staying.send(&waits(1..=1)).await;
    control.have_begun(2).await;
    // It is told so while nothing else ends.
    let soon_over = Metadata::from_iter([("__ServerTimeout", "50")]);
    let header = Header::request(2, Codec::RAW);
    let late = frame_of(header, "Wait", &soon_over, b"late");
    staying.send(&late).await;
    let reply = timeout(PATIENCE, staying.next()).await.unwrap();
    let metadata = reply.metadata();
    let rejected = metadata.get("__rpcx_rejected");
    assert_eq!((reply.header.seq, rejected), (2, Some("expired")));
    drop(leaving);
    soon("those that have threads", || stats().calls_in_flight == 2).await;
    assert_eq!((stats().abandoned, stats().expired), (3, 1));
    control.open();
    assert_eq!(answer(&mut staying).await, 1, "{}", network.label());
    soon("their end", || stats().calls_in_flight == 0).await;
    assert_eq!(control.begun(), [1, 1], "{}", network.label());
    server.handle.shutdown();
}

#[test]
fn what_has_no_place_yet_does_not_begin_when_its_caller_leaves_or_gives_up() {
    thread::scope(|scope| {
        for network in all_entrances() {
            scope.spawn(move || with_threads(8, leave_or_give_up_without_a_place(network)));
        }
    });
}

/// None at once is one at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_waits_for_a_place_begins_in_the_order_in_which_it_came() {
    let network = all_entrances().next().unwrap();
    let control = Control::new(&CALLED);
    let server = control.start(&network, 0).await;
    let mut wire = Wire::from(network.dial(&server.address).await);
    wire.send(&waits(1..=200)).await;
    let stats = || server.handle.stats();
    soon("199 that wait", || stats().queued_blocking == 199).await;
    control.have_begun(1).await;
    control.open();
    for _ in 1..=200 {
        answer(&mut wire).await;
    }
    assert!(control.begun().into_iter().eq(1..=200));
}

/// Those that wait are answered too.
#[tokio::test]
async fn a_server_that_ends_waits_for_calls_that_have_no_place_yet() {
    let network = all_entrances().next().unwrap();
    let control = Control::new(&CALLED);
    let server = control.start(&network, 1).await;
    let mut wire = Wire::from(network.dial(&server.address).await);
    wire.send(&waits(1..=3)).await;
    let stats = || server.handle.stats();
    soon("two that wait", || stats().queued_blocking == 2).await;
    server.handle.shutdown();
    control.open();
    let ended = wire.rest().await;
    let replies = ended
        .iter()
        .filter(|frame| (1..=3).contains(&frame.header.seq));
    assert_eq!(
        replies.filter(|reply| error_of(reply).is_empty()).count(),
        3
    );
    assert_eq!(control.begun(), [1, 2, 3]);
}

#[tokio::test]
async fn all_begin_at_once_where_that_is_allowed() {
    let network = all_entrances().next().unwrap();
    let control = Control::new(&CALLED);
    let server = control.start(&network, usize::MAX).await;
    let mut wire = Wire::from(network.dial(&server.address).await);
    wire.send(&waits(1..=20)).await;
    control.have_begun(20).await;
    assert_eq!(server.handle.stats().queued_blocking, 0);
    control.open();
    for _ in 1..=20 {
        answer(&mut wire).await;
    }
}

/// A batch of JSON-RPC, whose calls wait side by side.
#[cfg(all(feature = "http", feature = "tls"))]
#[test]
fn calls_by_http_wait_for_a_place_too() {
    use rpcx_runtime::gateway::Http;
    use tokio::net::TcpStream;

    with_threads(8, async {
        let control = Control::new(&CALLED);
        let server = control.server(4).listen("tcp@127.0.0.1:0");
        let server = server.http(Http::new()).bind().await.unwrap();
        let at = server.addresses()[0].location().to_owned();
        let handle = server.handle();
        tokio::spawn(server.serve());
        let post = |method: &str, calls: usize| {
            let call =
                format!(r#"{{"jsonrpc":"2.0","method":"Echo.{method}","params":[1],"id":1}}"#);
            let body = format!("[{}]", vec![call; calls].join(","));
            let length = body.len();
            format!(
                "POST /jsonrpc HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
        };
        let mut many = TcpStream::connect(&at).await.unwrap();
        many.write_all(post("Wait", 50).as_bytes()).await.unwrap();
        soon("50 calls", || handle.stats().calls_in_flight == 50).await;
        control.have_begun(4).await;
        let mut neighbour = TcpStream::connect(&at).await.unwrap();
        let quick = post("Quick", 1);
        neighbour.write_all(quick.as_bytes()).await.unwrap();
        let mut told = String::new();
        let all = neighbour.read_to_string(&mut told);
        timeout(PATIENCE, all).await.unwrap().unwrap();
        assert!(told.contains(r#""result":1"#), "{told}");
        drop(many);
        soon("those that leave", || handle.stats().calls_in_flight == 4).await;
        control.open();
        soon("their end", || handle.stats().calls_in_flight == 0).await;
        assert_eq!(control.begun().len(), 4);
    });
}

/// A channel that serves pushes leaves threads to all else that its process does.
#[test]
fn pushes_wait_for_a_place_too() {
    const PUSHES: usize = 200;
    const AT_ONCE: usize = 128;
    with_threads(AT_ONCE + 4, async {
        let control = Control::new(&PUSHED);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp@{}", listener.local_addr().unwrap());
        let server = tokio::spawn(push_and_answer(listener, PUSHES));
        let client = EchoClient::connect(&address).await;
        client.0.channel().serve(control.0.clone()).unwrap();
        assert_eq!(client.echo(b"x").await.unwrap(), b"");
        control.have_begun(AT_ONCE).await;
        let other = tokio::task::spawn_blocking(|| ());
        timeout(PATIENCE, other).await.unwrap().unwrap();
        assert_eq!(control.begun().len(), AT_ONCE);
        control.open();
        control.have_begun(PUSHES).await;
        server.abort();
    });
}

/// Answers one request behind many messages.
async fn push_and_answer(listener: TcpListener, pushes: usize) -> Result<()> {
    let mut socket = listener.accept().await.unwrap().0;
    let mut head = [0; 16];
    socket.read_exact(&mut head).await.unwrap();
    let seq = u64::from_be_bytes(head[4..12].try_into().unwrap());
    let none = Metadata::new();
    let mut out = Vec::new();
    for at in 0..pushes {
        let header = Header::request(at as u64, Codec::RAW).oneway();
        out.extend(frame_of(header, "Note", &none, b"x"));
    }
    let header = Header::request(seq, Codec::RAW).reply();
    out.extend(frame_of(header, "Echo", &none, b""));
    socket.write_all(&out).await.unwrap();
    std::future::pending().await
}
