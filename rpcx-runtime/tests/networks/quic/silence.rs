//! A stream is invisible before its first byte.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, ServerConfig, VarInt};
use rpcx_runtime::protocol::{Decoded, Decoder};
use rpcx_runtime::{ClientLimits, Limits};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::timeout;

use super::certificates::Authority;
use super::peers::{SOON, bare, channel, client, eventually, socket, start, start_with};

#[tokio::test]
async fn a_silent_client_delays_no_other() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let endpoint = bare(&authority, b"rpcx");
    let mut silent = Vec::new();
    for _ in 0..10 {
        let connecting = endpoint.connect(socket(&server.address), "127.0.0.1");
        silent.push(connecting.unwrap().await.unwrap());
    }
    let client = client(&server, &authority).await;
    assert_eq!(client.echo(b"x").await.unwrap(), b"x");
    assert_eq!(server.handle.stats().open_connections, 11);
    assert!(silent.iter().all(|silent| silent.close_reason().is_none()));
}

#[tokio::test]
async fn a_silent_client_is_closed_in_the_end() {
    let authority = Authority::new();
    let mut limits = Limits::server();
    limits.first_byte = Duration::from_millis(200);
    let server = start_with(authority.server(), limits).await;
    let endpoint = bare(&authority, b"rpcx");
    let connecting = endpoint.connect(socket(&server.address), "127.0.0.1");
    let silent = connecting.unwrap().await.unwrap();
    timeout(SOON, silent.closed()).await.expect("it is closed");
    eventually("the silence is counted", || {
        let stats = server.handle.stats();
        stats.silent_connections == 1 && stats.open_connections == 0
    })
    .await;
}

/// A server of quinn alone.
fn bare_server(authority: &Authority) -> Endpoint {
    let certificate = authority.certificate("127.0.0.1");
    let chain = CertificateDer::from_pem_slice(certificate.chain.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut crypto = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    crypto.alpn_protocols = vec![b"rpcx".to_vec()];
    let crypto = QuicServerConfig::try_from(crypto).unwrap();
    let config = ServerConfig::with_crypto(Arc::new(crypto));
    Endpoint::server(config, (Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

#[tokio::test]
async fn a_client_without_calls_shows_itself() {
    let authority = Authority::new();
    let endpoint = bare_server(&authority);
    let address = format!("quic@{}", endpoint.local_addr().unwrap());
    let channel = channel(&address, &authority).build();
    let accepted = async { endpoint.accept().await.unwrap().await.unwrap() };
    let (channel, connection) = tokio::join!(channel, accepted);
    let _channel = channel.unwrap();
    let stream = timeout(SOON, connection.accept_bi()).await;
    let (_send, mut receive) = stream.expect("the stream is visible").unwrap();
    let mut decoder = Decoder::new(ClientLimits::new().frame);
    let mut bytes = bytes::BytesMut::new();
    loop {
        let chunk = receive.read_chunk(1 << 16, true).await.unwrap().unwrap();
        bytes.extend_from_slice(&chunk.bytes);
        match decoder.decode(&mut bytes).unwrap() {
            Decoded::Incomplete => {}
            Decoded::Frame(frame) => {
                assert!(frame.header.is_heartbeat());
                return;
            }
            Decoded::Refused(_, refusal) => panic!("{refusal}"),
        }
    }
}

#[tokio::test]
async fn there_is_one_stream() {
    let authority = Authority::new();
    let server = start(authority.server()).await;
    let endpoint = bare(&authority, b"rpcx");
    let connecting = endpoint.connect(socket(&server.address), "127.0.0.1");
    let connection = connecting.unwrap().await.unwrap();
    let (mut send, _receive) = connection.open_bi().await.unwrap();
    send.write_all(b"\x08").await.unwrap();
    eventually("the stream is served", || {
        server.handle.stats().open_connections == 1
    })
    .await;
    let pause = Duration::from_millis(200);
    assert!(timeout(pause, connection.open_bi()).await.is_err());
    assert!(timeout(pause, connection.open_uni()).await.is_err());
    let datagram = connection.send_datagram(bytes::Bytes::from_static(b"x"));
    assert!(datagram.is_err(), "datagrams are off");
    connection.close(VarInt::from_u32(0), b"");
    eventually("the connection is gone", || {
        server.handle.stats().open_connections == 0
    })
    .await;
}
