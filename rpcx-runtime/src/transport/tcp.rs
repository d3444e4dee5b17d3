//! `tcp@host:port`, `tcp4@..`, `tcp6@..`, and the networks that are TCP with an upgrade above it.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::ReadBuf;
use tokio::net::{TcpListener, TcpStream};

use super::cause::cannot_listen;
use super::networks::Ways;
use super::socket::{Halves, Socket, Upgrades};
use super::{
    Address, BoundSocket, BoxFuture, Closing, Connect, ConnectOptions, Incoming, Listen,
    ListenOptions, Network, Stream, bind, dial, path, resolve, socket,
};
use crate::error::Error;

/// A peer that vanished is noticed after about a minute without traffic.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_RETRIES: u32 = 6;

/// Connections that wait to be accepted; the system may have a lower limit.
const BACKLOG: i32 = 1024;

/// How long written bytes may stay unacknowledged.
#[cfg(target_os = "linux")]
const USER_TIMEOUT: Duration = Duration::from_secs(60);

pub(super) const WAYS: Ways = Ways {
    connect: Some(connector),
    listen: |address, options| Box::pin(listen_by(address, options, |_| Ok(()))),
    listen_on: Some(listen_on),
    upgrade: None,
};

fn connector(address: &Address, options: &ConnectOptions) -> Result<Box<dyn Connect>, Error> {
    Ok(Box::new(TcpConnector {
        address: address.clone(),
        upgrades: Upgrades::client(address, options)?,
    }))
}

struct TcpConnector {
    address: Address,
    upgrades: Upgrades,
}

impl Connect for TcpConnector {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let candidates = resolve::remote(&self.address).await?;
            let open = || self.open(candidates.clone());
            self.upgrades.connect(&self.address, open).await
        })
    }
}

impl TcpConnector {
    fn open(&self, candidates: Vec<SocketAddr>) -> BoxFuture<'_, io::Result<Box<dyn Socket>>> {
        Box::pin(async move {
            let open = |candidate| -> BoxFuture<'_, _> { Box::pin(TcpStream::connect(candidate)) };
            let socket = dial::first(candidates, open).await?;
            configure(&socket)?;
            Ok(Box::new(socket) as Box<dyn Socket>)
        })
    }
}

/// Listens with a socket that `prepare` is shown before it is bound. Clients are to use TCP,
/// whatever `address` is called.
pub(super) async fn listen_by(
    address: &Address,
    options: &ListenOptions,
    prepare: impl Fn(&socket2::Socket) -> io::Result<()>,
) -> Result<Box<dyn Listen>, Error> {
    let upgrades = Upgrades::server(address, options)?;
    let failed = cannot_listen(address);
    let candidates = resolve::local(address).await.map_err(&failed)?;
    let bind = |candidate: SocketAddr| {
        let socket = bind::tcp(candidate, address.network() == Network::TCP6)?;
        prepare(&socket)?;
        socket.bind(&candidate.into())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        TcpListener::from_std(socket.into())
    };
    let listener = bind::first(&candidates, bind).map_err(&failed)?;
    listening(listener, address, options, upgrades).map_err(&failed)
}

/// Listens with a socket that another process, or another part of this one, has bound.
fn listen_on(
    socket: BoundSocket,
    address: &Address,
    options: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    let socket = socket.into_tcp()?;
    let upgrades = Upgrades::server(address, options)?;
    let failed = cannot_listen(address);
    let nonblocking = socket.set_nonblocking(true);
    let listener = nonblocking.and_then(|()| TcpListener::from_std(socket));
    let listening = |listener| listening(listener, address, options, upgrades);
    listener.and_then(listening).map_err(&failed)
}

fn listening(
    listener: TcpListener,
    address: &Address,
    options: &ListenOptions,
    upgrades: Upgrades,
) -> io::Result<Box<dyn Listen>> {
    let local = listener.local_addr()?;
    let path = path::named(address, &options.own);
    let location = format!("{local}{}", path.unwrap_or_default());
    let network = match address.network() {
        Network::REUSEPORT => Network::TCP,
        network => network,
    };
    Ok(Box::new(TcpListening {
        listener,
        address: Address::new(network, location),
        upgrades,
    }))
}

struct TcpListening {
    listener: TcpListener,
    address: Address,
    upgrades: Upgrades,
}

impl Listen for TcpListening {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        Box::pin(async move {
            let (socket, peer) = self.listener.accept().await?;
            incoming(socket, peer, &self.address, &self.upgrades)
        })
    }

    fn address(&self) -> Address {
        self.address.clone()
    }

    fn close(self: Box<Self>) -> Closing {
        // Not by `accept`: that waits to be told by the reactor, and what has come since the
        // reactor last looked would be lost.
        let Self {
            listener,
            address,
            upgrades,
        } = *self;
        let Ok(listener) = listener.into_std() else {
            return Closing::default();
        };
        Closing::waiting(socket::queued(|| {
            let (socket, peer) = listener.accept()?;
            socket.set_nonblocking(true)?;
            incoming(TcpStream::from_std(socket)?, peer, &address, &upgrades)
        }))
    }
}

fn incoming(
    socket: TcpStream,
    peer: SocketAddr,
    address: &Address,
    upgrades: &Upgrades,
) -> io::Result<Incoming> {
    configure(&socket)?;
    let peer = resolve::canonical(peer).to_string();
    let peer = Address::new(address.network(), peer);
    Ok(upgrades.incoming(Box::new(socket), peer))
}

impl Socket for TcpStream {
    fn halves(self: Box<Self>) -> Halves {
        let (reader, writer) = self.into_split();
        (Box::new(reader), Box::new(writer))
    }

    fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // Looked at, because a socket may be called ready and is not. An error comes again when it
        // is read.
        self.poll_peek(cx, &mut ReadBuf::new(&mut [0])).map(drop)
    }

    fn abort(self: Box<Self>) {
        // A reset and not an end: the peer learns at once that nothing was taken, and this side keeps
        // no port in TIME_WAIT for it. If it cannot be set the socket is closed all the same.
        let _ = SockRef::from(&*self).set_linger(Some(Duration::ZERO));
    }

    fn is_at_loopback(&self) -> bool {
        let local = self.local_addr();
        local.is_ok_and(|local| local.ip().to_canonical().is_loopback())
    }
}

/// What Go has on every TCP connection, or means to have.
fn configure(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    let options = SockRef::from(socket);
    options.set_tcp_keepalive(&keepalive)?;
    set_user_timeout(&options)
}

#[cfg(target_os = "linux")]
fn set_user_timeout(options: &SockRef<'_>) -> io::Result<()> {
    options.set_tcp_user_timeout(Some(USER_TIMEOUT))
}

#[cfg(not(target_os = "linux"))]
fn set_user_timeout(_: &SockRef<'_>) -> io::Result<()> {
    Ok(())
}
