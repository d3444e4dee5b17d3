//! Peers of bare rustls and quinn, on every network.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use super::authority::{Authority, Certified};
use super::socket::{location, open};

pub(crate) const NAME: &str = "localhost";

const ALPN: &[u8] = b"rpcx";

/// Another one than that of the runtime, if that has aws-lc-rs.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

pub(crate) fn roots(authority: &Authority) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap();
    roots.add(root).unwrap();
    Arc::new(roots)
}

pub(crate) type Der = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

pub(crate) fn der(certified: &Certified) -> Der {
    let chain = CertificateDer::from_pem_slice(certified.chain.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(certified.key.as_bytes()).unwrap();
    (vec![chain], key)
}

/// A client that trusts `authority`.
pub(crate) fn client(authority: &Authority) -> ClientConfig {
    client_of(authority, rustls::ALL_VERSIONS)
}

fn client_of(
    authority: &Authority,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots(authority))
        .with_no_client_auth()
}

/// A server with a certificate of `authority`.
pub(crate) fn server(authority: &Authority) -> ServerConfig {
    let (chain, key) = der(&authority.certify(|_| {}));
    ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

/// A socket of quinn that calls.
pub(crate) fn quic_client(mut config: ClientConfig) -> quinn::Endpoint {
    config.alpn_protocols = vec![ALPN.to_vec()];
    let crypto = QuicClientConfig::try_from(config).unwrap();
    let mut endpoint = quinn::Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    endpoint.set_default_client_config(quinn::ClientConfig::new(Arc::new(crypto)));
    endpoint
}

/// A socket of quinn that listens.
pub(crate) fn quic_server(mut config: ServerConfig) -> quinn::Endpoint {
    config.alpn_protocols = vec![ALPN.to_vec()];
    let crypto = QuicServerConfig::try_from(config).unwrap();
    let config = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    quinn::Endpoint::server(config, (Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

pub(crate) fn udp(address: &str) -> SocketAddr {
    location(address).parse().unwrap()
}

/// Does a handshake, says something that is no call on any network, and waits until the server
/// has ended the connection: what it sends after a handshake has come by then.
///
/// Nothing is sent in the handshake even if `config` would like it: that is checked on the way.
pub(crate) async fn greet(address: &str, config: &ClientConfig) -> io::Result<()> {
    const NONSENSE: &[u8] = b"GET nonsense\r\n\r\n";
    if !address.starts_with("quic@") {
        let name = ServerName::try_from(NAME).unwrap();
        let connector = TlsConnector::from(Arc::new(config.clone()));
        let socket = open(address).await?;
        let no_early_data = |session: &mut rustls::ClientConnection| {
            assert!(session.early_data().is_none(), "a ticket allows early data");
        };
        let connecting = connector.connect_with(name, socket, no_early_data);
        let mut stream = connecting.await?;
        stream.write_all(NONSENSE).await?;
        stream.flush().await?;
        stream.read_to_end(&mut Vec::new()).await?;
        return Ok(());
    }
    let endpoint = quic_client(config.clone());
    let connecting = endpoint.connect(udp(address), NAME).unwrap();
    let Err(connecting) = connecting.into_0rtt() else {
        panic!("a ticket allows early data");
    };
    let connection = connecting.await?;
    let (mut send, mut receive) = connection.open_bi().await?;
    send.write_all(NONSENSE).await?;
    receive
        .read_to_end(1 << 16)
        .await
        .map_err(io::Error::other)?;
    Ok(())
}
