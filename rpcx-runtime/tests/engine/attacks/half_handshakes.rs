//! Handshakes that are begun and never ended: TLS, CONNECT, the upgrade to a WebSocket, and the latter two behind TLS. Those of
//! QUIC and KCP, which are other machines, are in `../networks`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rpcx_runtime::Limits;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::until;
use crate::networks::{Network, Socket, all_entrances};
use crate::wire::PATIENCE;

/// Places for handshakes; one address has half of them.
const PLACES: usize = 8;

/// Half handshakes that wait: one after the other they would take 300 ms each, on as many places.
const MANY: usize = 600;

/// What a newcomer waits at most. Behind all of them it would be 22 s.
const SOON: Duration = Duration::from_secs(8);

/// How far the attackers come.
#[derive(Clone, Copy, Debug)]
enum Half {
    /// The first byte of a record of TLS.
    Tls,
    /// A part of the head of HTTP, on whatever is below it.
    Head,
}

async fn from_elsewhere(server: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.2:0".parse().unwrap())?;
    socket.connect(server).await
}

/// Lets peers come from another address of this machine.
async fn elsewhere(server: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut relayed = JoinSet::new();
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            relayed.spawn(async move {
                let mut far = from_elsewhere(server).await?;
                copy_bidirectional(&mut near, &mut far).await
            });
        }
    });
    address
}

/// One that has said so much.
async fn begin(network: &Network, half: Half, elsewhere: SocketAddr) -> Box<dyn Socket> {
    let mut socket = match half {
        Half::Tls => Box::new(TcpStream::connect(elsewhere).await.unwrap()) as Box<dyn Socket>,
        Half::Head => network.dial_below(elsewhere).await,
    };
    let first = match half {
        Half::Tls => &[0x16][..],
        Half::Head if network.name == "http" => b"CONNECT /_rpcx_ HTTP/1.0\r\n",
        Half::Head => b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    };
    // It may have been given up by then.
    let _ = socket.write_all(first).await;
    let _ = socket.flush().await;
    socket
}

async fn half_handshakes(network: Arc<Network>, half: Half) {
    let label = format!("{}, {half:?}", network.label());
    let mut limits = Limits::server();
    limits.handshakes = PLACES;
    let server = network.start(limits).await;
    let (_, at) = server.address.split_once('@').unwrap();
    let elsewhere = elsewhere(at.parse().unwrap()).await;
    // What is dialed waits for its places, too, where it is more than a byte.
    let mut attackers = JoinSet::new();
    for _ in 0..MANY {
        let network = Arc::clone(&network);
        attackers.spawn(async move {
            let _begun = begin(&network, half, elsewhere).await;
            std::future::pending::<()>().await;
        });
    }
    let crowded = || server.handle.stats().crowded_handshakes > 0;
    until("the places are taken", crowded).await;
    for _ in 0..5 {
        let client = async {
            let client = network.channel(&server.address).connect_timeout(PATIENCE);
            let client = crate::echo::EchoClient::new(client.build().await.unwrap());
            client.echo(b"x").await.unwrap()
        };
        let reply = timeout(SOON, client).await;
        let reply = reply.unwrap_or_else(|_| panic!("{label}: {:?}", server.handle.stats()));
        assert_eq!(reply, b"x");
        sleep(Duration::from_millis(50)).await;
    }
    attackers.abort_all();
}

/// Half handshakes of one address keep no other address waiting, on every network that has any.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_one_address_keep_no_other_waiting_on_every_network() {
    for network in all_entrances().filter(Network::is_over_tcp) {
        let network = Arc::new(network);
        let has_head = matches!(network.name, "http" | "ws" | "wss");
        if network.is_secure() {
            half_handshakes(Arc::clone(&network), Half::Tls).await;
        }
        if has_head {
            half_handshakes(network, Half::Head).await;
        }
    }
}
