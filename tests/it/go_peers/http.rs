//! Clients of HTTP in Go: the `http_invoke` example of rpcx, and two JSON-RPC libraries, on the port on which a
//! Go client of rpcx calls at the same time.

use rpcx::gateway::Http;

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
    for network in ["tcp", "http", "ws"] {
        let address = format!("{network}@{at}");
        clients.spawn_blocking(move || programs().expect("built").call(&address, &[]));
    }
    clients.spawn_blocking(move || {
        let program = build_program("go", "http", &[]);
        run(&program, &at, &[]);
    });
    clients.join_all().await;
}
