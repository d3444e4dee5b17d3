//! Byte streams by network name. A stream never sees a frame.
//!
//! A network is one file with a [`Connect`] and a [`Listen`]; the table below is the only place
//! that lists them all.

mod address;
mod mem;
#[cfg(feature = "tcp")]
mod tcp;
#[cfg(not(feature = "tcp"))]
#[path = "tcp_off.rs"]
mod tcp;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

pub use address::{Address, AddressError, Network};
pub(crate) use mem::pipe;

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
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// Opens streams to one address.
pub trait Connect: Send + Sync + 'static {
    /// Opens one. The caller bounds how long it may take.
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>>;
}

/// Accepts streams on one address.
pub trait Listen: Send + 'static {
    /// Waits for the next one. An error concerns one stream, not the listener.
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Stream>>;

    /// The address that was bound, with the port that the system chose.
    fn address(&self) -> Address;
}

/// The way to open streams to `address`.
pub(crate) fn connector(address: &Address) -> Result<Box<dyn Connect>, Error> {
    match address.network() {
        Network::Tcp | Network::Tcp4 | Network::Tcp6 => tcp::connector(address),
        Network::Mem => Ok(mem::connector(address)),
    }
}

/// Starts to listen on `address`.
pub(crate) async fn listen(address: &Address) -> Result<Box<dyn Listen>, Error> {
    match address.network() {
        Network::Tcp | Network::Tcp4 | Network::Tcp6 => tcp::listen(address).await,
        Network::Mem => mem::listen(address),
    }
}
