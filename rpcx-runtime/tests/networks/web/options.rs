//! Options that an address cannot honour, and the address of a server that has options.

use std::io;

use rpcx_runtime::transport::{BoxFuture, Connect, ConnectOptions, ListenOptions, Stream};
use rpcx_runtime::{Channel, Error, ErrorKind, Limits, Server};

use super::{answering, soon};
use crate::echo::{Echo, EchoClient, start_at};

fn path() -> ConnectOptions {
    ConnectOptions::new().path("/rpc")
}

fn origin() -> ConnectOptions {
    ConnectOptions::new().origin("https://a.org")
}

fn no_origin() -> ConnectOptions {
    ConnectOptions::new().no_origin()
}

fn header() -> ConnectOptions {
    ConnectOptions::new().header("Authorization", "Bearer secret")
}

fn outcome(addresses: &[&str], options: &ConnectOptions) -> Result<Channel, Error> {
    let builder = Channel::builder().addresses(addresses.to_vec());
    builder.connect_options(options.clone()).build_lazy()
}

#[tokio::test]
async fn an_option_that_no_address_can_use_is_not_ignored() {
    for (addresses, options, said) in [
        (
            &["tcp@a:1"][..],
            path(),
            "the address `tcp@a:1` cannot honour the option `path`, which is for http, ws and wss",
        ),
        (
            &["http@a:1/own"],
            path(),
            "where the address names no other path",
        ),
        (
            &["http@a:1"],
            origin(),
            "the address `http@a:1` cannot honour the option `origin`, which is for ws and wss",
        ),
        (&["tcp@a:1"], no_origin(), "the option `no_origin`"),
        (
            &["tcp@a:1"],
            header(),
            "the option `header`, which is for http, ws and wss",
        ),
        (
            &["tcp@a:1", "mem@b"],
            path(),
            "none of the addresses `tcp@a:1`, `mem@b` can honour the option `path`",
        ),
        (
            &["tcp@a:1", "http@b:2"],
            origin(),
            "none of the addresses `tcp@a:1`, `http@b:2` can honour the option `origin`",
        ),
    ] {
        let error = outcome(addresses, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        assert!(error.to_string().contains(said), "{error}");
    }
    for (addresses, options) in [
        (&["tcp@a:1", "http@b:2"][..], path()),
        (&["ws@a:1/own", "http@b:2"], path()),
        (&["ws@a:1/rpc"], path()),
        (&["tcp@a:1", "ws@b:2"], origin()),
        (&["tcp@a:1", "http@b:2"], header()),
    ] {
        assert!(outcome(addresses, &options).is_ok(), "{addresses:?}");
    }
}

/// Those of the channel are for the addresses that have none.
#[tokio::test]
async fn the_options_of_one_address_are_its_own() {
    let builder = || Channel::builder().address("tcp@a:1");
    let error = |builder: rpcx_runtime::client::ChannelBuilder| {
        let error = builder.build_lazy().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        error.to_string()
    };
    assert!(
        builder()
            .address_with("http@b:2", path())
            .build_lazy()
            .is_ok()
    );
    let own = error(builder().address_with("tcp@b:2", path()));
    assert!(own.contains("the address `tcp@b:2` cannot honour"), "{own}");
    let shared = builder().address_with("http@b:2", ConnectOptions::new());
    let shared = error(shared.connect_options(path()));
    assert!(shared.contains("the address `tcp@a:1` cannot"), "{shared}");
    // In any order: nothing is dropped.
    let reversed = Channel::builder().address_with("tcp@b:2", path());
    let reversed = error(reversed.address("tcp@a:1"));
    assert!(reversed.contains("`tcp@b:2` cannot"), "{reversed}");
    let both = builder().connector("pipe@example", Nowhere);
    assert!(error(both).contains("the connector `pipe@example`, not both"));
    let nobody = Channel::builder().address_with("http@b:2", ConnectOptions::new());
    let nobody = error(nobody.connect_options(path()));
    assert!(
        nobody.contains("every one has options of its own"),
        "{nobody}"
    );
}

struct Nowhere;

impl Connect for Nowhere {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })
    }
}

#[tokio::test]
async fn a_connector_of_ones_own_takes_no_options_in_silence() {
    for (options, said) in [
        (path(), "`path`"),
        (origin(), "`origin`"),
        (header(), "`header`"),
    ] {
        let builder = Channel::builder().connector("pipe@example", Nowhere);
        let error = builder.connect_options(options).build_lazy().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        let error = error.to_string();
        assert!(
            error.contains("the connector `pipe@example`") && error.contains(said),
            "{error}"
        );
    }
    let builder = Channel::builder().connector("pipe@example", Nowhere);
    let builder = builder.connect_options(ConnectOptions::new());
    assert!(builder.build_lazy().is_ok());
}

#[tokio::test]
async fn a_path_beside_that_of_the_address_is_not_ignored() {
    let options = ListenOptions::new().path("/rpc");
    let server = Server::builder().listen_with("http@127.0.0.1:0/own", options.clone());
    let error = server.bind().await.unwrap_err().to_string();
    assert!(
        error.contains("`http@127.0.0.1:0/own` cannot honour the option `path`"),
        "{error}"
    );
    let server = Server::builder().listen_with("http@127.0.0.1:0/rpc", options);
    assert!(server.bind().await.is_ok());
}

#[tokio::test]
async fn headers_for_a_gateway_are_sent_in_the_handshake() {
    for network in ["http", "ws"] {
        let (address, server) = answering(b"HTTP/1.1 401 Unauthorized\r\n\r\n".to_vec()).await;
        let options = header().header("X-Trace", "a b");
        let builder = Channel::builder().address(format!("{network}@{address}"));
        let error = soon(builder.connect_options(options).build()).await;
        assert!(error.unwrap_err().to_string().contains("401 Unauthorized"));
        let seen = soon(server).await.unwrap();
        let both = "\r\nAuthorization: Bearer secret\r\nX-Trace: a b\r\n";
        assert!(seen.contains(both), "{seen}");
        assert_eq!(seen.matches('\n').count(), seen.matches("\r\n").count());
    }
}

#[tokio::test]
async fn a_server_takes_a_handshake_with_further_headers() {
    for network in ["http", "ws"] {
        let server = start_at(&format!("{network}@127.0.0.1:0"), Limits::server()).await;
        let builder = Channel::builder().address(&server.address);
        let channel = builder.connect_options(header()).build().await.unwrap();
        let echo = EchoClient::new(channel);
        assert_eq!(soon(echo.echo(b"x").into_future()).await.unwrap(), b"x");
    }
}

#[tokio::test]
async fn a_header_cannot_change_the_handshake_and_is_not_shown() {
    for (network, name, value) in [
        ("ws", "Host", "secret"),
        ("ws", "Origin", "secret"),
        ("ws", "Sec-WebSocket-Extensions", "secret"),
        ("http", "Content-Length", "5"),
        ("http", "X-Token", "secret\r\n\r\n"),
    ] {
        let options = ConnectOptions::new().header(name, value);
        assert!(!format!("{options:?}").contains("secret"));
        let error = outcome(&[&format!("{network}@a:1")], &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        let error = error.to_string();
        assert!(error.contains(&format!("the header `{name}`")), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let host = ConnectOptions::new().header("Host", "a.org");
    assert!(outcome(&["http@a:1"], &host).is_ok());
}

#[tokio::test]
async fn the_address_of_a_server_names_the_path_of_its_options() {
    for network in ["http", "ws"] {
        let options = ListenOptions::new().path("/rpc/v2");
        let server = Server::builder()
            .register(Echo::default())
            .listen_with(format!("{network}@127.0.0.1:0"), options);
        let server = server.bind().await.unwrap();
        let address = server.addresses()[0].to_string();
        assert!(address.ends_with("/rpc/v2"), "{address}");
        tokio::spawn(server.serve());
        let echo = EchoClient::connect(&address).await;
        assert_eq!(soon(echo.echo(b"x").into_future()).await.unwrap(), b"x");
    }
}
