//! Which versions of TLS are spoken.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::version::TLS12;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::authority::Authority;
use super::networks::networks;
use super::peers::{provider, roots};
use super::server::Running;

/// Whether a server answers a client that knows nothing newer than TLS 1.2.
async fn speaks_tls12(authority: &Authority, server: &Running) -> bool {
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS12])
        .unwrap()
        .with_root_certificates(roots(authority))
        .with_no_client_auth();
    let location = server.address.strip_prefix("tcp@").unwrap();
    let socket = TcpStream::connect(location).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, socket).await.is_ok()
}

#[tokio::test]
async fn a_server_of_tls_13_alone_refuses_what_is_older() {
    let authority = Authority::new();
    for (tls, spoken) in [
        (authority.server(), true),
        (authority.server().only_tls13(), false),
    ] {
        let server = Running::start("tcp@127.0.0.1:0", Some(tls)).await;
        assert_eq!(speaks_tls12(&authority, &server).await, spoken);
    }
}

#[tokio::test]
async fn both_ends_may_speak_tls_13_alone() {
    let authority = Authority::new();
    for network in networks() {
        let tls = authority.server().only_tls13();
        let server = Running::start(network, Some(tls)).await;
        let client = authority.client().only_tls13();
        let client = client.server_name("localhost").unwrap();
        assert_eq!(server.call(client).await.unwrap(), b"hello", "{network}");
    }
}
