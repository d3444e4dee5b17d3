//! Opening connections.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use quinn::ClientConfig;
use tokio::net::lookup_host;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::super::tls::ClientTls;
use super::super::{Address, BoxFuture, Connect, ConnectOptions, Stream};
use super::lost::lost;
use super::{settings, stream};
use crate::error::Error;

/// After how long the next address of a host is tried beside the one that has not answered.
const STAGGER: Duration = Duration::from_millis(250);

pub(in super::super) fn connector(
    address: &Address,
    options: &ConnectOptions,
) -> Result<Box<dyn Connect>, Error> {
    options.check(address)?;
    let platform = || ClientTls::platform_roots();
    let tls = options.tls.clone().unwrap_or_else(platform);
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
            let mut attempts = JoinSet::new();
            let mut wait = Duration::ZERO;
            for candidate in resolve(&self.address).await? {
                let (config, name) = (self.config.clone(), self.name.clone());
                let peer = self.address.to_string();
                attempts.spawn(async move {
                    sleep(wait).await;
                    open(candidate, config, &name, peer).await
                });
                wait += STAGGER;
            }
            let mut first = None;
            while let Some(attempt) = attempts.join_next().await {
                match attempt.map_err(io::Error::other)? {
                    Ok(stream) => return Ok(stream),
                    Err(error) => first = first.or(Some(error)),
                }
            }
            Err(first.unwrap_or_else(|| io::Error::other("the host has no address")))
        })
    }
}

/// Each connection has a socket of its own, as on other networks; it goes with the connection.
async fn open(
    candidate: SocketAddr,
    config: ClientConfig,
    name: &str,
    peer: String,
) -> io::Result<Stream> {
    let (endpoint, socket) = settings::calling(candidate)?;
    let connecting = endpoint.connect_with(config, candidate, name);
    let connecting = connecting.map_err(io::Error::other)?;
    let connection = tokio::select! {
        connected = connecting => connected.map_err(|error| lost(&error))?,
        refused = socket.refused() => return Err(refused),
    };
    let halves = connection.open_bi().await.map_err(|error| lost(&error))?;
    let mut stream = stream::opened(&connection, halves).into_stream(peer);
    stream.speak_first = true;
    Ok(stream)
}

/// No host means this one.
async fn resolve(address: &Address) -> io::Result<impl Iterator<Item = SocketAddr>> {
    let location = match address.host_port().strip_prefix(':') {
        Some(port) => format!("localhost:{port}"),
        None => address.host_port().to_owned(),
    };
    Ok(lookup_host(location).await?.collect::<Vec<_>>().into_iter())
}
