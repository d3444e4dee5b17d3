//! Opening connections.

use std::io;
use std::net::SocketAddr;

use quinn::ClientConfig;
use tokio::io::AsyncWriteExt;

use super::super::tls::ClientTls;
use super::super::{Address, BoxFuture, Connect, ConnectOptions, Stream, dial, resolve};
use super::close_reason::close_reason;
use super::{Quic, settings, stream};
use crate::error::Error;

pub(super) fn connector(
    address: &Address,
    options: &ConnectOptions,
) -> Result<Box<dyn Connect>, Error> {
    options.check(address)?;
    let platform = || ClientTls::platform_roots();
    let tls = options.chosen_tls().cloned().unwrap_or_else(platform);
    let quic: Quic = options.own.get().cloned().unwrap_or_default();
    Ok(Box::new(QuicConnector {
        name: tls.name_for(address.host())?.to_str().into_owned(),
        config: settings::client(&tls, &quic)?,
        window: quic.window,
        address: address.clone(),
    }))
}

struct QuicConnector {
    address: Address,
    /// The name that the server's certificate must have.
    name: String,
    config: ClientConfig,
    /// The most that the server may send ahead.
    window: u32,
}

impl Connect for QuicConnector {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let candidates = resolve::remote(&self.address).await?;
            dial::first(candidates, |candidate| Box::pin(self.open(candidate))).await
        })
    }

    fn greet<'a>(&'a self, greeting: &'a [u8]) -> BoxFuture<'a, io::Result<Stream>> {
        Box::pin(async move {
            let mut stream = self.connect().await?;
            stream.writer.write_all(greeting).await?;
            Ok(stream)
        })
    }
}

impl QuicConnector {
    /// Each connection has a socket of its own, as on other networks; it goes with the connection.
    async fn open(&self, candidate: SocketAddr) -> io::Result<Stream> {
        let (endpoint, socket) = settings::calling(candidate)?;
        let connecting = endpoint.connect_with(self.config.clone(), candidate, &self.name);
        let connecting = connecting.map_err(io::Error::other)?;
        let connection = tokio::select! {
            connected = connecting => connected.map_err(|error| close_reason(&error))?,
            refused = socket.refused() => return Err(refused),
        };
        let halves = connection
            .open_bi()
            .await
            .map_err(|error| close_reason(&error))?;
        let opened = stream::opened(&connection, halves, self.window);
        Ok(opened.into_stream(self.address.clone()))
    }
}
