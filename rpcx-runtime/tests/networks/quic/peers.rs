//! A server and clients on loopback, and a client of bare quinn.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Endpoint};
use rpcx_runtime::client::ChannelBuilder;
use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::transport::tls::Tls;
use rpcx_runtime::{Channel, Limits, Server};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::certificates::Authority;
use crate::echo::{Echo, EchoClient, Running};

pub(crate) const LOOPBACK: &str = "quic@127.0.0.1:0";

/// What is short enough for a test and long enough for a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(5);

pub(crate) async fn start(tls: Tls) -> Running {
    run(Server::builder().tls(tls)).await
}

pub(crate) async fn start_with(tls: Tls, limits: Limits) -> Running {
    run(Server::builder().tls(tls).limits(limits)).await
}

pub(crate) async fn start_with_grace(tls: Tls, grace: Duration) -> Running {
    run(Server::builder().tls(tls).shutdown_grace(grace)).await
}

async fn run(builder: ServerBuilder) -> Running {
    let echo = Echo::default();
    let server = builder.register(echo.clone()).listen(LOOPBACK);
    let server = server.bind().await.unwrap();
    Running {
        address: server.addresses()[0].to_string(),
        handle: server.handle(),
        echo,
        task: tokio::spawn(server.serve()),
    }
}

pub(crate) fn channel(address: &str, authority: &Authority) -> ChannelBuilder {
    Channel::builder().address(address).tls(authority.client())
}

pub(crate) async fn client(running: &Running, authority: &Authority) -> EchoClient {
    let channel = channel(&running.address, authority).build().await;
    EchoClient::new(channel.unwrap())
}

pub(crate) fn socket(address: &str) -> SocketAddr {
    address.strip_prefix("quic@").unwrap().parse().unwrap()
}

/// A client of quinn alone, with its own settings but for the protocol names.
pub(crate) fn bare(authority: &Authority, alpn: &[u8]) -> Endpoint {
    let mut roots = RootCertStore::empty();
    let der = CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap();
    roots.add(der).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut crypto = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    crypto.alpn_protocols = vec![alpn.to_vec()];
    let crypto = QuicClientConfig::try_from(crypto).unwrap();
    let mut endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    endpoint.set_default_client_config(ClientConfig::new(Arc::new(crypto)));
    endpoint
}

/// Waits until `holds`, for [`SOON`] at most.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = tokio::time::Instant::now() + SOON;
    while !holds() {
        assert!(tokio::time::Instant::now() < until, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
