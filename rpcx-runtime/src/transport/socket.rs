//! Sockets, and the layers between a socket and the frames: TLS, HTTP, WebSocket.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Address, BoxFuture, ConnectOptions, Incoming, ListenOptions, Network, Stream};
use super::{http, tls, ws};
use crate::context::Identity;
use crate::error::Error;

/// The two directions of a socket.
pub(super) type Halves = (
    Box<dyn AsyncRead + Send + Unpin>,
    Box<dyn AsyncWrite + Send + Unpin>,
);

/// A byte stream whose directions are still one.
pub(super) trait Socket: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Parts the directions, in the cheapest way that the socket has.
    fn halves(self: Box<Self>) -> Halves;

    /// Who the other end has proved to be.
    fn identity(&self) -> Option<Arc<Identity>> {
        None
    }
}

/// What is negotiated on a socket, and what the socket is from then on.
pub(super) trait Layer: Send + Sync + 'static {
    /// Negotiates. The caller bounds how long it may take.
    fn negotiate(&self, socket: Box<dyn Socket>) -> BoxFuture<'_, io::Result<Box<dyn Socket>>>;
}

/// The layers of a listener or of a connector, in the order in which they are negotiated.
#[derive(Clone)]
pub(super) struct Layers(Arc<[Box<dyn Layer>]>);

impl Layers {
    /// Those of a client that connects to `address`.
    pub(super) fn client(address: &Address, options: &ConnectOptions) -> Result<Self, Error> {
        let mut layers = Vec::new();
        layers.extend(tls::client(address, options.tls.as_ref())?);
        match address.network() {
            Network::Http => layers.push(http::client_layer(address, options)?),
            Network::Ws | Network::Wss => layers.push(ws::client_layer(address, options)?),
            _ => {}
        }
        Ok(Self(layers.into()))
    }

    /// Those of a server that listens on `address`.
    pub(super) fn server(address: &Address, options: &ListenOptions) -> Result<Self, Error> {
        let mut layers = Vec::new();
        layers.extend(tls::server(address, options.tls())?);
        match address.network() {
            Network::Http => layers.push(http::server_layer(address, options)?),
            Network::Ws | Network::Wss => layers.push(ws::server_layer(address, options)?),
            _ => {}
        }
        Ok(Self(layers.into()))
    }

    /// Negotiates every layer.
    pub(super) async fn negotiate(
        &self,
        mut socket: Box<dyn Socket>,
        peer: String,
    ) -> io::Result<Stream> {
        for layer in self.0.iter() {
            socket = layer.negotiate(socket).await?;
        }
        Ok(stream(socket, peer))
    }

    /// What a listener with these layers has accepted.
    pub(super) fn incoming(&self, socket: Box<dyn Socket>, peer: String) -> Incoming {
        if self.0.is_empty() {
            return stream(socket, peer).into();
        }
        let layers = self.clone();
        Incoming::negotiating(async move { layers.negotiate(socket, peer).await })
    }
}

fn stream(socket: Box<dyn Socket>, peer: String) -> Stream {
    let identity = socket.identity();
    let (reader, writer) = socket.halves();
    Stream {
        reader,
        writer,
        peer,
        identity,
        speak_first: false,
        ends: true,
    }
}
