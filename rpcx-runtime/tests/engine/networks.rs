//! The networks with sockets, for what must be the same on each of them, and a peer on them that
//! stops in the middle.

use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx_runtime::client::ChannelBuilder;
use rpcx_runtime::transport::tls::Tls;
use rpcx_runtime::{Channel, Limits, Server};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::certificates::Authority;
use crate::echo::{Echo, EchoClient, Running};

/// A network, with TLS or without.
pub(crate) struct Network {
    pub(crate) name: &'static str,
    authority: Option<Authority>,
    /// That of every server on it.
    tls: Option<Tls>,
}

/// Each of them once, and the layers that go together.
pub(crate) fn networks() -> impl Iterator<Item = Network> {
    let all = [
        ("tcp", false),
        ("http", false),
        ("ws", false),
        #[cfg(unix)]
        ("unix", false),
        ("tcp", true),
        ("wss", true),
    ];
    all.into_iter()
        .map(|(name, secure)| Network::new(name, secure))
}

/// Those, and the ones over UDP.
pub(crate) fn every_network() -> impl Iterator<Item = Network> {
    let over_udp = [("quic", true), ("kcp", false)];
    let over_udp = over_udp.map(|(name, secure)| Network::new(name, secure));
    networks().chain(over_udp)
}

/// An address on a network that no server has.
fn free(network: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    if network != "unix" {
        return format!("{network}@127.0.0.1:0");
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("rpcx-engine-{}-{number}.sock", std::process::id());
    format!("unix@{}", std::env::temp_dir().join(name).display())
}

impl Network {
    fn new(name: &'static str, secure: bool) -> Self {
        let authority = secure.then(Authority::new);
        let certificate = |authority: &Authority| authority.certificate("127.0.0.1").tls();
        Self {
            name,
            tls: authority.as_ref().map(certificate),
            authority,
        }
    }

    pub(crate) async fn start(&self, limits: Limits) -> Running {
        self.start_at(&free(self.name), limits).await
    }

    pub(crate) async fn start_at(&self, address: &str, limits: Limits) -> Running {
        let echo = Echo::default();
        let mut server = Server::builder()
            .register(echo.clone())
            .limits(limits)
            .listen(address);
        if let Some(tls) = &self.tls {
            server = server.tls(tls.clone());
        }
        let server = server.bind().await.unwrap();
        Running {
            address: server.addresses()[0].to_string(),
            handle: server.handle(),
            echo,
            task: tokio::spawn(server.serve()),
        }
    }

    pub(crate) async fn connect(&self, address: &str) -> EchoClient {
        let channel = self.channel(address).build().await;
        EchoClient::new(channel.unwrap_or_else(|error| panic!("{}: {error}", self.name)))
    }

    pub(crate) fn channel(&self, address: &str) -> ChannelBuilder {
        let channel = Channel::builder().address(address);
        match &self.authority {
            Some(authority) => channel.tls(authority.client()),
            None => channel,
        }
    }
}

type Halves = (
    Box<dyn AsyncRead + Send + Unpin>,
    Box<dyn AsyncWrite + Send + Unpin>,
);

/// Passes the bytes of one client on to the server at `address`, and back, until so many have gone
/// that way: then no more of them are read, and both connections stay. Returns the address for the
/// client.
pub(crate) async fn stopping_relay(address: &str, there: usize, back: usize) -> String {
    let (network, server) = address.split_once('@').unwrap();
    let server = server.to_owned();
    let front = free(network);
    let (_, front) = front.split_once('@').unwrap();
    #[cfg(unix)]
    if network == "unix" {
        let listener = tokio::net::UnixListener::bind(front).unwrap();
        let path = std::path::PathBuf::from(front);
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            std::fs::remove_file(path).unwrap();
            let server = tokio::net::UnixStream::connect(server).await.unwrap();
            let (client, server) = (halves(client), halves(server));
            relay(client, server, (there, back)).await;
        });
        return format!("unix@{front}");
    }
    let listener = TcpListener::bind(front).await.unwrap();
    let front = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(server).await.unwrap();
        relay(halves(client), halves(server), (there, back)).await;
    });
    format!("{network}@{front}")
}

fn halves(socket: impl AsyncRead + AsyncWrite + Send + 'static) -> Halves {
    let (reader, writer) = tokio::io::split(socket);
    (Box::new(reader), Box::new(writer))
}

/// Ends both connections when one of them has ended, as far as it is still read.
async fn relay(client: Halves, server: Halves, (there, back): (usize, usize)) {
    tokio::select! {
        () = pass(client.0, server.1, there) => {}
        () = pass(server.0, client.1, back) => {}
    }
}

async fn pass(
    mut from: Box<dyn AsyncRead + Send + Unpin>,
    mut to: Box<dyn AsyncWrite + Send + Unpin>,
    most: usize,
) {
    let (mut left, mut buffer) = (most, vec![0; 16 << 10]);
    while left > 0 {
        let room = left.min(buffer.len());
        let Ok(length @ 1..) = from.read(&mut buffer[..room]).await else {
            return;
        };
        left -= length;
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
    std::future::pending().await
}
