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
use tokio::task::JoinSet;

use crate::certificates::{Authority, Certificate};
use crate::echo::{Echo, EchoClient, Running};
use crate::long;

/// Both halves of a stream, of whatever kind.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

/// A network, with TLS or without.
pub(crate) struct Network {
    pub(crate) name: &'static str,
    authority: Option<Authority>,
    /// That of every server on it.
    certificate: Option<Certificate>,
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

/// Checks all of these at the same time: most of such a check is waiting for timers.
pub(crate) async fn at_once<C>(
    networks: impl Iterator<Item = Network>,
    check: impl Fn(Network) -> C,
) where
    C: Future<Output = ()> + Send + 'static,
{
    let checks: JoinSet<_> = networks.map(check).collect();
    checks.join_all().await;
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

/// The same for what sends megabytes. KCP, which waits for acknowledgements after each few packets, takes half a minute for them, and is
/// there where what is long runs, too.
pub(crate) fn entrances_for_much() -> impl Iterator<Item = Network> {
    all_entrances().filter(|network| {
        network.name != "kcp" || long::is_wanted("megabytes by KCP, which take half a minute")
    })
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
        let certificate = |authority: &Authority| authority.certificate("127.0.0.1");
        let certificate = authority.as_ref().map(certificate);
        Self {
            name,
            tls: certificate.as_ref().map(Certificate::tls),
            certificate,
            authority,
        }
    }

    /// What [`of_another_process`](Self::of_another_process) needs to serve on it.
    pub(crate) fn for_another_process(&self) -> String {
        let certificate = self.certificate.as_ref();
        let pem =
            certificate.map(|certificate| format!("{}{}", certificate.chain, certificate.key));
        format!("{}\n{}", self.name, pem.unwrap_or_default())
    }

    /// The same network in a process that serves, and does not call.
    pub(crate) fn of_another_process(told: &str) -> Self {
        let (name, pem) = told.split_once('\n').unwrap();
        let pem = pem.as_bytes();
        Self {
            tls: (!pem.is_empty()).then(|| Tls::from_pem(pem, pem).unwrap()),
            ..Self::new(
                all_entrances().find(|one| one.name == name).unwrap().name,
                false,
            )
        }
    }

    /// Its name, and whether TLS is below it.
    pub(crate) fn label(&self) -> String {
        match self.tls {
            Some(_) => format!("{} with TLS", self.name),
            None => self.name.to_owned(),
        }
    }

    /// Whether TLS is below it.
    pub(crate) fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether it is a socket of TCP at the bottom.
    pub(crate) fn is_over_tcp(&self) -> bool {
        !matches!(self.name, "unix" | "quic" | "kcp")
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
        self.serve(address, server.register(echo.clone()), echo)
            .await
    }

    /// With another service, in place of `Echo`.
    pub(crate) async fn start_beside(&self, address: &str, server: ServerBuilder) -> Running {
        self.serve(address, server, Echo::default()).await
    }

    async fn serve(&self, address: &str, server: ServerBuilder, echo: Echo) -> Running {
        let mut server = server.listen(address);
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
        let stream = self.try_dial(address).await;
        stream.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// The same where the server may refuse it.
    pub(crate) async fn try_dial(&self, address: &str) -> std::io::Result<Stream> {
        let mut options = ConnectOptions::new();
        if let Some(authority) = &self.authority {
            options = options.tls(authority.client());
        }
        connector(address, &options).unwrap().connect().await
    }

    /// The same without what is above TLS or TCP: the handshake of it is the peer's.
    pub(crate) async fn dial_below(&self, at: std::net::SocketAddr) -> Box<dyn Socket> {
        let mut options = ConnectOptions::new();
        let Some(authority) = &self.authority else {
            return Box::new(TcpStream::connect(at).await.unwrap());
        };
        options = options.tls(authority.client());
        let connector = connector(format!("tcp@{at}").as_str(), &options).unwrap();
        // It may wait for long where places are short.
        match connector.connect().await {
            Ok(stream) => Box::new(tokio::io::join(stream.reader, stream.writer)),
            Err(_) => std::future::pending().await,
        }
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
