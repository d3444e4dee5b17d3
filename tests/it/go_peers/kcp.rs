//! The network KCP with Go peers: rpcx's own, which it has behind the build tag `kcp`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rpcx::transport::kcp::{Crypt, Kcp};
use rpcx::transport::{ConnectOptions, ListenOptions};
use rpcx::{Channel, ErrorKind};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use super::peer::{GoServer, build_program, programs, run, start};
use super::push::{MarketServer, Numbers};
use super::services::{
    All, Args, ArithClient, ArithServer, Peer, Shapes, TypesClient, TypesServer, pattern,
};
use crate::long;

/// The cases of `tests/interop/client` that open no TCP connection of their own and move no
/// megabytes, for which the windows of Go are too small.
const CASES: &str = "mul,add,say,error,unknown-service,unknown-method,types,types-zero,types-nil,\
                     metadata,oneway,concurrent,deadline,no-deadline,heartbeat,slow,xclient,push,\
                     first-reply";

/// What waits for datagrams that are sent once more.
const BAD_LINK: &str = "KCP with Go peers over a bad link, which takes half a minute";

/// What is worth repeating on a bad link.
const FEW_CASES: &str = "mul,say,types,metadata,error,heartbeat,push,first-reply";

/// The crypts that both sides have, as the Go programs are told: name and key.
const CRYPTS: [&str; 6] = [
    "none",
    "aes-128:000102030405060708090a0b0c0d0e0f",
    "aes-192:000102030405060708090a0b0c0d0e0f1011121314151617",
    "aes-256:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "salsa20:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "xor:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
];

/// What kcp-go has counted in a Go server.
#[rpcx::message]
#[derive(Debug)]
pub(super) struct PacketCounts {
    recovered: i64,
    wrong: i64,
}

#[rpcx::service]
pub(super) trait Packets {
    async fn count(&self) -> rpcx::Result<PacketCounts>;
}

/// The Go programs with KCP.
pub(super) struct Go {
    pub(super) server: PathBuf,
    pub(super) client: PathBuf,
}

pub(super) fn go() -> Option<&'static Go> {
    static BUILT: OnceLock<Go> = OnceLock::new();
    programs()?;
    let program = |name| build_program("go-kcp", name, &["-tags=kcp"]);
    Some(BUILT.get_or_init(|| Go {
        server: program("kcp"),
        client: program("client"),
    }))
}

impl Go {
    fn serve(&self, crypt: &str) -> GoServer {
        start(&self.server, "127.0.0.1:0", &["-kcp-crypt", crypt])
    }
}

/// The options that fit a Go peer with this crypt.
pub(super) fn options(crypt: &str) -> Kcp {
    let (name, digits) = crypt.split_once(':').unwrap_or((crypt, ""));
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    let key: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
    Kcp::default().crypt(Crypt::by_name(name, &key).expect("a name and its key"))
}

async fn channel(address: &str, kcp: &Kcp) -> Channel {
    let builder = Channel::builder()
        .address(format!("kcp@{address}"))
        .connect_options(ConnectOptions::new().kcp(kcp.clone()));
    builder.build().await.expect("the Go server listens")
}

/// Serves in the background until the runtime of the test ends.
async fn serve(kcp: &Kcp) -> String {
    let options = ListenOptions::new().kcp(kcp.clone());
    let server = rpcx::Server::builder()
        .listen_with("kcp@127.0.0.1:0", options)
        .register(ArithServer::new(Peer::default()))
        .register(TypesServer::new(Shapes))
        .register(MarketServer::new(Numbers))
        .bind()
        .await
        .expect("a free port");
    let address = server.addresses()[0].location().to_owned();
    tokio::spawn(server.serve_until(std::future::pending()));
    address
}

async fn go_calls(go: &'static Go, address: String, arguments: Vec<&'static str>) {
    let run = move || run(&go.client, &format!("kcp@{address}"), &arguments);
    tokio::task::spawn_blocking(run)
        .await
        .expect("the Go client passed");
}

/// Forwards the datagrams of clients, and every twentieth or so of either direction does not pass.
async fn bad_link(server: &str) -> String {
    let server: SocketAddr = server.parse().expect("a bound address");
    let front = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a free port"));
    let address = front.local_addr().expect("it is bound").to_string();
    tokio::spawn(async move {
        let (mut datagram, mut dice) = ([0; 1500], 0x2545_f491_u32);
        let mut ways = std::collections::HashMap::new();
        while let Ok((length, client)) = front.recv_from(&mut datagram).await {
            if let std::collections::hash_map::Entry::Vacant(new) = ways.entry(client) {
                let back = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
                back.connect(server).await.expect("a local address");
                let back = new.insert(Arc::new(back));
                tokio::spawn(answers(Arc::clone(back), Arc::clone(&front), client));
            }
            if !lost(&mut dice) {
                let _ = ways[&client].send(&datagram[..length]).await;
            }
        }
    });
    address
}

async fn answers(back: Arc<UdpSocket>, front: Arc<UdpSocket>, client: SocketAddr) {
    let (mut datagram, mut dice) = ([0; 1500], 0x9e37_79b9);
    loop {
        if let Ok(length) = back.recv(&mut datagram).await
            && !lost(&mut dice)
        {
            let _ = front.send_to(&datagram[..length], client).await;
        }
    }
}

/// The same packets in every run.
fn lost(dice: &mut u32) -> bool {
    *dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    (*dice >> 16) % 100 < 5
}

#[tokio::test]
async fn go_calls_rust() {
    let Some(go) = go() else { return };
    let crypts = CRYPTS.map(|crypt| async move {
        let kcp = options(crypt);
        let address = serve(&kcp).await;
        let crypt = vec!["-kcp-crypt", crypt, "-served-by", "rust", "-case", CASES];
        go_calls(go, address, crypt).await;
        let counters = kcp.counters();
        assert!(counters.sessions > 0, "{counters:?}");
        assert_eq!(counters.invalid_packets, 0, "{counters:?}");
    });
    // All at once: what they wait for are the timers of KCP.
    JoinSet::from_iter(crypts).join_all().await;
}

#[tokio::test]
async fn go_calls_rust_with_heartbeats() {
    let Some(go) = go() else { return };
    let address = serve(&options("none")).await;
    let arguments = ["-kcp-crypt", "none", "-case", CASES, "-heartbeat", "100ms"];
    go_calls(go, address, arguments.to_vec()).await;
}

#[tokio::test]
async fn go_calls_rust_over_a_bad_link() {
    let Some(go) = go() else { return };
    if !long::is_wanted(BAD_LINK) {
        return;
    }
    for crypt in [CRYPTS[0], CRYPTS[3]] {
        let address = bad_link(&serve(&options(crypt)).await).await;
        go_calls(go, address, vec!["-kcp-crypt", crypt, "-case", FEW_CASES]).await;
    }
}

#[tokio::test]
async fn rust_calls_go() -> rpcx::Result<()> {
    let Some(go) = go() else { return Ok(()) };
    for crypt in CRYPTS {
        let (server, kcp) = (go.serve(crypt), options(crypt));
        let channel = channel(&server.address, &kcp).await;
        let arith = ArithClient::new(channel.clone());
        assert_eq!(arith.mul(Args { a: 10, b: 20 }).await?.c, 200);
        for size in [0, 1, 1025, 20_000] {
            assert_eq!(arith.echo(&pattern(size)).await?, pattern(size));
        }
        let refused = arith.error(Args { a: 1, b: 2 }).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Service);
        assert_eq!(refused.message(), "arith: refused");
        let types = TypesClient::new(channel);
        assert_eq!(types.echo(All::default()).await?, All::default());
        assert_eq!(kcp.counters().invalid_packets, 0, "{crypt}");
    }
    Ok(())
}

#[tokio::test]
async fn callers_of_go_get_their_own_answers() {
    let Some(go) = go() else { return };
    let server = go.serve("none");
    let arith = ArithClient::new(channel(&server.address, &options("none")).await);
    let mut callers = JoinSet::new();
    for caller in 0..32 {
        let arith = arith.clone();
        callers.spawn(async move {
            for i in 0..50 {
                let a = caller * 1000 + i;
                let reply = arith.mul(Args { a, b: 3 }).await;
                assert_eq!(reply.map(|reply| reply.c).ok(), Some(3 * a));
            }
        });
    }
    callers.join_all().await;
}

/// Sends as much as is given to a Go server and gets it back, one packet in twenty lost.
async fn echo_over_a_bad_link(server: GoServer, kcp: Kcp, size: usize) -> rpcx::Result<()> {
    let bad = bad_link(&server.address).await;
    let arith = ArithClient::new(channel(&bad, &kcp).await);
    let sent = pattern(size);
    let got = arith.echo(&sent).timeout(Duration::from_secs(180)).await?;
    assert!(got == sent, "{} bytes came back", got.len());
    assert!(kcp.counters().recovered_packets > 0, "{:?}", kcp.counters());
    // And Go has got some back out of our parity.
    let counts = PacketsClient::new(channel(&server.address, &kcp).await);
    let counts = counts.count().await?;
    assert!(counts.recovered > 0 && counts.wrong == 0, "{counts:?}");
    Ok(())
}

/// It drops them, and all that it was sent before is as it was.
#[tokio::test]
async fn go_takes_no_notice_of_our_ends_of_stream() -> rpcx::Result<()> {
    let Some(go) = go() else { return Ok(()) };
    let (server, kcp) = (go.serve("none"), options("none"));
    let stays = channel(&server.address, &kcp).await;
    for a in 0..3 {
        let arith = ArithClient::new(channel(&server.address, &kcp).await);
        assert_eq!(arith.mul(Args { a, b: 5 }).await?.c, 5 * a);
    }
    let packets = PacketsClient::new(stays.clone());
    let counted = async {
        while packets.count().await?.wrong < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok::<_, rpcx::Error>(())
    };
    let counted = tokio::time::timeout(Duration::from_secs(60), counted).await;
    counted.expect("each of three sessions has said its end")?;
    let arith = ArithClient::new(stays);
    assert_eq!(arith.mul(Args { a: 6, b: 7 }).await?.c, 42);
    Ok(())
}

/// Go sends 30 kB a second on such a link with the settings of rpcx.
#[tokio::test]
async fn there_and_back_over_a_bad_link() -> rpcx::Result<()> {
    let Some(go) = go() else { return Ok(()) };
    if !long::is_wanted(BAD_LINK) {
        return Ok(());
    }
    echo_over_a_bad_link(go.serve(CRYPTS[3]), options(CRYPTS[3]), 200_000).await
}

#[tokio::test]
async fn megabytes_there_and_back_over_a_bad_link() -> rpcx::Result<()> {
    let Some(go) = go() else { return Ok(()) };
    let arguments = ["-kcp-crypt", "none", "-kcp-fast"];
    let server = start(&go.server, "127.0.0.1:0", &arguments);
    echo_over_a_bad_link(server, Kcp::fast(), 2_000_000).await
}

/// What a client has written before it goes arrives.
#[tokio::test]
async fn oneway_calls_of_a_client_that_goes_arrive_at_go() -> rpcx::Result<()> {
    let Some(go) = go() else { return Ok(()) };
    let (server, kcp) = (go.serve("none"), options("none"));
    let leaving = ArithClient::new(channel(&server.address, &kcp).await);
    for a in 0..200 {
        leaving.notify(Args { a, b: 0 }).await?;
    }
    drop(leaving);
    let arith = ArithClient::new(channel(&server.address, &kcp).await);
    for _ in 0..1000 {
        if arith.count().await? == 200 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the Go server counted {} of 200", arith.count().await?);
}
