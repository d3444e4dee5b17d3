//! The network QUIC with Go peers, which are built from rpcx v1.9.1: later ones do not compile with
//! QUIC.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rpcx::transport::tls::{ClientTls, Tls};
use rpcx::{Channel, ErrorKind};

use super::peer::{GoServer, build_program, programs, run, start};
use super::push::{MarketServer, Numbers};
use super::services::{
    All, Args, ArithClient, ArithServer, BigArgs, MissingClient, NowhereClient, Pause, Peer,
    RawArithServer, Shapes, TypesClient, TypesServer, pattern,
};

const MEBI: usize = 1 << 20;

/// The Go programs with QUIC, and certificates in files for them.
pub(super) struct Go {
    pub(super) server: PathBuf,
    pub(super) client: PathBuf,
    certificates: Certificates,
}

struct Certificates {
    authority: String,
    chain: String,
    key: String,
    folder: PathBuf,
}

pub(super) fn go() -> Option<&'static Go> {
    static BUILT: OnceLock<Go> = OnceLock::new();
    programs()?;
    let arguments = ["-modfile=quic.mod", "-tags=quic"];
    let program = |name| build_program("go-quic", name, &arguments);
    Some(BUILT.get_or_init(|| Go {
        server: program("server"),
        client: program("client"),
        certificates: Certificates::new(),
    }))
}

impl Certificates {
    /// Of an authority, and of 127.0.0.1.
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are right");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = params.self_signed(&key).expect("a certificate").pem();
        let issuer = Issuer::new(params, key);
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("an address");
        let key = KeyPair::generate().expect("a key");
        let chain = params.signed_by(&key, &issuer).expect("a certificate");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-quic");
        let made = Self {
            authority,
            chain: chain.pem(),
            key: key.serialize_pem(),
            folder,
        };
        for (name, text) in [
            ("ca.pem", &made.authority),
            ("server.pem", &made.chain),
            ("server.key", &made.key),
        ] {
            fs::write(made.folder.join(name), text).expect("the folder is there");
        }
        made
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

impl Go {
    fn serve(&self) -> GoServer {
        let (chain, key) = (
            self.certificates.file("server.pem"),
            self.certificates.file("server.key"),
        );
        let arguments = ["-cert", &chain, "-key", &key];
        start(&self.server, "quic@127.0.0.1:0", &arguments)
    }

    fn call(&self, address: &str, arguments: &[&str]) {
        let authority = self.certificates.file("ca.pem");
        let arguments = [&["-ca", authority.as_str()], arguments].concat();
        run(&self.client, address, &arguments);
    }

    async fn channel(&self, server: &GoServer) -> Channel {
        let tls = ClientTls::roots_pem(self.certificates.authority.as_bytes());
        let builder = Channel::builder()
            .address(format!("quic@{}", server.address))
            .tls(tls.expect("it was just made"));
        builder.build().await.expect("the Go server listens")
    }
}

async fn go_calls(raw: bool, arguments: &'static [&'static str]) {
    let Some(go) = go() else { return };
    let (chain, key) = (&go.certificates.chain, &go.certificates.key);
    let tls = Tls::from_pem(chain.as_bytes(), key.as_bytes()).expect("they were just made");
    let builder = rpcx::Server::builder().tls(tls).listen("quic@127.0.0.1:0");
    let builder = if raw {
        builder.register(RawArithServer::new(Peer::default()))
    } else {
        builder
            .register(ArithServer::new(Peer::default()))
            .register(TypesServer::new(Shapes))
            .register(MarketServer::new(Numbers))
    };
    let server = builder.bind().await.expect("a free port");
    let address = server.addresses()[0].to_string();
    tokio::spawn(server.serve());
    let calls = tokio::task::spawn_blocking(move || go.call(&address, arguments));
    calls.await.expect("the Go client passed");
}

#[tokio::test]
async fn go_calls_rust_without_a_codec() {
    go_calls(true, &["-codec", "raw"]).await;
    go_calls(true, &["-codec", "raw", "-gzip"]).await;
}

#[tokio::test]
async fn go_calls_rust_with_heartbeats() {
    go_calls(false, &["-heartbeat", "100ms"]).await;
}

#[tokio::test]
async fn rust_calls_go() -> rpcx::Result<()> {
    let Some(go) = go() else { return Ok(()) };
    let server = go.serve();
    let channel = go.channel(&server).await;
    let arith = ArithClient::new(channel.clone());
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    for size in [0, 1, 1025, MEBI] {
        assert_eq!(arith.echo(&pattern(size)).await?, pattern(size));
    }
    let types = TypesClient::new(channel.clone());
    assert_eq!(types.echo(All::default()).await?, All::default());
    let size = i64::try_from(MEBI).expect("a small number");
    assert_eq!(types.big(BigArgs { size }).await?.data, pattern(MEBI));
    let refused = arith.error(Args { a: 1, b: 2 }).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Service);
    assert_eq!(refused.message(), "arith: refused");
    let nowhere = NowhereClient::new(channel.clone());
    let nowhere = nowhere.mul(Args { a: 1, b: 2 }).await.unwrap_err();
    assert_eq!(nowhere.message(), "rpcx: can't find service Nowhere");
    let missing = MissingClient::new(channel).nothing().await.unwrap_err();
    assert_eq!(missing.message(), "rpcx: can't find method Nothing");
    let slow = arith.sleep(Pause { ms: 2000 });
    let slow = slow.timeout(Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(slow.kind(), ErrorKind::Unknown);
    Ok(())
}

#[tokio::test]
async fn oneway_calls_of_a_client_that_goes_arrive_at_go() -> rpcx::Result<()> {
    let Some(go) = go() else { return Ok(()) };
    let server = go.serve();
    let leaving = ArithClient::new(go.channel(&server).await);
    for a in 0..500 {
        leaving.notify(Args { a, b: 0 }).await?;
    }
    drop(leaving);
    let arith = ArithClient::new(go.channel(&server).await);
    for _ in 0..500 {
        if arith.count().await? == 500 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the Go server counted {} of 500", arith.count().await?);
}

/// A Go server accepts one connection after the other, each with its first stream: a client that
/// opened a stream and said nothing would keep out all others.
#[tokio::test]
async fn clients_without_calls_keep_no_other_out_of_go() -> rpcx::Result<()> {
    let Some(go) = go() else { return Ok(()) };
    let server = go.serve();
    let mut idle = Vec::new();
    for _ in 0..5 {
        idle.push(go.channel(&server).await);
    }
    let arith = ArithClient::new(go.channel(&server).await);
    let call = arith.mul(Args { a: 10, b: 20 });
    assert_eq!(call.timeout(Duration::from_secs(5)).await?.c, 200);
    for channel in idle {
        let reply = ArithClient::new(channel).mul(Args { a: 2, b: 3 }).await?;
        assert_eq!(reply.c, 6);
    }
    Ok(())
}

#[tokio::test]
async fn callers_of_go_get_their_own_answers() {
    let Some(go) = go() else { return };
    let server = go.serve();
    let arith = ArithClient::new(go.channel(&server).await);
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..64 {
        let arith = arith.clone();
        callers.spawn(async move {
            for i in 0..200 {
                let a = caller * 1000 + i;
                let reply = arith.mul(Args { a, b: 3 }).await;
                assert_eq!(reply.map(|reply| reply.c).ok(), Some(3 * a));
            }
        });
    }
    callers.join_all().await;
}

#[tokio::test]
async fn heartbeats_keep_an_idle_connection_to_go() -> rpcx::Result<()> {
    let Some(go) = go() else { return Ok(()) };
    let server = go.serve();
    let tls = ClientTls::roots_pem(go.certificates.authority.as_bytes())?;
    let wait = Duration::from_millis(500);
    let builder = Channel::builder()
        .address(format!("quic@{}", server.address))
        .tls(tls)
        .heartbeat(Duration::from_millis(100), wait);
    let arith = ArithClient::new(builder.build().await?);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
    Ok(())
}
