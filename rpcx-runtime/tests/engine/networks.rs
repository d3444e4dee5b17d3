//! The networks with sockets, for what must be the same on each of them, and a peer on them that
//! stops in the middle.

use std::sync::atomic::{AtomicUsize, Ordering};

use rpcx_runtime::client::ChannelBuilder;
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::transport::tls::Tls;
use rpcx_runtime::transport::{ConnectOptions, Listen, ListenOptions, Stream, connector, listen};
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

/// Those, and what else a stranger finds open: a port that listeners share, and layers in other orders.
pub(crate) fn all_entrances() -> impl Iterator<Item = Network> {
    let more = [
        ("http", true),
        #[cfg(all(unix, feature = "reuseport"))]
        ("reuseport", false),
    ];
    let more = more.map(|(name, secure)| Network::new(name, secure));
    every_network().chain(more)
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

    /// Its name, and whether TLS is below it.
    pub(crate) fn label(&self) -> String {
        match self.tls {
            Some(_) => format!("{} with TLS", self.name),
            None => self.name.to_owned(),
        }
    }

    pub(crate) async fn start(&self, limits: Limits) -> Running {
        self.start_at(&free(self.name), limits).await
    }

    pub(crate) async fn start_at(&self, address: &str, limits: Limits) -> Running {
        self.start_with(address, Server::builder().limits(limits))
            .await
    }

    /// With what else is set.
    pub(crate) async fn start_with(&self, address: &str, server: ServerBuilder) -> Running {
        let echo = Echo::default();
        let mut server = server.register(echo.clone()).listen(address);
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

    /// An address for a server on it.
    pub(crate) fn free(&self) -> String {
        free(self.name)
    }

    /// A stream to a server, for a peer that says what it likes.
    pub(crate) async fn dial(&self, address: &str) -> Stream {
        let mut options = ConnectOptions::new();
        if let Some(authority) = &self.authority {
            options = options.tls(authority.client());
        }
        let stream = connector(address, &options).unwrap().connect().await;
        stream.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// A listener, for a server that says what it likes. Its address is for clients.
    pub(crate) async fn listen(&self) -> (Box<dyn Listen>, String) {
        let mut options = ListenOptions::new();
        if let Some(tls) = &self.tls {
            options = options.tls(tls.clone());
        }
        let listener = listen(self.free().as_str(), &options).await.unwrap();
        let address = listener.address().to_string();
        (listener, address)
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
