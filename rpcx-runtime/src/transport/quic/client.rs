//! Opening connections.

use std::io;
use std::net::SocketAddr;

use quinn::ClientConfig;

use super::super::tls::ClientTls;
use super::super::{Address, BoxFuture, Connect, ConnectOptions, Stream, dial, resolve};
use super::lost::lost;
use super::{settings, stream};
use crate::error::Error;

pub(in super::super) fn connector(
    address: &Address,
    options: &ConnectOptions,
) -> Result<Box<dyn Connect>, Error> {
    options.check(address)?;
    let platform = || ClientTls::platform_roots();
    let tls = options.tls().cloned().unwrap_or_else(platform);
    Ok(Box::new(QuicConnector {
        name: tls.name_for(address.host())?.to_str().into_owned(),
        config: settings::client(&tls)?,
        address: address.clone(),
    }))
}

struct QuicConnector {
    address: Address,
    /// The name that the server's certificate must have.
    name: String,
    config: ClientConfig,
}

impl Connect for QuicConnector {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let candidates = resolve::remote(&self.address).await?;
            dial::first(candidates, |candidate| Box::pin(self.open(candidate))).await
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
            connected = connecting => connected.map_err(|error| lost(&error))?,
            refused = socket.refused() => return Err(refused),
        };
        let halves = connection.open_bi().await.map_err(|error| lost(&error))?;
        let peer = self.address.to_string();
        let mut stream = stream::opened(&connection, halves).into_stream(peer);
        stream.speak_first = true;
        Ok(stream)
    }
}
