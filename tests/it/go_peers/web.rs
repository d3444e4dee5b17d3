//! The networks `http`, `ws` and `wss`, plain and with TLS, between Go and Rust.

use std::path::PathBuf;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rpcx::transport::tls::{ClientTls, Tls};
use rpcx::transport::{ConnectOptions, ListenOptions};
use rpcx::{Channel, ChannelBuilder, ErrorKind};

use super::peer::{GoServer, programs};
use super::push::{MarketServer, Numbers};
use super::services::{
    Args, ArithClient, ArithServer, NowhereClient, Peer, Shapes, TypesServer, pattern,
};

/// Each network, and whether TLS is under it.
const NETWORKS: [(&str, bool); 4] = [
    ("http", false),
    ("http", true),
    ("ws", false),
    ("wss", true),
];

/// An authority and a certificate for 127.0.0.1, as text and as files for Go.
struct Certificates {
    authority: String,
    chain: String,
    key: String,
    folder: PathBuf,
}

impl Certificates {
    /// `name` is that of the test, so that no other writes the same files.
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let own = own.signed_by(&key, &authority).unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let made = Self {
            authority: authority.pem(),
            chain: own.pem(),
            key: key.serialize_pem(),
            folder,
        };
        for (file, text) in [
            ("ca.pem", &made.authority),
            ("server.pem", &made.chain),
            ("server.key", &made.key),
        ] {
            std::fs::write(made.folder.join(file), text).unwrap();
        }
        made
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn client(&self) -> ClientTls {
        ClientTls::roots_pem(self.authority.as_bytes()).unwrap()
    }

    fn server(&self) -> Tls {
        Tls::from_pem(self.chain.as_bytes(), self.key.as_bytes()).unwrap()
    }
}

async fn rust_server(network: &str, options: ListenOptions) -> String {
    let server = rpcx::Server::builder()
        .register(ArithServer::new(Peer::default()))
        .register(TypesServer::new(Shapes))
        .register(MarketServer::new(Numbers))
        .listen_with(format!("{network}@127.0.0.1:0"), options)
        .bind()
        .await
        .expect("a free port");
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve_until(std::future::pending()));
    address
}

async fn go_calls(address: String, options: Vec<String>) {
    let run = move || {
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        programs()
            .expect("they were built")
            .call(&address, &options);
    };
    let passed = tokio::task::spawn_blocking(run).await;
    passed.expect("the Go client passed");
}

/// Every case of the Go client, with heartbeats; the matrix has the codecs.
async fn go_to_rust(name: &str, network: &str, secure: bool) {
    if programs().is_none() {
        return;
    }
    let certificates = Certificates::new(name);
    let (mut options, mut more) = (ListenOptions::new(), Vec::new());
    if secure {
        options = options.tls(certificates.server());
        more.extend(["-ca".to_owned(), certificates.file("ca.pem")]);
    }
    let address = rust_server(network, options).await;
    more.extend(["-heartbeat", "100ms"].map(str::to_owned));
    go_calls(address, more).await;
}

#[tokio::test]
async fn go_calls_rust_by_http() {
    go_to_rust("go-rust-http", "http", false).await;
}

#[tokio::test]
async fn go_calls_rust_by_http_with_tls() {
    go_to_rust("go-rust-https", "http", true).await;
}

#[tokio::test]
async fn go_calls_rust_by_ws() {
    go_to_rust("go-rust-ws", "ws", false).await;
}

#[tokio::test]
async fn go_calls_rust_by_wss() {
    go_to_rust("go-rust-wss", "wss", true).await;
}

#[tokio::test]
async fn go_calls_rust_on_another_path() {
    if programs().is_none() {
        return;
    }
    for network in ["http", "ws"] {
        let address = rust_server(network, ListenOptions::new().path("/rpc/v2")).await;
        // In Go the path is no part of the address.
        let address = address.strip_suffix("/rpc/v2").expect("it has the path");
        let options = ["-path", "/rpc/v2", "-case", "mul"].map(str::to_owned);
        go_calls(address.to_owned(), options.to_vec()).await;
    }
}

struct Go {
    server: GoServer,
    builder: ChannelBuilder,
}

fn go_server(certificates: &Certificates, network: &str, secure: bool) -> Option<Go> {
    let (chain, key) = (
        certificates.file("server.pem"),
        certificates.file("server.key"),
    );
    let options = ["-cert", &chain, "-key", &key];
    let options = if secure { &options[..] } else { &[] };
    let server = programs()?.serve_with(&format!("{network}@127.0.0.1:0"), options);
    let mut builder = Channel::builder().address(format!("{network}@{}", server.address));
    if secure {
        builder = builder.tls(certificates.client());
    }
    Some(Go { server, builder })
}

/// One channel to a Go server, with heartbeats; the matrix has the codecs.
async fn rust_to_go(name: &str, network: &str, secure: bool) -> rpcx::Result<()> {
    let certificates = Certificates::new(name);
    let Some(go) = go_server(&certificates, network, secure) else {
        return Ok(());
    };
    let heartbeats = (Duration::from_millis(100), Duration::from_secs(5));
    let builder = go.builder.heartbeat(heartbeats.0, heartbeats.1);
    let called = call_everything(builder.build().await?).await;
    drop(go.server);
    called
}

async fn call_everything(channel: Channel) -> rpcx::Result<()> {
    let arith = ArithClient::new(channel.clone());
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    for size in [0, 1, 1025, 70_000, 1 << 20] {
        assert_eq!(arith.echo(&pattern(size)).await?, pattern(size));
    }
    let refused = arith.error(Args { a: 1, b: 2 }).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.message()),
        (ErrorKind::Service, "arith: refused")
    );
    let nowhere = NowhereClient::new(channel);
    let unknown = nowhere.mul(Args { a: 1, b: 2 }).await.unwrap_err();
    assert_eq!(unknown.message(), "rpcx: can't find service Nowhere");
    for a in 0..5 {
        arith.notify(Args { a, b: 0 }).await?;
    }
    many_callers(&arith).await;
    // Several heartbeats pass meanwhile.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for _ in 0..500 {
        if arith.count().await? == 5 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the Go server has not counted five calls");
}

async fn many_callers(arith: &ArithClient) {
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..32 {
        let arith = arith.clone();
        callers.spawn(async move {
            for i in 0..100 {
                let a = caller * 1000 + i;
                let reply = arith.mul(Args { a, b: 3 }).await;
                assert_eq!(reply.map(|reply| reply.c).ok(), Some(3 * a));
            }
        });
    }
    callers.join_all().await;
}

#[tokio::test]
async fn rust_calls_go_by_http() -> rpcx::Result<()> {
    rust_to_go("rust-go-http", "http", false).await
}

#[tokio::test]
async fn rust_calls_go_by_http_with_tls() -> rpcx::Result<()> {
    rust_to_go("rust-go-https", "http", true).await
}

#[tokio::test]
async fn rust_calls_go_by_ws() -> rpcx::Result<()> {
    rust_to_go("rust-go-ws", "ws", false).await
}

#[tokio::test]
async fn rust_calls_go_by_wss() -> rpcx::Result<()> {
    rust_to_go("rust-go-wss", "wss", true).await
}

#[tokio::test]
async fn what_go_refuses_is_shown() {
    let certificates = Certificates::new("go-refuses");
    for (network, said) in [("http", "404 Not Found"), ("ws", "404 Not Found")] {
        let Some(go) = go_server(&certificates, network, false) else {
            return;
        };
        let options = ConnectOptions::new().path("/elsewhere");
        let error = go
            .builder
            .connect_options(options)
            .build()
            .await
            .unwrap_err();
        assert!(error.message().contains(said), "{network}: {error}");
    }
}

#[tokio::test]
async fn rust_calls_rust_on_each() -> rpcx::Result<()> {
    let certificates = Certificates::new("rust-rust");
    for (network, secure) in NETWORKS {
        let (mut options, mut builder) = (ListenOptions::new(), Channel::builder());
        if secure {
            options = options.tls(certificates.server());
            builder = builder.tls(certificates.client());
        }
        let address = rust_server(network, options).await;
        call_everything(builder.address(&address).build().await?).await?;
    }
    Ok(())
}
