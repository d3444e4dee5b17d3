//! Byte streams by network name. A stream never sees a frame.
//!
//! A network is one file or folder with a [`Connect`] and a [`Listen`]; the two tables below are
//! the only place that lists them all. What a network puts between a socket and the frames, TLS or
//! an HTTP handshake, is a layer (`socket.rs`), so that every combination is the same code.
//!
//! A network from outside this crate implements the same two traits, and is given to
//! [`ChannelBuilder::connector`](crate::client::ChannelBuilder::connector) and
//! [`ServerBuilder::listener`](crate::server::ServerBuilder::listener):
//!
//! ```
//! use std::io;
//!
//! use rpcx_runtime::transport::{Address, BoxFuture, Connect, Incoming, Listen, Stream};
//! use rpcx_runtime::{Channel, Result, Server};
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
//!                 // Nobody can connect any more.
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

#[cfg_attr(
    not(all(feature = "tcp", feature = "_tls")),
    allow(dead_code, reason = "not everything has hosts, paths and names")
)]
#[cfg(any(feature = "_quic", feature = "kcp", feature = "tcp"))]
mod bind;
mod bound;
#[cfg(any(feature = "_quic", feature = "kcp", feature = "tcp"))]
mod dial;
#[cfg(feature = "ws")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(any(feature = "http-connect", feature = "ws"))]
mod halves;
#[cfg_attr(
    not(any(feature = "http-connect", feature = "ws")),
    allow(dead_code, reason = "nothing has headers")
)]
mod headers;
#[cfg(feature = "http-connect")]
mod http;
#[cfg(any(feature = "http-connect", feature = "ws"))]
#[cfg_attr(
    not(feature = "ws"),
    allow(dead_code, reason = "a CONNECT has no headers")
)]
mod http_head;
#[cfg(feature = "kcp")]
pub mod kcp;
mod mem;
mod networks;
#[allow(dead_code, reason = "what is used depends on what is switched off")]
mod off;
#[cfg_attr(
    not(all(feature = "_quic", feature = "kcp", feature = "ws")),
    allow(dead_code, reason = "nothing reads the options of what is off")
)]
mod options;
#[cfg_attr(
    not(all(feature = "tcp", feature = "_tls")),
    allow(dead_code, reason = "not everything has hosts, paths and names")
)]
mod parse;
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
#[cfg_attr(
    not(feature = "ws"),
    allow(dead_code, reason = "nothing has sockets, or asks where one came in")
)]
mod socket;
#[cfg(feature = "tcp")]
mod tcp;
#[cfg(feature = "_tls")]
pub mod tls;
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
pub(crate) use mem::pipe;
#[cfg(not(feature = "tcp"))]
use off as tcp;
#[cfg(not(feature = "_tls"))]
use off as tls;
#[cfg(not(feature = "http-connect"))]
use off as http;
#[cfg(not(feature = "kcp"))]
use off as kcp;
#[cfg(not(feature = "_quic"))]
use off as quic;
#[cfg(not(all(
    feature = "reuseport",
    unix,
    not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))
)))]
use off as reuseport;
#[cfg(not(all(feature = "unix", unix)))]
use off as unix;
#[cfg(not(feature = "ws"))]
use off as ws;
#[cfg(not(feature = "_tls"))]
pub(crate) use off::Tls as NoTls;
pub use options::{ConnectOptions, ListenOptions};

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
    /// yes. Without it nobody waits for that.
    pub ends: bool,
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
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("peer", &self.peer)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// What a listener has accepted: a [`Stream`], by `.into()`, or one that has to be
/// [negotiated](Self::negotiating) first.
///
/// The server bounds how long the negotiation may take and how many are under way
/// ([`Limits::handshake`](crate::Limits::handshake), [`Limits::handshakes`](crate::Limits::handshakes)),
/// and accepts others meanwhile.
pub struct Incoming(pub(crate) IncomingState);

pub(crate) enum IncomingState {
    Ready(Stream),
    Negotiating(Handshake),
    /// One whose peer has to begin. The handshake is there when it has sent something.
    Silent(BoxFuture<'static, Handshake>),
}

/// Something that is a stream once it is negotiated.
pub(crate) type Handshake = BoxFuture<'static, io::Result<Stream>>;

impl Incoming {
    /// A stream that is there once `handshake` is done. An error of it costs that stream only.
    ///
    /// The peer counts as one that has begun its handshake, even if it has sent nothing yet.
    pub fn negotiating(
        handshake: impl Future<Output = io::Result<Stream>> + Send + 'static,
    ) -> Self {
        Self(IncomingState::Negotiating(Box::pin(handshake)))
    }

    /// The same for one whose peer begins: `heard` gives what to `negotiate` on when it has.
    #[allow(
        clippy::async_yields_async,
        reason = "there is a time for each of the two"
    )]
    pub(crate) fn silent<S, H>(
        heard: impl Future<Output = S> + Send + 'static,
        negotiate: impl FnOnce(S) -> H + Send + 'static,
    ) -> Self
    where
        H: Future<Output = io::Result<Stream>> + Send + 'static,
    {
        Self(IncomingState::Silent(Box::pin(async move {
            Box::pin(negotiate(heard.await)) as Handshake
        })))
    }
}

impl Incoming {
    /// The stream, once it is negotiated: for listeners that stand in front of another.
    ///
    /// # Errors
    /// If the negotiation fails. The caller bounds how long it may take.
    pub async fn stream(self) -> io::Result<Stream> {
        match self.0 {
            IncomingState::Ready(stream) => Ok(stream),
            IncomingState::Negotiating(handshake) => handshake.await,
            IncomingState::Silent(heard) => heard.await.await,
        }
    }
}

impl From<Stream> for Incoming {
    /// A stream that needs no negotiation.
    fn from(stream: Stream) -> Self {
        Self(IncomingState::Ready(stream))
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            IncomingState::Ready(stream) => f.debug_tuple("Incoming").field(stream).finish(),
            IncomingState::Negotiating(_) => f.write_str("Incoming(negotiating)"),
            IncomingState::Silent(_) => f.write_str("Incoming(silent)"),
        }
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
    /// For networks on which nobody sees a stream before bytes have come. QUIC sends the greeting as
    /// its first bytes, because some servers accept nobody else until then. KCP has no handshake, so
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

    /// Stops listening. Called when the server begins to drain.
    ///
    /// Default: nobody had connected that was not accepted, and the listener is dropped.
    fn close(self: Box<Self>) -> Closing {
        Closing::default()
    }
}

/// A listener that accepts no more.
#[non_exhaustive]
pub struct Closing {
    /// Those who had connected and were not accepted: they may have sent their calls already.
    pub waiting: Vec<Incoming>,
    /// Completes when everything that was written to its streams has left, for networks whose
    /// streams end with the listener's socket. The server waits for it after its last connection
    /// has ended, for 1 s at most.
    pub left: BoxFuture<'static, ()>,
}

impl Closing {
    /// With these, who had connected.
    pub fn waiting(waiting: Vec<Incoming>) -> Self {
        Self {
            waiting,
            ..Self::default()
        }
    }

    /// With this to wait for.
    pub fn until(left: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            left: Box::pin(left),
            ..Self::default()
        }
    }
}

impl Default for Closing {
    /// Nobody had connected, and there is nothing to wait for.
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            left: Box::pin(std::future::ready(())),
        }
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing")
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}

/// The way to open streams to `address`.
pub(crate) fn connector(
    address: &Address,
    options: &ConnectOptions,
) -> Result<Box<dyn Connect>, Error> {
    options.check(address)?;
    match address.network() {
        Network::UNIX => unix::connector(address, options),
        Network::QUIC => quic::connector(address, options),
        Network::KCP => kcp::connector(address, options),
        Network::MEM => Ok(mem::connector(address)),
        Network::TCP
        | Network::TCP4
        | Network::TCP6
        | Network::HTTP
        | Network::WS
        | Network::WSS => tcp::connector(address, options),
        Network::REUSEPORT => Err(Error::setup(format!(
            "the address `{address}` is for listening: a client connects to `tcp@{}`",
            address.location()
        ))),
        name => Err(Error::setup(format!(
            "the network `{name}` is not built in: give its connector to `connector`"
        ))),
    }
}

/// Starts to listen on `address`.
pub(crate) async fn listen(
    address: &Address,
    options: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    options.check(address)?;
    match address.network() {
        Network::TCP
        | Network::TCP4
        | Network::TCP6
        | Network::HTTP
        | Network::WS
        | Network::WSS => tcp::listen(address, options).await,
        Network::REUSEPORT => reuseport::listen(address, options).await,
        Network::UNIX => unix::listen(address, options).await,
        Network::QUIC => quic::listen(address, options).await,
        Network::KCP => kcp::listen(address, options).await,
        Network::MEM => mem::listen(address),
        name => Err(Error::setup(format!(
            "the network `{name}` is not built in: give its listener to `listener`"
        ))),
    }
}
