//! Clients of HTTP in Go: the `http_invoke` example of rpcx, and JSON-RPC libraries by POST and by WebSocket, on the port on
//! which a Go client of rpcx calls at the same time.

use rpcx::gateway::{Forward, Http};
use rpcx::{Channel, Context};

use super::peer::{build_program, programs, run};
use super::push::{MarketServer, Numbers};
use super::services::{ArithServer, Peer, Shapes, TypesServer};

#[tokio::test]
async fn go_calls_by_rpcx_and_by_http_on_one_port() {
    if programs().is_none() {
        return;
    }
    let server = rpcx::Server::builder()
        .register(ArithServer::new(Peer::default()))
        .register(TypesServer::new(Shapes))
        .register(MarketServer::new(Numbers))
        .listen("tcp@127.0.0.1:0")
        .http(Http::new())
        .bind()
        .await
        .expect("a free port");
    let at = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    let mut clients = tokio::task::JoinSet::new();
    let addresses = ["tcp", "http", "ws"].map(|network| format!("{network}@{at}"));
    // One after the other: each counts its one-way calls on the server.
    clients.spawn_blocking(move || {
        for address in addresses {
            programs().expect("built").call(&address, &[]);
        }
    });
    clients.spawn_blocking(move || {
        let program = build_program("go", "http", &[]);
        run(&program, &at, &[]);
    });
    clients.join_all().await;
}

#[rpcx::service]
pub(super) trait Ticker {
    /// Pushes so many ticks, and then answers.
    async fn subscribe(&self, ctx: &Context, ticks: i64) -> rpcx::Result<()>;
}

#[rpcx::service]
trait Ticks {
    #[rpcx(oneway)]
    async fn tick(&self, number: i64, text: &str) -> rpcx::Result<()>;
}

pub(super) struct Clock;

impl Ticker for Clock {
    async fn subscribe(&self, ctx: &Context, ticks: i64) -> rpcx::Result<()> {
        let client = TicksClient::new(ctx.peer().expect("a call has a peer"));
        for number in 0..ticks {
            client.tick(number, "tick").await?;
        }
        Ok(())
    }
}

/// JSON-RPC over WebSocket, by sourcegraph/jsonrpc2 with gorilla/websocket, and by creachadair/jrpc2: calls under load,
/// batches, notifications both ways, errors.
#[tokio::test]
async fn libraries_of_go_call_and_are_notified_by_websocket() {
    if programs().is_none() {
        return;
    }
    let server = rpcx::Server::builder()
        .register(ArithServer::new(Peer::default()))
        .register(TickerServer::new(Clock))
        .listen("tcp@127.0.0.1:0")
        .http(Http::new())
        .bind()
        .await
        .expect("a free port");
    let at = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    let called = tokio::task::spawn_blocking(move || {
        run(&build_program("go", "socket", &[]), &at, &[]);
    });
    called.await.expect("the cases of Go pass");
}

/// Calls by frames that have nothing to do with the connection they come over.
const FRAMES: &str = "mul,echo,error,unknown-method,types,types-nil,metadata,oneway,concurrent,big,gzip,deadline,no-deadline,slow,xclient";

/// The cases without arguments by position, which a server in Go does not take.
const BY_NAME: &str = "invoke,invoke-errors,invoke-oneway,json-rpc-header,ybbus-batch,ybbus-errors";

/// A gateway to a server, where it listens.
async fn gateway_to(address: &str) -> String {
    let channel = Channel::connect(address).await.expect("a server");
    let server = rpcx::Server::builder()
        .forward(Forward::to(channel))
        .listen("tcp@127.0.0.1:0")
        .http(Http::new())
        .bind()
        .await
        .expect("a free port");
    let at = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    at
}

fn run_http(at: &str, cases: &[&str]) {
    run(&build_program("go", "http", &[]), at, cases);
}

// The clients are waited for on one of the threads.
#[tokio::test(flavor = "multi_thread")]
async fn go_calls_go_and_rust_through_a_gateway() {
    let Some(go) = programs() else { return };
    let server = go.serve("127.0.0.1:0");
    let at = gateway_to(&server.address).await;
    go.call(&at, &["-served-by", "go", "-case", FRAMES]);
    run_http(&at, &["-case", BY_NAME]);
    let server = rpcx::Server::builder()
        .register(ArithServer::new(Peer::default()))
        .listen("tcp@127.0.0.1:0");
    let server = server.bind().await.expect("a free port");
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    run_http(&gateway_to(&address).await, &[]);
}

/// Go's tools ask for the service that Go's package `reflection` registers.
#[tokio::test]
async fn go_lists_the_services_of_a_server() {
    if programs().is_none() {
        return;
    }
    let server = rpcx::Server::builder()
        .register(ArithServer::new(Peer::default()))
        .register(TypesServer::new(Shapes))
        .listen("tcp@127.0.0.1:0")
        .bind()
        .await
        .expect("a free port");
    let at = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve());
    let asked = tokio::task::spawn_blocking(move || {
        run(&build_program("go", "reflection", &[]), &at, &[]);
    });
    asked.await.expect("the cases of Go pass");
}
