//! What a call allocates, by counting.
#![allow(unsafe_code, reason = "an allocator that counts is one that forwards")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use rpcx_runtime::layer::{Next, Request};
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::{Channel, InProcess, Limits, Server};

use crate::echo::{Echo, EchoClient, start};

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

/// Counts the allocations of each thread.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every method hands its arguments to `System` as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(at, layout, size) }
    }
}

fn count() {
    // A thread that ends has no counter any more.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

pub(crate) const CALLS: usize = 1000;

/// Allocations of `CALLS` calls, client and server together: all run on the thread of the test.
pub(crate) async fn allocations(mut call: impl AsyncFnMut()) -> usize {
    // Buffers and slots grow first.
    for _ in 0..100 {
        call().await;
    }
    let before = COUNT.get();
    for _ in 0..CALLS {
        call().await;
    }
    COUNT.get() - before
}

async fn allocations_by_kind(client: &EchoClient) -> [usize; 2] {
    let plain = allocations(async || assert_eq!(client.echo(b"x").await.unwrap(), b"x")).await;
    let idempotent = allocations(async || {
        let call = client.echo(b"x").idempotent();
        assert_eq!(call.await.unwrap(), b"x");
    });
    [plain, idempotent.await]
}

#[tokio::test]
async fn an_idempotent_call_allocates_no_more_than_any_other() {
    let server = start(Limits::server()).await;
    let over_tcp = EchoClient::connect(&server.address).await;
    let in_process = EchoClient::new(InProcess::new(Echo::default()));
    for client in [over_tcp, in_process] {
        let [plain, idempotent] = allocations_by_kind(&client).await;
        println!("{plain} for {CALLS} calls, {idempotent} if idempotent");
        // Two are of the service and the client, which copy the payload. The engine makes a buffer for many frames, and
        // reallocations of those that grow are few, and not always the same.
        let most = 2 * CALLS + CALLS / 10;
        assert!(plain <= most && idempotent <= most, "{plain}, {idempotent}");
    }
}

/// On the server: the client, which is there twice, has none.
#[tokio::test]
async fn layers_allocate_nothing_for_a_call() {
    async fn through(request: Request, next: Next) -> rpcx_runtime::layer::Response {
        next.run(request).await
    }
    let mut counts = Vec::new();
    for layers in 0..3 {
        let mut server = Server::builder().register(Echo::default());
        for _ in 0..layers {
            server = server.layer(through);
        }
        let server = server.listen("tcp@127.0.0.1:0").bind().await.unwrap();
        let address = server.addresses()[0].to_string();
        tokio::spawn(server.serve());
        let client = EchoClient::new(Channel::connect(&address).await.unwrap());
        let call = async || assert_eq!(client.echo(b"x").await.unwrap(), b"x");
        counts.push(allocations(call).await);
    }
    println!("{counts:?} for {CALLS} calls");
    for count in &counts {
        assert!(*count <= counts[0] + CALLS / 100, "{counts:?}");
    }
}

/// Allocations of calls to a server that is built like this.
async fn allocations_of(server: ServerBuilder) -> usize {
    let server = server.register(Echo::default()).listen("tcp@127.0.0.1:0");
    let server = server.bind().await.unwrap();
    let client = EchoClient::connect(&server.addresses()[0].to_string()).await;
    tokio::spawn(server.serve());
    allocations(async || assert_eq!(client.echo(b"x").await.unwrap(), b"x")).await
}

#[tokio::test]
async fn events_cost_calls_nothing() {
    let plain = allocations_of(Server::builder()).await;
    let told = allocations_of(Server::builder().on_event(|_| {})).await;
    println!("{plain} for {CALLS} calls, {told} with events");
    assert!(told <= plain + CALLS / 100, "{told} with events, {plain}");
}

/// What the adapters say in their docs.
#[cfg(all(feature = "metrics", feature = "opentelemetry", feature = "tower"))]
#[tokio::test]
async fn adapters_that_nothing_listens_to_cost_little() {
    use rpcx_runtime::layer::tower::stack;
    use rpcx_runtime::telemetry::{Metrics, Spans};

    let plain = allocations_of(Server::builder()).await;
    let spans = allocations_of(Server::builder().layer(Spans::new())).await;
    let metrics = allocations_of(Server::builder().layer(Metrics::new())).await;
    let limit = stack(tower::limit::ConcurrencyLimitLayer::new(10));
    let tower = allocations_of(Server::builder().layer(limit)).await;
    println!(
        "{plain} for {CALLS} calls, {spans} with spans, {metrics} with metrics, {tower} with tower"
    );
    for (count, each) in [(spans, 0), (metrics, 0), (tower, 4)] {
        let most = plain + each * CALLS + CALLS / 100;
        assert!(
            count <= most,
            "{count}, {plain} without: {each} each at most"
        );
    }
}
