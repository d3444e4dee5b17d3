//! quinn without rpcx, with its own settings: a stream for each call, or one stream for all.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use quinn::{ClientConfig, Endpoint, Incoming, RecvStream, SendStream, ServerConfig};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;

use super::Peer;
use super::certificate::Certificate;
use super::floor;
use super::wire::{Caller, Frame};

const LARGEST: usize = 2 << 20;

/// What quinn's own programs do: a call is a stream, and its end is the end of the stream.
pub(super) struct QuinnStreams;

/// One stream, multiplexed as `floor` does on TCP.
pub(super) struct QuinnFloor;

fn bind(certificate: &Certificate, address: SocketAddr) -> Result<Endpoint> {
    let chain = CertificateDer::from_pem_slice(&certificate.chain)?;
    let key = PrivateKeyDer::from_pem_slice(&certificate.key)?;
    let config = ServerConfig::with_single_cert(vec![chain], key)?;
    Ok(Endpoint::server(config, address)?)
}

async fn serve<F>(address: SocketAddr, serve_one: fn(Incoming) -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let endpoint = bind(&Certificate::make(address)?, address)?;
    // the load generator sees by TCP that a server is there: the connection need not be accepted for that
    let _there = TcpListener::bind(address).await?;
    while let Some(incoming) = endpoint.accept().await {
        tokio::spawn(serve_one(incoming));
    }
    Ok(())
}

async fn connect(address: SocketAddr) -> Result<quinn::Connection> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&Certificate::roots(
        address,
    )?)?)?;
    let config = ClientConfig::with_root_certificates(Arc::new(roots))?;
    let endpoint = Endpoint::client((Ipv4Addr::UNSPECIFIED, 0).into())?;
    let connecting = endpoint.connect_with(config, address, &address.ip().to_string())?;
    Ok(connecting.await?)
}

impl Peer for QuinnStreams {
    type Client = Streams;

    async fn serve(address: SocketAddr) -> Result<()> {
        serve(address, serve_streams).await
    }

    async fn connect(address: SocketAddr) -> Result<Streams> {
        Ok(Streams(connect(address).await?))
    }
}

async fn serve_streams(incoming: Incoming) -> Result<()> {
    let connection = incoming.await?;
    loop {
        let (send, receive) = connection.accept_bi().await?;
        tokio::spawn(answer(send, receive));
    }
}

async fn answer(mut send: SendStream, mut receive: RecvStream) -> Result<()> {
    let mut payload = Bytes::from(receive.read_to_end(LARGEST).await?);
    let method = payload.split_to(1)[0];
    let frame = Frame {
        sequence: 0,
        method,
        payload,
    };
    send.write_chunk(frame.answer().payload).await?;
    Ok(send.finish()?)
}

#[derive(Clone)]
pub(super) struct Streams(quinn::Connection);

impl Caller for Streams {
    async fn call(&self, method: u8, payload: Bytes) -> Result<Bytes> {
        let (mut send, mut receive) = self.0.open_bi().await?;
        send.write_all(&[method]).await?;
        send.write_chunk(payload).await?;
        send.finish()?;
        Ok(receive.read_to_end(LARGEST).await?.into())
    }
}

impl Peer for QuinnFloor {
    type Client = floor::Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        serve(address, serve_floor).await
    }

    async fn connect(address: SocketAddr) -> Result<floor::Connection> {
        let connection = connect(address).await?;
        let (send, receive) = connection.open_bi().await?;
        Ok(floor::Connection::new(receive, send))
    }
}

async fn serve_floor(incoming: Incoming) -> Result<()> {
    let connection = incoming.await?;
    let (send, receive) = connection.accept_bi().await?;
    floor::serve_one(receive, send)
        .await
        .context("a connection")
}
