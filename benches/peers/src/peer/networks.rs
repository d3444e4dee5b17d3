//! rpcx over each of its networks.

use std::marker::PhantomData;
use std::net::SocketAddr;

use anyhow::Result;
use rpcx::Limits;
use rpcx::layer::{Head, Next, Request, Response, before};
use rpcx::services::Service;
use rpcx::transport::kcp::Kcp;
use rpcx::transport::{ConnectOptions, ListenOptions};
use tokio::net::TcpListener;

use super::Peer;
use super::certificate::Certificate;
use super::raw::{Echo, RawClient, RawServer};
use super::rpcx::{BenchServer, Bencher, Connection};

/// How many connections a server takes, from one address as well: more than a process has descriptors.
const CONNECTIONS: usize = 500_000;

/// How an address of the comparison is reached.
pub(super) trait Way: 'static {
    /// The network.
    const NETWORK: &'static str;
    /// Whether there is TLS on it.
    const TLS: bool = false;
    /// Whether there is a layer around the calls on each side, which does nothing.
    const LAYERED: bool = false;
    /// The same with one that lets each call pass.
    const PASSED: bool = false;
    /// Whether large calls have a lane of their own.
    const BULK: bool = false;
    /// Whether its port is a port of TCP.
    const TCP: bool = true;

    /// The address with its network.
    fn address(address: SocketAddr) -> String {
        format!("{}@{address}", Self::NETWORK)
    }

    /// How the server listens.
    fn listening() -> ListenOptions {
        ListenOptions::new()
    }

    /// How the client connects.
    fn connecting() -> ConnectOptions {
        ConnectOptions::new()
    }
}

/// Over one of the networks.
pub(super) struct Rpcx<W>(PhantomData<W>);

/// The same without a codec: what the floors carry, as the payloads of a service.
pub(super) struct Raw<W>(PhantomData<W>);

impl<W: Way + Send> Peer for Rpcx<W> {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        serve::<W>(address, BenchServer::new(Bencher)).await
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        Ok(Connection::new(connect::<W>(address).await?))
    }
}

impl<W: Way + Send> Peer for Raw<W> {
    type Client = RawClient;

    async fn serve(address: SocketAddr) -> Result<()> {
        serve::<W>(address, RawServer::new(Echo)).await
    }

    async fn connect(address: SocketAddr) -> Result<RawClient> {
        Ok(RawClient::new(connect::<W>(address).await?))
    }
}

async fn serve<W: Way>(address: SocketAddr, service: impl Service) -> Result<()> {
    // all connections come from one address here
    let mut limits = Limits::server();
    (limits.connections, limits.address_connections) = (CONNECTIONS, CONNECTIONS);
    let mut server = rpcx::Server::builder().register(service).limits(limits);
    if W::TLS {
        let certificate = Certificate::make(address)?;
        server = server.tls(rpcx::Tls::from_pem(&certificate.chain, &certificate.key)?);
    }
    if W::LAYERED {
        server = server.layer(through);
    }
    if W::PASSED {
        server = server.layer(before(|_: &mut Head<'_>| Ok(())));
    }
    let server = server.listen_with(W::address(address), W::listening());
    let server = server.bind().await?;
    // the load generator sees by TCP that a server is there: the connection need not be accepted for that
    let _there = match W::TCP {
        true => None,
        false => Some(TcpListener::bind(address).await?),
    };
    Ok(server.serve().await?)
}

async fn connect<W: Way>(address: SocketAddr) -> Result<rpcx::Channel> {
    let mut channel = rpcx::Channel::builder()
        .address(W::address(address))
        .connect_options(W::connecting());
    if W::TLS {
        channel = channel.tls(rpcx::ClientTls::roots_pem(&Certificate::roots(address)?)?);
    }
    if W::LAYERED {
        channel = channel.layer(through);
    }
    if W::PASSED {
        channel = channel.layer(before(|_: &mut Head<'_>| Ok(())));
    }
    if W::BULK {
        channel = channel.bulk(rpcx::client::Bulk::new());
    }
    Ok(channel.build().await?)
}

async fn through(request: Request, next: Next) -> Response {
    next.run(request).await
}

macro_rules! ways {
    ($($way:ident $network:literal $tls:literal;)*) => {
        $(pub(super) struct $way;

        impl Way for $way {
            const NETWORK: &'static str = $network;
            const TLS: bool = $tls;
        })*
    };
}

ways! {
    Tcp "tcp" false;
    TcpTls "tcp" true;
    Http "http" false;
    Ws "ws" false;
    Wss "wss" true;
}

pub(super) struct Layered;

impl Way for Layered {
    const NETWORK: &'static str = "tcp";
    const LAYERED: bool = true;
}

pub(super) struct Passed;

impl Way for Passed {
    const NETWORK: &'static str = "tcp";
    const PASSED: bool = true;
}

pub(super) struct Bulk;

impl Way for Bulk {
    const NETWORK: &'static str = "tcp";
    const BULK: bool = true;
}

pub(super) struct TlsBulk;

impl Way for TlsBulk {
    const NETWORK: &'static str = "tcp";
    const TLS: bool = true;
    const BULK: bool = true;
}

pub(super) struct Unix;

impl Way for Unix {
    const NETWORK: &'static str = "unix";
    const TCP: bool = false;

    /// A file of its own for each port. The next server replaces what a killed one left.
    fn address(address: SocketAddr) -> String {
        let file = std::env::temp_dir().join(format!("peers-{}.sock", address.port()));
        format!("unix@{}", file.display())
    }
}

#[cfg(feature = "quic")]
pub(super) struct Quic;

#[cfg(feature = "quic")]
impl Way for Quic {
    const NETWORK: &'static str = "quic";
    const TLS: bool = true;
    const TCP: bool = false;
}

/// With the settings for speed, as Go rpcx otherwise: no key, FEC 10/3.
pub(super) struct KcpFast;

impl Way for KcpFast {
    const NETWORK: &'static str = "kcp";
    const TCP: bool = false;

    fn listening() -> ListenOptions {
        ListenOptions::new().kcp(Kcp::fast())
    }

    fn connecting() -> ConnectOptions {
        ConnectOptions::new().kcp(Kcp::fast())
    }
}
