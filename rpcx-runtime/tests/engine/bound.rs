//! Sockets that were bound elsewhere.

use std::net::TcpListener;

use rpcx_runtime::server::ServerBuilder;
use rpcx_runtime::transport::{BoundSocket, ListenOptions};
use rpcx_runtime::{Channel, ErrorKind, Server};

use crate::certificates::Authority;
use crate::echo::{Echo, EchoClient};

/// Serves a call, and says at which address.
async fn served(server: ServerBuilder, authority: Option<&Authority>) -> String {
    let server = server.register(Echo::default()).bind().await.unwrap();
    let address = server.addresses()[0].to_string();
    let (handle, serving) = (server.handle(), tokio::spawn(server.serve()));
    let mut channel = Channel::builder().address(&address);
    if let Some(authority) = authority {
        channel = channel.tls(authority.client());
    }
    let echo = EchoClient::new(channel.build().await.unwrap());
    assert_eq!(echo.echo(b"x").await.unwrap(), b"x", "{address}");
    handle.shutdown();
    serving.await.unwrap().unwrap();
    address
}

#[tokio::test]
async fn what_is_spoken_over_tcp_is_spoken_on_a_socket_that_was_bound_before() {
    let authority = Authority::new();
    for network in ["tcp", "http", "ws", "wss"] {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let location = socket.local_addr().unwrap();
        let mut server = Server::builder().listen_on(network, socket, ListenOptions::new());
        let secure = network == "wss";
        if secure {
            server = server.tls(authority.certificate("127.0.0.1").tls());
        }
        let address = served(server, secure.then_some(&authority)).await;
        assert_eq!(address, format!("{network}@{location}"));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_of_a_socket_that_was_bound_before_stays() {
    let name = format!("rpcx-engine-bound-{}.sock", std::process::id());
    let path = std::env::temp_dir().join(name);
    let socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let server = Server::builder().listen_on("unix", socket, ListenOptions::new());
    let address = served(server, None).await;
    assert_eq!(address, format!("unix@{}", path.display()));
    std::fs::remove_file(path).expect("it is not the server's");
}

#[tokio::test]
async fn what_a_socket_cannot_be_used_for_is_said() {
    let refused = async |network: &str, socket: BoundSocket, options: ListenOptions| {
        let server = Server::builder().listen_on(network, socket, options);
        let error = server.bind().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        error.to_string()
    };
    let tcp = || BoundSocket::from(TcpListener::bind("127.0.0.1:0").unwrap());
    for (network, said) in [
        ("quic", "is for tcp, http, ws, wss, not for `quic`"),
        ("unix", "not for `unix`"),
        ("tpc", "names the network `tpc`"),
        ("wss", "needs a certificate"),
    ] {
        let error = refused(network, tcp(), ListenOptions::new()).await;
        assert!(error.contains(said), "{error}");
    }
    let error = refused("tcp", tcp(), ListenOptions::new().path("/x")).await;
    assert!(error.contains("cannot honour the option `path`"), "{error}");
    #[cfg(target_os = "linux")]
    {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::{SocketAddr, UnixListener};
        let name = format!("rpcx-engine-{}", std::process::id());
        let name = SocketAddr::from_abstract_name(name).unwrap();
        let unix = BoundSocket::from(UnixListener::bind_addr(&name).unwrap());
        let error = refused("unix", unix, ListenOptions::new().unix_mode(0o600)).await;
        assert!(error.contains("cannot be given a file mode"), "{error}");
    }
}
