//! Opening connections.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use quinn::{ClientConfig, Connection, RecvStream, SendStream};
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
    let quic = options.quic.clone().unwrap_or_default();
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
            let mut attempts = JoinSet::new();
            let mut wait = Duration::ZERO;
            for candidate in resolve(&self.address).await? {
                let (config, name) = (self.config.clone(), self.name.clone());
                attempts.spawn(async move {
                    sleep(wait).await;
                    open(candidate, config, &name).await
                });
                wait += STAGGER;
            }
            let mut first = None;
            while let Some(attempt) = attempts.join_next().await {
                match attempt.map_err(io::Error::other)? {
                    Ok((connection, halves)) => {
                        let opened = stream::opened(&connection, halves, self.window);
                        let mut stream = opened.into_stream(self.address.to_string());
                        stream.speak_first = true;
                        return Ok(stream);
                    }
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
) -> io::Result<(Connection, (SendStream, RecvStream))> {
    let (endpoint, socket) = settings::calling(candidate)?;
    let connecting = endpoint.connect_with(config, candidate, name);
    let connecting = connecting.map_err(io::Error::other)?;
    let connection = tokio::select! {
        connected = connecting => connected.map_err(|error| lost(&error))?,
        refused = socket.refused() => return Err(refused),
    };
    let halves = connection.open_bi().await.map_err(|error| lost(&error))?;
    Ok((connection, halves))
}

/// No host means this one.
async fn resolve(address: &Address) -> io::Result<impl Iterator<Item = SocketAddr>> {
    let location = match address.host_port().strip_prefix(':') {
        Some(port) => format!("localhost:{port}"),
        None => address.host_port().to_owned(),
    };
    Ok(lookup_host(location).await?.collect::<Vec<_>>().into_iter())
}
