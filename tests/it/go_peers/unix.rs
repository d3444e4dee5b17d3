//! Go peers over Unix domain sockets, both ways, and on a port that several servers share.

use std::path::PathBuf;
use std::time::Duration;

use rpcx::{Channel, ErrorKind, Server};

use super::peer::{GoServer, programs};
use super::push::{MarketServer, Numbers};
use super::services::{
    Args, ArithClient, ArithServer, BigArgs, NowhereClient, Peer, RawArithClient, RawArithServer,
    Shapes, TypesClient, TypesServer, pattern,
};

const MEBI: usize = 1 << 20;

/// A socket that goes with the test, also when a Go server was killed and left it.
struct Socket(PathBuf);

impl Socket {
    fn new(name: &str) -> Self {
        let file = format!("rpcx-go-{name}-{}.sock", std::process::id());
        Self(std::env::temp_dir().join(file))
    }

    fn address(&self) -> String {
        format!("unix@{}", self.0.display())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Serves in the background until the runtime of the test ends.
async fn serve(address: &str, raw: bool) -> String {
    let builder = Server::builder().listen(address);
    let builder = if raw {
        builder.register(RawArithServer::new(Peer::default()))
    } else {
        builder
            .register(ArithServer::new(Peer::default()))
            .register(TypesServer::new(Shapes))
            .register(MarketServer::new(Numbers))
    };
    let server = builder.bind().await.expect("the address is free");
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve_until(std::future::pending()));
    address
}

/// Runs every case of the Go client against a Rust server on `address`; the matrix has the codecs.
async fn go_calls(address: String, raw: bool) {
    if programs().is_none() {
        return;
    }
    let address = serve(&address, raw).await;
    let ways: &[&[&str]] = match raw {
        true => &[&["-codec", "raw"], &["-codec", "raw", "-gzip"]],
        false => &[&["-heartbeat", "100ms", "-served-by", "rust"]],
    };
    let run = move || {
        let go = programs().expect("they were built");
        ways.iter().for_each(|way| go.call(&address, way));
    };
    let ran = tokio::task::spawn_blocking(run).await;
    ran.expect("the Go client passed");
}

#[tokio::test]
async fn go_calls_rust_through_a_file() {
    let (socket, raw) = (Socket::new("calls"), Socket::new("raw"));
    go_calls(socket.address(), false).await;
    go_calls(raw.address(), true).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn go_calls_rust_through_a_name() {
    let address = format!("unix@@rpcx-go-{}", std::process::id());
    go_calls(address, false).await;
}

#[tokio::test]
async fn go_calls_rust_on_a_shared_port() {
    go_calls("reuseport@127.0.0.1:0".to_owned(), false).await;
}

/// Everything a Rust client does with a Go server at `address`.
async fn rust_calls(address: &str) -> rpcx::Result<()> {
    let channel = Channel::connect(address).await?;
    calls(&channel).await?;
    let error = NowhereClient::new(channel).mul(Args { a: 1, b: 2 }).await;
    let error = error.unwrap_err();
    assert_eq!(error.message(), "rpcx: can't find service Nowhere");
    let raw = RawArithClient::new(Channel::connect(address).await?);
    assert_eq!(raw.echo(&pattern(MEBI)).await?, pattern(MEBI));
    Ok(())
}

async fn calls(channel: &Channel) -> rpcx::Result<()> {
    let arith = ArithClient::new(channel.clone());
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    for size in [0, 1, 1025, MEBI] {
        assert_eq!(arith.echo(&pattern(size)).await?, pattern(size));
    }
    let error = arith.error(Args { a: 1, b: 2 }).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Service, "arith: refused")
    );
    let (seen, metadata) = arith
        .meta()
        .metadata("tenant", "blue")
        .with_metadata()
        .await?;
    assert_eq!(seen.get("tenant").map(String::as_str), Some("blue"));
    assert_eq!(metadata.get("served-by"), Some("go"));
    let size = i64::try_from(MEBI).expect("a small number");
    let big = TypesClient::new(channel.clone())
        .big(BigArgs { size })
        .await?;
    assert_eq!(big.data, pattern(MEBI));
    let before = arith.count().await?;
    arith.notify(Args { a: 1, b: 0 }).await?;
    for _ in 0..500 {
        if arith.count().await? == before + 1 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the one-way call did not arrive");
}

async fn heartbeats(address: &str) -> rpcx::Result<()> {
    let beat = Duration::from_millis(100);
    let builder = Channel::builder()
        .address(address)
        .heartbeat(beat, 5 * beat);
    let arith = ArithClient::new(builder.build().await?);
    tokio::time::sleep(10 * beat).await;
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    Ok(())
}

fn go_serves(address: &str) -> Option<GoServer> {
    programs().map(|go| go.serve(address))
}

#[tokio::test]
async fn rust_calls_go_through_a_file() -> rpcx::Result<()> {
    let socket = Socket::new("go");
    let Some(_server) = go_serves(&socket.address()) else {
        return Ok(());
    };
    rust_calls(&socket.address()).await?;
    heartbeats(&socket.address()).await
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn rust_calls_go_through_a_name() -> rpcx::Result<()> {
    let address = format!("unix@@rpcx-go-serves-{}", std::process::id());
    match go_serves(&address) {
        Some(_server) => rust_calls(&address).await,
        None => Ok(()),
    }
}

/// A Go server that was killed leaves its file; a Rust server takes its place.
#[tokio::test]
async fn rust_takes_the_place_of_a_killed_go_server() -> rpcx::Result<()> {
    let socket = Socket::new("place");
    let Some(go) = go_serves(&socket.address()) else {
        return Ok(());
    };
    let refused = Server::builder().listen(socket.address()).bind().await;
    assert!(refused.unwrap_err().message().contains("answers there"));
    drop(go);
    assert!(socket.0.exists());
    let address = serve(&socket.address(), false).await;
    let arith = ArithClient::new(Channel::connect(&address).await?);
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    Ok(())
}

/// A Go server and a Rust server share a port: so a service moves from one to the other.
#[tokio::test]
async fn go_and_rust_share_a_port() -> rpcx::Result<()> {
    let Some(go) = go_serves("reuseport@127.0.0.1:0") else {
        return Ok(());
    };
    let address = format!("tcp@{}", go.address);
    rust_calls(&address).await?;
    serve(&format!("reuseport@{}", go.address), false).await;
    let mut by_rust = 0;
    for _ in 0..64 {
        let arith = ArithClient::new(Channel::connect(&address).await?);
        let (_, metadata) = arith.meta().with_metadata().await?;
        match metadata.get("served-by") {
            Some("rust") => by_rust += 1,
            by => assert_eq!(by, Some("go")),
        }
    }
    #[cfg(target_os = "linux")]
    assert!((1..64).contains(&by_rust), "{by_rust} of 64 by Rust");
    Ok(())
}
