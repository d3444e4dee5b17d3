//! A TLS port and peers that do something else.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::authority::Authority;
use crate::server::Running;

/// The first bytes of a ClientHello of TLS 1.1, without extensions.
fn tls_1_1_hello() -> Vec<u8> {
    let mut hello = vec![3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    let length = hello.len() as u8;
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

/// The networks below whose TLS is a TCP port.
const ON_TCP: [&str; 5] = ["tcp", "http", "ws", "wss", "reuseport"];

/// Reads until the other side closes, which it must do soon.
async fn closed(mut socket: TcpStream) -> Vec<u8> {
    let mut last = Vec::new();
    let end = timeout(Duration::from_secs(5), socket.read_to_end(&mut last)).await;
    // A reset is an end as well.
    let _ = end.expect("the server still waits");
    last
}

#[tokio::test]
async fn what_is_not_tls_is_closed() {
    for network in ON_TCP {
        wrong_bytes(&format!("{network}@127.0.0.1:0")).await;
    }
}

async fn wrong_bytes(listen: &str) {
    let authority = Authority::new();
    let server = Running::start(listen, Some(authority.server())).await;
    let frame = [8, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    let old = tls_1_1_hello();
    let wrong: [&[u8]; 4] = [&frame, b"GET / HTTP/1.1\r\n\r\n", &[0; 64], &old];
    for bytes in wrong {
        let mut socket = TcpStream::connect(server.socket()).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        let last = closed(socket).await;
        // At most an alert.
        assert!(last.is_empty() || last[0] == 21, "{last:?}");
    }
    assert_eq!(server.runs(), 0);
    let stats = server.handle.stats();
    let counted = (stats.failed_handshakes, stats.connections);
    assert_eq!(counted, (4, 0), "{listen}");
}

#[tokio::test]
async fn a_handshake_is_not_waited_for_longer_than_allowed() {
    let authority = Authority::new();
    let mut limits = rpcx_runtime::Limits::server();
    limits.handshake = Duration::from_millis(100);
    limits.handshakes = 3;
    let server = rpcx_runtime::Server::builder()
        .limits(limits)
        .listen("tcp@127.0.0.1:0")
        .tls(authority.server());
    let server = server.bind().await.unwrap();
    let (address, handle) = (server.addresses()[0].clone(), server.handle());
    tokio::spawn(server.serve());
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(TcpStream::connect(address.location()).await.unwrap());
    }
    for socket in silent {
        closed(socket).await;
    }
    let stats = handle.stats();
    assert_eq!((stats.slow_handshakes, stats.crowded_handshakes), (5, 0));
}

/// Passes bytes on until `most` have come from the server, then cuts both ways.
async fn cutting_proxy(to: String, most: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(&to).await.unwrap();
            tokio::spawn(async move {
                let (mut left, mut buffer) = (most, vec![0; 4096]);
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = server.split();
                let up = tokio::io::copy(&mut from_client, &mut to_server);
                let down = async {
                    while left > 0 {
                        let room = left.min(buffer.len());
                        let Ok(read @ 1..) = from_server.read(&mut buffer[..room]).await else {
                            return;
                        };
                        left -= read;
                        to_client.write_all(&buffer[..read]).await.unwrap();
                    }
                };
                tokio::select! { _ = up => {}, () = down => {} }
            });
        }
    });
    address
}

/// Wherever the stream is cut, a call fails; it never succeeds with less than was sent.
#[tokio::test]
async fn a_cut_stream_is_an_error() {
    // A client of the network reuseport is one of tcp.
    for network in &ON_TCP[..4] {
        cut_streams(network).await;
    }
}

async fn cut_streams(network: &str) {
    let authority = Authority::new();
    let listen = format!("{network}@127.0.0.1:0");
    let server = Running::start(&listen, Some(authority.server())).await;
    let payload = vec![b'x'; 20_000];
    for most in [1, 100, 700, 1500, 4000, 12_000, 20_000] {
        let proxy = cutting_proxy(server.socket().to_owned(), most).await;
        let channel = rpcx_runtime::Channel::builder()
            .address(&format!("{network}@{proxy}"))
            .tls(authority.client())
            .build_lazy()
            .unwrap();
        let stub = rpcx_runtime::client::Stub::new(channel, &crate::server::INFO);
        let outcome = crate::server::Client(stub).echo(&payload).await;
        assert!(outcome.is_err(), "{network}, cut after {most} bytes");
    }
}

/// Sessions are resumed, and nothing may be sent before the handshake is done.
#[tokio::test]
async fn sessions_resume_without_early_data() {
    let authority = Authority::new();
    let server = Running::start("tcp@127.0.0.1:0", Some(authority.server())).await;
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap();
    roots.add(root).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.enable_early_data = true;
    let config = Arc::new(config);
    let connector = TlsConnector::from(Arc::clone(&config));
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let socket = TcpStream::connect(server.socket()).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut resumable = ClientConnection::new(Arc::clone(&config), name.clone()).unwrap();
        assert!(resumable.early_data().is_none());
        let mut stream = connector.connect(name, socket).await.unwrap();
        // A heartbeat; its answer comes after the tickets.
        let heartbeat = [8, 0, 0x40, 0x30, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x10];
        stream.write_all(&heartbeat).await.unwrap();
        stream.write_all(&[0; 16]).await.unwrap();
        stream.flush().await.unwrap();
        let mut answer = [0; 32];
        stream.read_exact(&mut answer).await.unwrap();
        kinds.push(stream.get_ref().1.handshake_kind().unwrap());
    }
    assert_eq!(kinds, [HandshakeKind::Full, HandshakeKind::Resumed]);
}

/// How a connection ends that nobody serves.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Reset,
    /// After what the client had to say.
    Closed,
}

/// Ends the first `lost` connections, and passes the others on.
async fn losing_proxy(to: String, ending: Ending, lost: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut seen = 0;
        while let Ok((mut client, _)) = listener.accept().await {
            seen += 1;
            if seen <= lost {
                // Closed with bytes that nobody has read, a socket is reset.
                client.peek(&mut [0]).await.unwrap();
                if let Ending::Closed = ending {
                    client.shutdown().await.unwrap();
                    let _ = client.read_to_end(&mut Vec::new()).await;
                }
                continue;
            }
            let mut server = TcpStream::connect(&to).await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    address
}

/// As when a listener closes that shares its port with another, or a server that stops has no time
/// left for a handshake: nothing was sent yet, so nothing is lost.
#[tokio::test]
async fn a_connection_that_is_lost_during_the_handshake_is_tried_again() {
    let authority = Authority::new();
    let networks = ["tcp", "http", "ws"].map(|network| (network, authority.client()));
    for (network, tls) in networks {
        let listen = format!("{network}@127.0.0.1:0");
        let server = Running::start(&listen, Some(authority.server())).await;
        for (ending, lost, reached) in [
            (Ending::Reset, 3, true),
            (Ending::Reset, 4, false),
            (Ending::Closed, 3, true),
            (Ending::Closed, 4, false),
        ] {
            let proxy = losing_proxy(server.socket().to_owned(), ending, lost).await;
            let channel = rpcx_runtime::Channel::builder()
                .address(&format!("{network}@{proxy}"))
                .tls(tls.clone())
                .build()
                .await;
            assert_eq!(channel.is_ok(), reached, "{lost} {ending:?}: {channel:?}");
        }
    }
}

/// As after the restart of a server that has many clients.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_connect_at_once_all_get_through() {
    let authority = Authority::new();
    let mut limits = rpcx_runtime::Limits::server();
    limits.handshakes = 4;
    let server = Running::start_with("tcp@127.0.0.1:0", Some(authority.server()), |server| {
        server.limits(limits)
    });
    let server = server.await;
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let channel = rpcx_runtime::Channel::builder()
            .address(&server.address)
            .tls(authority.client())
            .connect_timeout(Duration::from_secs(60));
        clients.spawn(async move { channel.build().await.map(drop) });
    }
    while let Some(connected) = clients.join_next().await {
        connected.unwrap().unwrap();
    }
}
