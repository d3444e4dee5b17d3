//! Addresses without a host, of one family only, and those that peers are seen under.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rpcx_runtime::transport::ListenOptions;
use rpcx_runtime::{Channel, Limits, Server};

use crate::certificates::Authority;
use crate::echo::{Echo, EchoClient, Running, start_at};

/// The port of an address.
fn port(address: &impl ToString) -> String {
    let address = address.to_string();
    address.rsplit_once(':').unwrap().1.to_owned()
}

/// Both are told apart by their names, so that either may have the port.
#[tokio::test]
async fn ipv4_and_ipv6_share_a_port_in_one_server() {
    for _ in 0..20 {
        let six = start_at("tcp6@:0", Limits::server()).await;
        let port = port(&six.address);
        six.handle.shutdown();
        six.task.await.unwrap().unwrap();
        let server = Server::builder()
            .register(Echo::default())
            .listen(format!("tcp6@:{port}"))
            .listen(format!("tcp4@:{port}"));
        // Another program may have the port meanwhile.
        let Ok(server) = server.bind().await else {
            continue;
        };
        tokio::spawn(server.serve());
        for host in ["127.0.0.1", "[::1]"] {
            let client = EchoClient::connect(&format!("tcp@{host}:{port}")).await;
            assert_eq!(client.echo(b"x").await.unwrap(), b"x");
        }
        return;
    }
    panic!("no port is free in both families");
}

/// A server on a port that no other one has on the other loopback, where a client of no host would find that one.
async fn start_alone_at(listen: &str, other: Option<&str>) -> Running {
    for _ in 0..20 {
        let server = start_at(listen, Limits::server()).await;
        let port = port(&server.address);
        if other.is_none_or(|other| TcpListener::bind(format!("{other}:{port}")).is_ok()) {
            return server;
        }
    }
    panic!("no port is free on both loopbacks");
}

#[tokio::test]
async fn a_client_of_no_host_finds_a_server_on_either_loopback() {
    for (listen, other) in [
        ("tcp@127.0.0.1:0", Some("[::1]")),
        ("tcp@[::1]:0", Some("127.0.0.1")),
        ("tcp@:0", None),
    ] {
        let server = start_alone_at(listen, other).await;
        let address = format!("tcp@:{}", port(&server.address));
        let client = EchoClient::connect(&address).await;
        assert_eq!(client.echo(b"x").await.unwrap(), b"x", "{listen}");
        assert_eq!(server.runs(), 1, "{listen}");
    }
}

/// A socket that takes both families shows IPv4 addresses in the clothes of IPv6 ones.
#[tokio::test]
async fn an_ipv4_client_of_a_server_for_both_families_has_an_ipv4_address() {
    let authority = Authority::new();
    let tls = authority.certificate("127.0.0.1").tls();
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let peers = Arc::clone(&seen);
    let networks = ["tcp", "http", "ws", "kcp", "quic"];
    let mut builder = Server::builder()
        .register(Echo::default())
        .authorize(move |request| {
            peers.lock().unwrap().push(request.peer.to_string());
            Ok(())
        });
    for network in networks {
        let options = match network {
            "quic" => ListenOptions::new().tls(tls.clone()),
            _ => ListenOptions::new(),
        };
        builder = builder.listen_with(format!("{network}@:0"), options);
    }
    let server = builder.bind().await.unwrap();
    let addresses = server.addresses();
    tokio::spawn(server.serve());
    for (network, address) in networks.into_iter().zip(addresses) {
        let mut channel =
            Channel::builder().address(format!("{network}@127.0.0.1:{}", port(&address)));
        if network == "quic" {
            channel = channel.tls(authority.client());
        }
        let client = EchoClient::new(channel.build().await.unwrap());
        client.echo(b"x").await.unwrap();
        let peer = seen.lock().unwrap().pop().unwrap();
        assert!(peer.starts_with(&format!("{network}@127.0.0.1:")), "{peer}");
    }
}
