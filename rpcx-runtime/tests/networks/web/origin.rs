//! Which pages get a WebSocket, and what our own client says of itself.

use rpcx_runtime::transport::{ConnectOptions, ListenOptions};
use rpcx_runtime::{Channel, Server};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::both::start;
use super::{answering, soon};
use crate::echo::Echo;

async fn server_for(origins: &[&str]) -> (String, tokio::task::JoinHandle<()>) {
    let server = Server::builder()
        .register(Echo::default())
        .listen_with(
            "ws@127.0.0.1:0",
            ListenOptions::new().origins(origins.to_vec()),
        )
        .bind()
        .await
        .unwrap();
    let address = server.addresses()[0].to_string();
    let task =
        tokio::spawn(async move { server.serve_until(std::future::pending()).await.unwrap() });
    (address, task)
}

#[tokio::test]
async fn the_origin_is_that_of_the_address_or_one_that_is_listed() {
    let (address, _server) = server_for(&["https://b.org"]).await;
    for (origin, said) in [
        (None, None),
        (Some("https://b.org"), None),
        (Some("https://c.org"), Some("403 Forbidden")),
    ] {
        let mut options = ConnectOptions::new();
        if let Some(origin) = origin {
            options = options.origin(origin);
        }
        let builder = Channel::builder()
            .address(&address)
            .connect_options(options);
        let outcome = builder.build().await.map_err(|error| error.to_string());
        match (outcome, said) {
            (Ok(_), None) => {}
            (Err(error), Some(said)) => assert!(error.contains(said), "{error}"),
            (outcome, _) => panic!("{origin:?}: {outcome:?}"),
        }
    }
    let options = ConnectOptions::new().origin("http://a\r\nHost: b");
    let builder = Channel::builder()
        .address(&address)
        .connect_options(options);
    let error = builder.build().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the origin `http://a\\r\\nHost: b`"),
        "{error}"
    );
}

/// The status that a page of `http://host` gets in a browser.
async fn status(host: &str, socket: impl AsyncRead + AsyncWrite + Unpin) -> u16 {
    let url = format!("ws://{host}/_rpcx_");
    let mut request = url.into_client_request().unwrap();
    let origin = format!("http://{host}").parse().unwrap();
    request.headers_mut().insert("Origin", origin);
    let browser = "Mozilla/5.0".parse().unwrap();
    request.headers_mut().insert("User-Agent", browser);
    match soon(client_async(request, socket)).await {
        Ok((_, response)) => response.status().as_u16(),
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
    }
}

/// The owner of the name has the browser ask 127.0.0.1 for it, and so the host is that of the page.
#[tokio::test]
async fn a_name_that_was_pointed_at_loopback_does_not_let_its_pages_in() {
    let server = start().await;
    for (host, expected) in [("evil.example", 403), ("localhost", 101)] {
        assert_eq!(status(host, server.plain().await).await, expected);
        assert_eq!(status(host, server.secure().await).await, expected);
    }
}

#[tokio::test]
async fn a_client_need_not_name_an_origin() {
    let refusal = b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec();
    let (address, server) = answering(refusal).await;
    let builder = Channel::builder()
        .address(format!("ws@{address}"))
        .connect_options(ConnectOptions::new().no_origin());
    soon(builder.build()).await.unwrap_err();
    let seen = soon(server).await.unwrap();
    assert!(!seen.to_ascii_lowercase().contains("origin"), "{seen}");
    assert!(seen.contains("\r\nSec-WebSocket-Version: 13\r\n"), "{seen}");
}
