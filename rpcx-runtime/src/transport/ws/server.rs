//! The server's side of the opening handshake.

use std::io;

use httparse::Request;

#[cfg(feature = "http")]
use super::super::Stream;
#[cfg(feature = "http")]
use super::super::halves::SplitSocket;
use super::super::halves::with_front;
use super::super::http_head::{self, Refusal};
use super::super::own::NetworkOption;
use super::super::socket::{Socket, Upgrade};
use super::super::{Address, BoxFuture, ListenOptions, Network, path};
use super::origin::Origins;
use super::stream::web_socket;
use super::upgrade::{VERSION, accept, is_key};
use crate::error::Error;

/// The origins that the application allows.
#[derive(Clone, Debug)]
struct Listed(Vec<String>);

impl ListenOptions {
    /// The pages of other hosts that may connect by `ws` and `wss`, each as a browser names it:
    /// `https://example.org`; `*` stands for every page. Default: none. Pages of the same host may
    /// always connect, and clients that name no origin, which are no browsers.
    ///
    /// For a browser's connection to a loopback address only `localhost`, names below it and IP
    /// addresses are the same host: every other name may have been pointed there by a stranger. So
    /// behind a reverse proxy on the same machine the pages have to be listed.
    #[must_use]
    pub fn origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let origins = origins.into_iter().map(Into::into).collect();
        self.own.set(Listed(origins));
        self
    }
}

impl NetworkOption for Listed {
    fn name(&self) -> &'static str {
        "the option `origins`"
    }

    fn whose(&self) -> &'static str {
        "ws and wss"
    }

    fn fits(&self, address: &Address) -> bool {
        matches!(address.network(), Network::WS | Network::WSS)
    }
}

pub(super) fn server_upgrade(
    address: &Address,
    options: &ListenOptions,
) -> Result<Box<dyn Upgrade>, Error> {
    let path = path::of(address, &options.own);
    let listed = options.own.get::<Listed>();
    Ok(Box::new(ServerUpgrade {
        path: http_head::without_query(path).to_owned(),
        origins: Origins::new(listed.map_or(&[][..], |listed| &listed.0)),
    }))
}

#[derive(Debug)]
struct ServerUpgrade {
    path: String,
    origins: Origins,
}

impl Upgrade for ServerUpgrade {
    fn negotiate(&self, socket: Box<dyn Socket>) -> BoxFuture<'_, io::Result<Box<dyn Socket>>> {
        Box::pin(async move {
            let at_loopback = socket.is_at_loopback();
            let check = |request: &Request<'_, '_>| self.check(request, at_loopback);
            let (socket, rest) = http_head::serve(socket, check).await?;
            Ok(web_socket(with_front(rest, socket), false))
        })
    }
}

/// The same for requests that a server of HTTP has read.
#[cfg(feature = "http")]
#[derive(Debug)]
pub(crate) struct WebSockets(ServerUpgrade);

#[cfg(feature = "http")]
impl WebSockets {
    /// Those to `path`, of pages from these origins beside the server's own.
    pub(crate) fn new(path: &str, origins: &[String]) -> Self {
        Self(ServerUpgrade {
            path: http_head::without_query(path).to_owned(),
            origins: Origins::new(origins),
        })
    }

    /// The value of `Sec-WebSocket-Accept`.
    ///
    /// # Errors
    /// The status, with its reason, and the text that say why the request is refused.
    pub(crate) fn accept(
        &self,
        request: &http::request::Parts,
        at_loopback: bool,
    ) -> Result<String, (&'static str, String)> {
        let header = |(name, value): (_, _)| {
            let (name, value): (&http::HeaderName, &http::HeaderValue) = (name, value);
            httparse::Header {
                name: name.as_str(),
                value: value.as_bytes(),
            }
        };
        let mut headers: Vec<_> = request.headers.iter().map(header).collect();
        let mut read = Request::new(&mut headers);
        read.method = Some(request.method.as_str());
        read.path = Some(request.uri.path());
        read.version = Some(u8::from(request.version == http::Version::HTTP_11));
        let accepted = self.0.accept(&read, at_loopback);
        accepted.map_err(|refusal| (refusal.status, refusal.body.into_owned()))
    }

    /// The bytes that are in the messages of a stream whose request was accepted.
    pub(crate) fn stream(stream: Stream) -> Stream {
        let halves = (stream.reader, stream.writer);
        let socket = SplitSocket::new(halves, stream.identity.clone());
        let (reader, writer) = web_socket(Box::new(socket), false).halves();
        Stream {
            reader,
            writer,
            ..stream
        }
    }
}

fn bad(body: &'static str) -> Refusal {
    Refusal::new("400 Bad Request", body)
}

impl ServerUpgrade {
    /// The answer to a request. Subprotocols and extensions that a client offers are not taken up.
    fn check(&self, request: &Request<'_, '_>, at_loopback: bool) -> Result<Vec<u8>, Refusal> {
        let accept = self.accept(request, at_loopback)?;
        Ok(format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        )
        .into_bytes())
    }

    /// What shows that the request was understood.
    fn accept(&self, request: &Request<'_, '_>, at_loopback: bool) -> Result<String, Refusal> {
        if http_head::target_path(request) != self.path {
            return Err(Refusal::new("404 Not Found", "404 page not found\n"));
        }
        if request.method != Some("GET") {
            return Err(Refusal {
                headers: "Allow: GET\r\n",
                ..Refusal::new("405 Method Not Allowed", "405 must GET\n")
            });
        }
        http_head::without_body(request)?;
        upgrades(request)?;
        let key = key(request)?;
        self.origins.check(request, at_loopback)?;
        Ok(accept(key))
    }
}

fn upgrades(request: &Request<'_, '_>) -> Result<(), Refusal> {
    let headers = &*request.headers;
    let upgrade = |body: &'static str| Refusal {
        headers: "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
        ..Refusal::new("426 Upgrade Required", body)
    };
    if !http_head::lists(headers, "upgrade", "websocket") {
        return Err(upgrade("426 this is a WebSocket\n"));
    }
    if request.version != Some(1) {
        return Err(bad("400 a WebSocket needs HTTP/1.1\n"));
    }
    if !http_head::lists(headers, "connection", "upgrade") {
        return Err(bad("400 the header Connection does not say Upgrade\n"));
    }
    let mut versions = http_head::values(headers, "sec-websocket-version");
    match (versions.next(), versions.next()) {
        (Some(version), None) if version == VERSION.as_bytes() => Ok(()),
        _ => Err(upgrade("426 the version of WebSocket must be 13\n")),
    }
}

fn key<'h>(request: &'h Request<'_, '_>) -> Result<&'h [u8], Refusal> {
    let mut keys = http_head::values(request.headers, "sec-websocket-key");
    match (keys.next(), keys.next()) {
        (Some(key), None) if is_key(key) => Ok(key),
        _ => Err(bad(
            "400 the header Sec-WebSocket-Key must be there once, with 16 bytes in base64\n",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /_rpcx_ HTTP/1.1\r\nHost: a.org:80\r\nUpgrade: WebSocket\r\n\
        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n\
        Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

    fn answer(head: &str) -> Result<String, Refusal> {
        let upgrade = ServerUpgrade {
            path: "/_rpcx_".to_owned(),
            origins: Origins::new(&[]),
        };
        let answer = http_head::request(head.as_bytes(), |request| upgrade.check(request, false));
        answer.map(|answer| String::from_utf8(answer).unwrap())
    }

    #[test]
    fn an_upgrade_without_what_was_offered_beside() {
        let expected = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        assert_eq!(answer(GOOD), Ok(expected.to_owned()));
        assert_eq!(answer(&GOOD.replace("\r\n", "\n")), Ok(expected.to_owned()));
        let query = GOOD.replace("/_rpcx_", "/_rpcx_?token=1");
        assert_eq!(answer(&query), Ok(expected.to_owned()));
    }

    #[test]
    fn requests_are_refused_with_a_reason() {
        for (from, to, status, said) in [
            ("/_rpcx_", "/", "404", "page not found"),
            ("GET", "POST", "405", "must GET"),
            ("Upgrade: WebSocket\r\n", "", "426", "this is a WebSocket"),
            ("HTTP/1.1", "HTTP/1.0", "400", "HTTP/1.1"),
            ("keep-alive, Upgrade", "keep-alive", "400", "Connection"),
            ("Version: 13", "Version: 8", "426", "must be 13"),
            ("Sec-WebSocket-Version: 13\r\n", "", "426", "must be 13"),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhl", "400", "16 bytes"),
            ("Host: a", "Content-Length: 5\r\nHost: a", "400", "a body"),
            (
                "Host: a",
                "Transfer-Encoding: chunked\r\nHost: a",
                "400",
                "a body",
            ),
            (
                "Host: a",
                "Origin: https://b.org\r\nHost: a",
                "403",
                "https://b.org",
            ),
            ("Host: a", "Ho st: a", "400", "malformed"),
        ] {
            let refusal = answer(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(refusal.status.starts_with(status), "{to}: {refusal:?}");
            assert!(refusal.body.contains(said), "{to}: {refusal:?}");
        }
    }
}
