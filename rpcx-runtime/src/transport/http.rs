//! `http@host:port`: TCP with an HTTP `CONNECT` in front.
//!
//! Both sides send what Go sends, with bare line feeds, and take what any HTTP program sends. A
//! client with headers of its own, which Go's cannot have, means a gateway and ends its lines as the
//! RFC wants it.

use std::io;

use httparse::{Request, Response};

use super::halves::with_front;
use super::headers;
use super::http_head::{self, Refusal};
use super::networks::Ways;
use super::socket::{Socket, Upgrade};
use super::{Address, BoxFuture, ConnectOptions, ListenOptions, path, tcp};
use crate::error::Error;

/// What a server answers. It is exact: Go clients compare the status text.
const CONNECTED: &[u8] = b"HTTP/1.0 200 Connected to rpcx\n\n";
const CONNECTED_CODE: u16 = 200;
const CONNECTED_REASON: &str = "Connected to rpcx";

pub(super) const WAYS: Ways = Ways {
    upgrade: Some((client_upgrade, server_upgrade)),
    ..tcp::WAYS
};

fn client_upgrade(address: &Address, options: &ConnectOptions) -> Result<Box<dyn Upgrade>, Error> {
    let path = path::of(address, &options.own);
    let own = headers::lines(&options.own, address, |_| false)?;
    let end = if own.is_empty() { "\n" } else { "\r\n" };
    let request = format!("CONNECT {path} HTTP/1.0{end}{own}{end}").into_bytes();
    Ok(Box::new(ClientUpgrade { request }))
}

struct ClientUpgrade {
    request: Vec<u8>,
}

impl Upgrade for ClientUpgrade {
    fn negotiate(&self, socket: Box<dyn Socket>) -> BoxFuture<'_, io::Result<Box<dyn Socket>>> {
        Box::pin(async move {
            let (socket, rest) = http_head::ask(socket, &self.request, is_connected).await?;
            Ok(with_front(rest, socket))
        })
    }
}

fn is_connected(response: &Response<'_, '_>) -> Result<(), std::borrow::Cow<'static, str>> {
    let status = (response.code, response.reason);
    match status == (Some(CONNECTED_CODE), Some(CONNECTED_REASON)) {
        true => Ok(()),
        false => Err("expected the status `200 Connected to rpcx`".into()),
    }
}

fn server_upgrade(address: &Address, options: &ListenOptions) -> Result<Box<dyn Upgrade>, Error> {
    let path = path::of(address, &options.own);
    Ok(Box::new(ServerUpgrade {
        path: http_head::without_query(path).to_owned(),
    }))
}

struct ServerUpgrade {
    path: String,
}

impl Upgrade for ServerUpgrade {
    fn negotiate(&self, socket: Box<dyn Socket>) -> BoxFuture<'_, io::Result<Box<dyn Socket>>> {
        Box::pin(async move {
            let (socket, rest) = http_head::serve(socket, |request| self.check(request)).await?;
            Ok(with_front(rest, socket))
        })
    }
}

impl ServerUpgrade {
    fn check(&self, request: &Request<'_, '_>) -> Result<Vec<u8>, Refusal> {
        if http_head::target_path(request) != self.path {
            return Err(Refusal::new("404 Not Found", "404 page not found\n"));
        }
        if request.method != Some("CONNECT") {
            return Err(Refusal {
                headers: "Allow: CONNECT\r\n",
                ..Refusal::new("405 Method Not Allowed", "405 must CONNECT\n")
            });
        }
        http_head::without_body(request)?;
        Ok(CONNECTED.to_vec())
    }
}
