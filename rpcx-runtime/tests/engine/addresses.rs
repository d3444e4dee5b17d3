//! Addresses as users give them: in every form, and wrongly.

use std::error::Error as _;

use rpcx_runtime::transport::{Address, AddressError, ListenOptions, Network};
use rpcx_runtime::{Channel, Error, ErrorKind, Server};

use crate::echo::{Echo, EchoClient};

/// What a server says of its addresses can be given to a client as it is.
#[tokio::test]
async fn an_address_is_accepted_in_every_form() {
    let listen: Address = "tcp@127.0.0.1:0".parse().unwrap();
    let server = Server::builder().register(Echo::default()).listen(&listen);
    let server = server.bind().await.unwrap();
    let addresses = server.addresses();
    tokio::spawn(server.serve());
    let (address, text) = (addresses[0].clone(), addresses[0].to_string());
    for channel in [
        Channel::connect(&addresses[0]).await,
        Channel::connect(address.clone()).await,
        Channel::connect(text.as_str()).await,
        Channel::connect(&text).await,
        Channel::connect(text).await,
        Channel::builder().addresses(&addresses).build().await,
    ] {
        let echo = EchoClient::new(channel.unwrap());
        assert_eq!(echo.echo(b"once").await.unwrap(), b"once");
    }
}

/// Rules and logs need where a peer is, and not its name.
#[tokio::test]
async fn a_peer_has_a_network_and_an_ip_address() {
    let (seen, peers) = std::sync::mpsc::channel();
    let server = Server::builder()
        .register(Echo::default())
        .authorize(move |request| {
            let _ = seen.send(request.peer.address.clone());
            Ok(())
        })
        .listen("tcp@127.0.0.1:0")
        .listen("mem@peer-addresses");
    let server = server.bind().await.unwrap();
    let addresses = server.addresses();
    tokio::spawn(server.serve());
    for address in &addresses {
        EchoClient::new(Channel::connect(address).await.unwrap())
            .echo(b"x")
            .await
            .unwrap();
    }
    let (tcp, mem) = (peers.recv().unwrap(), peers.recv().unwrap());
    assert_eq!(tcp.network(), Network::TCP);
    assert!(tcp.socket_addr().unwrap().ip().is_loopback());
    assert_eq!(mem.network(), Network::MEM);
    assert_eq!(mem.socket_addr(), None);
}

fn address_error(error: &Error) -> &AddressError {
    error.source().unwrap().downcast_ref().unwrap()
}

/// The same error at every place that takes an address, with itself as the cause.
#[tokio::test]
async fn a_wrong_address_is_one_error_everywhere() {
    let wrong = "tcp://127.0.0.1:80";
    let options = rpcx_runtime::transport::ConnectOptions::new();
    for error in [
        Channel::connect(wrong).await.unwrap_err(),
        Channel::builder().address(wrong).build_lazy().unwrap_err(),
        Channel::builder()
            .addresses(["tcp@127.0.0.1:80", wrong])
            .build_lazy()
            .unwrap_err(),
        Channel::builder()
            .address_with(wrong.to_owned(), options)
            .build_lazy()
            .unwrap_err(),
        Server::builder().listen(wrong).bind().await.unwrap_err(),
        Server::builder()
            .listen_with(wrong.to_owned(), ListenOptions::new())
            .bind()
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Setup);
        let said = "the address `tcp://127.0.0.1:80` is a URL: write `tcp@127.0.0.1:80`";
        assert_eq!(error.to_string(), said);
        assert_eq!(address_error(&error).text(), wrong);
    }
}

/// Mistakes are reported together, and their causes are not lost.
#[tokio::test]
async fn several_mistakes_keep_a_cause() {
    let server = Server::builder().listen("tcp@*:8972").listen("quic@a");
    let error = server.bind().await.unwrap_err();
    assert!(error.to_string().contains("write `tcp@:8972`"), "{error}");
    assert!(error.to_string().contains("has no port"), "{error}");
    let first: &Error = error.source().unwrap().downcast_ref().unwrap();
    assert_eq!(address_error(first).text(), "tcp@*:8972");
}
