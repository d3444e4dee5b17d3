//! The client's side of the opening handshake.

use std::borrow::Cow;
use std::io;

use httparse::Response;

use super::super::halves::with_front;
use super::super::headers;
use super::super::http_head;
use super::super::own::NetworkOption;
use super::super::path;
use super::super::socket::{Socket, Upgrade};
use super::super::{Address, BoxFuture, ConnectOptions, Network};
use super::stream::web_socket;
use super::upgrade::{KEY, VERSION, accept, encode_key};
use crate::error::Error;

/// What a client says of where it comes from.
#[derive(Clone, Debug)]
enum Origin {
    /// The host that it connects to.
    Same,
    Named(String),
    Unnamed,
}

impl ConnectOptions {
    /// The origin that is named on the networks `ws` and `wss`. Default: `http://` or `https://` with
    /// host and port of the address.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.own.set(Origin::Named(origin.into()));
        self
    }

    /// Names no origin on the networks `ws` and `wss`, as a program that is no browser. Go servers
    /// refuse that. A server of this crate lets such a client in where it refuses one that seems to
    /// be a page of another host, as behind a proxy that changes the host.
    #[must_use]
    pub fn no_origin(mut self) -> Self {
        self.own.set(Origin::Unnamed);
        self
    }
}

impl NetworkOption for Origin {
    fn name(&self) -> &'static str {
        match self {
            Self::Unnamed => "the option `no_origin`",
            Self::Same | Self::Named(_) => "the option `origin`",
        }
    }

    fn whose(&self) -> &'static str {
        "ws and wss"
    }

    fn fits(&self, address: &Address) -> bool {
        matches!(address.network(), Network::WS | Network::WSS)
    }
}

pub(super) fn client_upgrade(
    address: &Address,
    options: &ConnectOptions,
) -> Result<Box<dyn Upgrade>, Error> {
    let host = host(address.host_port());
    let secure = address.network() == Network::WSS || options.chosen_tls().is_some();
    let scheme = if secure { "https" } else { "http" };
    let origin = match options.own.get().unwrap_or(&Origin::Same) {
        Origin::Same => format!("Origin: {scheme}://{host}\r\n"),
        Origin::Named(origin) => format!("Origin: {}\r\n", checked(address, origin)?),
        Origin::Unnamed => String::new(),
    };
    let own = headers::lines(&options.own, address, is_of_handshake)?;
    let path = path::of(address, &options.own);
    Ok(Box::new(ClientUpgrade {
        head: format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             {origin}{own}Sec-WebSocket-Version: {VERSION}\r\nSec-WebSocket-Key: "
        ),
    }))
}

/// Headers that are written here, or that offer what is not there.
fn is_of_handshake(name: &str) -> bool {
    matches!(name, "host" | "origin") || name.starts_with("sec-websocket-")
}

/// What stands in a header may not end it.
fn checked<'a>(address: &Address, origin: &'a str) -> Result<&'a str, Error> {
    match !origin.is_empty() && origin.chars().all(|c| c.is_ascii_graphic()) {
        true => Ok(origin),
        false => Err(Error::setup(format!(
            "the origin `{}` for the address `{address}` must be printable ASCII such as `https://example.org`",
            origin.escape_debug()
        ))),
    }
}

/// Host and port as a server is to see them: no zone, which means something on this machine only.
fn host(host_port: &str) -> Cow<'_, str> {
    match host_port.split_once('%') {
        _ if host_port.starts_with(':') => format!("localhost{host_port}").into(),
        Some((ip, zone)) => match zone.split_once(']') {
            Some((_, port)) => format!("{ip}]{port}").into(),
            None => host_port.into(),
        },
        None => host_port.into(),
    }
}

struct ClientUpgrade {
    /// The request up to the key.
    head: String,
}

impl Upgrade for ClientUpgrade {
    fn negotiate(&self, socket: Box<dyn Socket>) -> BoxFuture<'_, io::Result<Box<dyn Socket>>> {
        Box::pin(async move {
            let mut key = [0; KEY];
            getrandom::fill(&mut key)?;
            let key = encode_key(key);
            let request = format!("{}{key}\r\n\r\n", self.head);
            let check = |response: &Response<'_, '_>| check(response, &key);
            let (socket, rest) = http_head::ask(socket, request.as_bytes(), check).await?;
            Ok(web_socket(with_front(rest, socket), true))
        })
    }
}

fn check(response: &Response<'_, '_>, key: &str) -> Result<(), Cow<'static, str>> {
    let headers = &*response.headers;
    if response.code != Some(101) {
        return Err("expected the status 101".into());
    }
    if !http_head::lists(headers, "upgrade", "websocket")
        || !http_head::lists(headers, "connection", "upgrade")
    {
        return Err("it does not upgrade to websocket".into());
    }
    let mut answers = http_head::values(headers, "sec-websocket-accept");
    if answers.next() != Some(accept(key.as_bytes()).as_bytes()) || answers.next().is_some() {
        return Err("its Sec-WebSocket-Accept does not fit our key".into());
    }
    for unasked in ["sec-websocket-extensions", "sec-websocket-protocol"] {
        if http_head::values(headers, unasked).next().is_some() {
            return Err(format!("it has a {unasked}, which was not asked for").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_a_server_can_use() {
        for (location, expected) in [
            ("example.org:80", "example.org:80"),
            (":80", "localhost:80"),
            ("[::1]:80", "[::1]:80"),
            ("[fe80::1%eth0]:80", "[fe80::1]:80"),
        ] {
            assert_eq!(host(location), expected);
        }
    }

    #[test]
    fn an_answer_is_checked_in_every_part() {
        let key = encode_key([7; KEY]);
        let accepted = accept(key.as_bytes());
        let good = format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n\
             Sec-WebSocket-Accept: {accepted}\r\n\r\n"
        );
        let answer =
            |head: &str| http_head::response(head.as_bytes(), |response| check(response, &key));
        assert_eq!(answer(&good), Ok(()));
        for (from, to, said) in [
            (
                "101 Switching Protocols",
                "200 OK",
                "`HTTP/1.1 200 OK`: expected the status 101",
            ),
            ("upgrade: WebSocket", "upgrade: h2c", "does not upgrade"),
            ("keep-alive, upgrade", "keep-alive", "does not upgrade"),
            (accepted.as_str(), "x", "does not fit our key"),
            (
                "\r\n\r\n",
                "\r\nSec-WebSocket-Protocol: a\r\n\r\n",
                "sec-websocket-protocol",
            ),
            (
                "\r\n\r\n",
                "\r\nSec-WebSocket-Extensions: a\r\n\r\n",
                "sec-websocket-extensions",
            ),
            ("HTTP/1.1", "HTTP/1\x01", "`HTTP/1\\x01"),
        ] {
            let error = answer(&good.replace(from, to)).unwrap_err();
            assert!(error.contains(said), "{to}: {error}");
        }
    }
}
