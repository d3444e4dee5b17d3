//! Byte streams by network name. A stream never sees a frame.
//!
//! A network is one file or folder with a [`Connect`] and a [`Listen`]; the two tables below are
//! the only place that lists them all. What a network puts between a socket and the frames, TLS or
//! an HTTP handshake, is a layer (`socket.rs`), so that every combination is the same code.
//!
//! A network from outside this crate implements the same two traits, and is given to
//! [`ChannelBuilder::connector`](crate::client::ChannelBuilder::connector) and
//! [`ServerBuilder::listener`](crate::server::ServerBuilder::listener).

#[cfg_attr(not(feature = "tcp"), allow(dead_code, reason = "nothing has hosts"))]
mod address;
#[cfg(feature = "ws")]
#[doc(hidden)]
pub mod examine;
mod first_of;
#[cfg(any(feature = "http", feature = "ws"))]
#[cfg_attr(
    not(feature = "ws"),
    allow(dead_code, reason = "a CONNECT has no headers")
)]
mod head;
#[cfg(feature = "http")]
mod http;
#[cfg(any(feature = "http", feature = "ws"))]
mod joined;
mod mem;
#[allow(dead_code, reason = "what is used depends on what is switched off")]
mod off;
mod options;
#[cfg_attr(not(feature = "tcp"), allow(dead_code, reason = "nothing has sockets"))]
mod socket;
#[cfg(feature = "tcp")]
mod tcp;
#[cfg(feature = "_tls")]
pub mod tls;
#[cfg(feature = "ws")]
mod ws;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

pub use address::{Address, AddressError, Network};
pub(crate) use first_of::FirstOf;
pub(crate) use mem::pipe;
#[cfg(not(feature = "tcp"))]
use off as tcp;
#[cfg(not(feature = "_tls"))]
use off as tls;
#[cfg(not(feature = "http"))]
use off as http;
use off as kcp;
use off as quic;
use off as reuseport;
use off as unix;
#[cfg(not(feature = "ws"))]
use off as ws;
#[cfg(not(feature = "_tls"))]
pub(crate) use off::Tls as NoTls;
pub use options::{ConnectOptions, ListenOptions};

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
    /// The other end: `network@address`.
    pub peer: String,
    /// Who the other end has proved to be, if it was asked and the network can tell.
    pub identity: Option<Arc<Identity>>,
}

impl Stream {
    /// A stream of two halves; `peer` names the other end.
    pub fn new(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
        peer: impl Into<String>,
    ) -> Self {
        Self {
            reader: Box::new(reader),
            writer: Box::new(writer),
            peer: peer.into(),
            identity: None,
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

/// What a listener has accepted: a stream, or one that has to be negotiated first.
///
/// The server bounds how long the negotiation may take and how many are under way
/// ([`Limits::handshake`](crate::Limits::handshake), [`Limits::handshakes`](crate::Limits::handshakes)),
/// and accepts others meanwhile.
pub struct Incoming(pub(crate) IncomingState);

pub(crate) enum IncomingState {
    Ready(Stream),
    Negotiating(BoxFuture<'static, io::Result<Stream>>),
}

impl Incoming {
    /// A stream that is there once `handshake` is done.
    pub fn negotiating(
        handshake: impl Future<Output = io::Result<Stream>> + Send + 'static,
    ) -> Self {
        Self(IncomingState::Negotiating(Box::pin(handshake)))
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
        }
    }
}

/// Opens streams to one address.
pub trait Connect: Send + Sync + 'static {
    /// Opens one, with everything that has to be negotiated. The caller bounds how long it may
    /// take.
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>>;
}

/// Accepts streams on one address.
pub trait Listen: Send + 'static {
    /// Waits for the next one. An error concerns one stream, not the listener.
    ///
    /// The future may be dropped at any await without losing a stream that a later call would
    /// have given.
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>>;

    /// The address that clients are to use, with the port that the system chose.
    fn address(&self) -> Address;
}

/// The way to open streams to `address`.
pub(crate) fn connector(
    address: &Address,
    options: &ConnectOptions,
) -> Result<Box<dyn Connect>, Error> {
    match address.network() {
        Network::Unix => unix::connector(address, options),
        Network::Quic => quic::connector(address, options),
        Network::Kcp => kcp::connector(address, options),
        Network::Mem => mem::connector(address, options),
        Network::Tcp
        | Network::Tcp4
        | Network::Tcp6
        | Network::Http
        | Network::Ws
        | Network::Wss => tcp::connector(address, options),
        Network::Reuseport => Err(Error::setup(format!(
            "the address `{address}` is for listening: a client connects to `tcp@{}`",
            address.location()
        ))),
        Network::Custom(name) => Err(Error::setup(format!(
            "the network `{name}` is not built in: give its connector to `connector`"
        ))),
    }
}

/// Starts to listen on `address`.
pub(crate) async fn listen(
    address: &Address,
    options: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    match address.network() {
        Network::Tcp
        | Network::Tcp4
        | Network::Tcp6
        | Network::Http
        | Network::Ws
        | Network::Wss => tcp::listen(address, options).await,
        Network::Reuseport => reuseport::listen(address, options).await,
        Network::Unix => unix::listen(address, options).await,
        Network::Quic => quic::listen(address, options).await,
        Network::Kcp => kcp::listen(address, options).await,
        Network::Mem => mem::listen(address, options),
        Network::Custom(name) => Err(Error::setup(format!(
            "the network `{name}` is not built in: give its listener to `listener`"
        ))),
    }
}
