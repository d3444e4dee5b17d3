//! Networks and their options, TLS, and networks of your own.
//!
//! An address is `network@address`; which networks there are is a matter of features. Options of one address are
//! [`ListenOptions`] on a server and [`ConnectOptions`] on a channel: TLS, plain text, permissions of a socket file.
//!
//! A network of your own implements [`Connect`] and [`Listen`], and is given to
//! [`ChannelBuilder::connector`](crate::client::ChannelBuilder::connector) and
//! [`ServerBuilder::listener`](crate::server::ServerBuilder::listener):
//!
//! ```
//! use std::io;
//!
//! use rpcx::transport::{Address, BoxFuture, Connect, Incoming, Listen, Stream};
//! use rpcx::{Channel, Result, Server};
//! use tokio::io::{DuplexStream, duplex, split};
//! use tokio::sync::mpsc::{Receiver, Sender, channel};
//!
//! /// Makes pipes, and gives one end of each to the listener.
//! struct Pipes(Sender<DuplexStream>);
//!
//! impl Connect for Pipes {
//!     fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
//!         Box::pin(async {
//!             let (ours, theirs) = duplex(1 << 16);
//!             let gone = |_| io::Error::from(io::ErrorKind::ConnectionRefused);
//!             self.0.send(theirs).await.map_err(gone)?;
//!             Ok(stream(ours))
//!         })
//!     }
//! }
//!
//! struct Ends(Receiver<DuplexStream>);
//!
//! impl Listen for Ends {
//!     fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
//!         Box::pin(async {
//!             match self.0.recv().await {
//!                 Some(end) => Ok(stream(end).into()),
//!                 // No more connections can come.
//!                 None => std::future::pending().await,
//!             }
//!         })
//!     }
//!
//!     fn address(&self) -> Address {
//!         Address::custom("pipe", "example")
//!     }
//! }
//!
//! fn stream(end: DuplexStream) -> Stream {
//!     let (reader, writer) = split(end);
//!     Stream::new(reader, writer, Address::custom("pipe", "example"))
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<()> {
//! let (sender, receiver) = channel(16);
//! let server = Server::builder().listener(Ends(receiver)).bind().await?;
//! assert_eq!(server.addresses()[0].to_string(), "pipe@example");
//! tokio::spawn(server.serve());
//! let channel = Channel::builder().connector("pipe@example", Pipes(sender)).build().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Its connections have the same limits, heartbeats, deadlines and shutdown as any other. TLS is its
//! own affair: a server that has TLS takes the listener only by
//! [`listener_with`](crate::server::ServerBuilder::listener_with) and
//! [`ListenOptions::plaintext`], and a channel refuses TLS and every other option beside a connector.

// Byte streams by network name: a stream never sees a frame. A network is one file or folder with a `Connect`, a `Listen` and its
// options, and a row in the table `networks.rs`. What it puts between a socket and the frames, TLS or an HTTP handshake, is an
// upgrade (`socket.rs`), so that every combination is the same code.

#[cfg_attr(
    not(all(feature = "tcp", feature = "_tls")),
    allow(dead_code, reason = "not everything has hosts, paths and names")
)]
#[cfg(any(feature = "_quic", feature = "kcp", feature = "tcp"))]
mod bind;
mod bound;
mod cause;
#[cfg(any(feature = "_quic", feature = "kcp", feature = "tcp"))]
mod dial;
#[cfg(any(feature = "kcp", feature = "ws"))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(any(feature = "http-connect", feature = "ws"))]
mod halves;
#[cfg(any(feature = "http-connect", feature = "ws"))]
mod headers;
#[cfg(feature = "http-connect")]
mod http;
#[cfg(any(feature = "http-connect", feature = "ws"))]
#[cfg_attr(
    not(feature = "ws"),
    allow(dead_code, reason = "a CONNECT has no headers")
)]
mod http_head;
mod incoming;
#[cfg(feature = "kcp")]
pub mod kcp;
mod mem;
mod networks;
mod options;
#[cfg_attr(
    not(any(feature = "_quic", feature = "kcp", feature = "tcp", feature = "unix")),
    allow(dead_code, reason = "no network that is on has options")
)]
mod own;
#[cfg(any(feature = "http", feature = "ws"))]
pub(crate) mod pages;
#[cfg_attr(
    not(all(feature = "tcp", feature = "_tls")),
    allow(dead_code, reason = "not everything has hosts, paths and names")
)]
mod parse;
#[cfg(feature = "tcp")]
mod path;
#[cfg(feature = "_quic")]
pub mod quic;
#[cfg(any(feature = "_quic", feature = "kcp", feature = "tcp"))]
mod resolve;
#[cfg(all(
    feature = "reuseport",
    unix,
    not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))
))]
mod reuseport;
mod rules;
#[cfg_attr(
    not(feature = "ws"),
    allow(dead_code, reason = "nothing has sockets, or asks where one came in")
)]
mod socket;
#[cfg(feature = "tcp")]
mod tcp;
#[cfg(feature = "_tls")]
pub mod tls;
#[cfg(not(feature = "_tls"))]
#[path = "no_tls.rs"]
mod tls;
#[cfg(all(feature = "unix", unix))]
mod unix;
#[cfg(feature = "ws")]
mod ws;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

pub use bound::BoundSocket;
pub use cause::ResolveError;
pub(crate) use cause::walkable;
pub use incoming::{Closing, Incoming};
pub(crate) use incoming::{Handshake, IncomingState};
pub(crate) use mem::pipe;
pub use options::{ConnectOptions, ListenOptions};
pub(crate) use rules::Filter;
pub use rules::{ConnectionRules, Filtered, RefusedConnections};
pub(crate) use rules::{Refused, host};
#[cfg(not(feature = "_tls"))]
pub(crate) use tls::Tls as NoTls;
#[cfg(all(feature = "http", feature = "ws"))]
pub(crate) use ws::WebSockets;

pub use crate::address::{Address, AddressError, Network};
use crate::context::Identity;
use crate::error::Error;

/// A future in a box: transports are looked up by name, so their futures have no type to name.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An open, ordered, reliable stream of bytes in both directions.
#[non_exhaustive]
pub struct Stream {
    /// What the peer sends.
    pub reader: Box<dyn AsyncRead + Send + Unpin>,
    /// What the peer gets. Shutting it down tells the peer that nothing more comes.
    pub writer: Box<dyn AsyncWrite + Send + Unpin>,
    /// The other end.
    pub peer: Address,
    /// Who the other end has proved to be, if it was asked and the network can tell.
    pub identity: Option<Arc<Identity>>,
    /// Shutting the writer down is seen by the other end, which then ends its side too. Default:
    /// yes. Without it there is no wait for that.
    pub ends: bool,
    /// Whether it has come in at a loopback address, as far as the network can tell.
    pub(crate) at_loopback: bool,
}

impl Stream {
    /// A stream of two halves, and where the other end is.
    pub fn new(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
        peer: Address,
    ) -> Self {
        Self {
            reader: Box::new(reader),
            writer: Box::new(writer),
            peer,
            identity: None,
            ends: true,
            at_loopback: false,
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("peer", &self.peer)
            .field("identity", &self.identity)
            .field("at_loopback", &self.at_loopback)
            .finish_non_exhaustive()
    }
}

/// Opens streams to one address: what a network is to a client.
pub trait Connect: Send + Sync + 'static {
    /// Opens one, with everything that has to be negotiated. The caller bounds how long it may
    /// take, and drops the future when the time is over. An error is a call that was not sent.
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>>;

    /// The same for a caller that has something to begin with: `greeting`, bytes that the server
    /// answers or ignores, and that do no harm if two servers get them.
    ///
    /// For networks on which a server sees a stream only when bytes have come. QUIC sends the greeting as
    /// its first bytes, because some servers accept no other connection until then. KCP has no handshake, so
    /// it is done when the greeting was acknowledged. All others send nothing, which is the default:
    /// [`connect`]. Channels open their connections with this.
    ///
    /// [`connect`]: Self::connect
    fn greet<'a>(&'a self, greeting: &'a [u8]) -> BoxFuture<'a, io::Result<Stream>> {
        let _ = greeting;
        self.connect()
    }
}

/// Accepts streams on one address: what a network is to a server.
pub trait Listen: Send + 'static {
    /// Waits for the next one. An error concerns one stream, not the listener.
    ///
    /// The future may be dropped at any await without losing a stream that a later call would
    /// have given.
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>>;

    /// The address that clients are to use, with the port that the system chose, and with the path
    /// if that is not the default.
    fn address(&self) -> Address;

    /// Takes rules over that this listener applies sooner than [`Filtered`] could, which stands in
    /// front of every listener that gives them back: those that do nothing about it, which is the
    /// default.
    fn filter(&mut self, rules: ConnectionRules) -> Option<ConnectionRules> {
        Some(rules)
    }

    /// Stops listening. Called when the server begins to drain.
    ///
    /// Default: the backlog is empty, and the listener is dropped.
    fn close(self: Box<Self>) -> Closing {
        Closing::default()
    }
}

impl Connect for Box<dyn Connect> {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        (**self).connect()
    }

    fn greet<'a>(&'a self, greeting: &'a [u8]) -> BoxFuture<'a, io::Result<Stream>> {
        (**self).greet(greeting)
    }
}

impl Connect for Arc<dyn Connect> {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        (**self).connect()
    }

    fn greet<'a>(&'a self, greeting: &'a [u8]) -> BoxFuture<'a, io::Result<Stream>> {
        (**self).greet(greeting)
    }
}

impl Listen for Box<dyn Listen> {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        (**self).accept()
    }

    fn address(&self) -> Address {
        (**self).address()
    }

    fn filter(&mut self, rules: ConnectionRules) -> Option<ConnectionRules> {
        (**self).filter(rules)
    }

    fn close(self: Box<Self>) -> Closing {
        (*self).close()
    }
}

/// The way to open streams to `network@address`: what a channel uses, for a program that puts
/// something in front of it. Nothing is connected yet.
///
/// # Errors
/// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the address or an option cannot be used.
pub fn connector(
    address: impl TryInto<Address, Error: Into<Error>>,
    options: &ConnectOptions,
) -> Result<Box<dyn Connect>, Error> {
    let address = &address.try_into().map_err(Into::into)?;
    options.check(address)?;
    match networks::ways(address, "connector")?.connect {
        Some(connect) => connect(address, options),
        None => Err(Error::setup(format!(
            "the address `{address}` is for listening: a client connects to `tcp@{}`",
            address.location()
        ))),
    }
}

/// Starts to listen on `network@address`: what
/// [`ServerBuilder::listen_with`](crate::server::ServerBuilder::listen_with) does, for a program that
/// puts something in front of the listener, as [`Filtered`] does, or serves its streams itself.
///
/// TLS is that of the options; there is no server to inherit it from.
///
/// # Errors
/// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the address or an option cannot be used, or the
/// address cannot be bound.
pub async fn listen(
    address: impl TryInto<Address, Error: Into<Error>>,
    options: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    let address = address.try_into().map_err(Into::into)?;
    open_listener(&address, options).await
}

/// Starts to listen on `address`.
pub(crate) async fn open_listener(
    address: &Address,
    options: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    options.check(address)?;
    let ways = networks::ways(address, "listener")?;
    (ways.listen)(address, options).await
}
