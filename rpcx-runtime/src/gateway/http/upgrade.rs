//! Requests that become connections of rpcx: the networks `http`, `ws` and `wss` on a port with others.

use std::io::Cursor;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode, request};
use hyper::ext::ReasonPhrase;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;

use super::entry::Entry;
use super::io::HttpIo;
use super::jsonrpc::socket;
use super::names;
use super::reply::ResponseBody;
use super::settings::Http;
use super::websocket::WebSockets;
use crate::address::{Address, Network};
use crate::protocol::Metadata;
use crate::server::{Place, serve_frames};
use crate::task;
use crate::transport::Stream;

/// What Go clients compare.
const CONNECTED: &[u8] = b"Connected to rpcx";

/// The upgrades of a server.
#[derive(Debug)]
pub(super) struct Upgrades {
    path: String,
    json_rpc: String,
    web_sockets: WebSockets,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Connect,
    WebSocket,
    /// WebSocket with messages of JSON-RPC, and no frames.
    JsonRpc,
}

impl Upgrades {
    pub(super) fn new(http: &Http) -> Self {
        let path = &http.rpcx_path;
        Self {
            path: path.split('?').next().unwrap_or_default().to_owned(),
            json_rpc: http.json_rpc_path.clone(),
            web_sockets: WebSockets::new(http),
        }
    }

    /// What a request asks for, if it asks for an upgrade.
    pub(super) fn asked(&self, request: &request::Parts) -> Option<Kind> {
        if request.method == Method::CONNECT {
            return Some(Kind::Connect);
        }
        let kind = match request.uri.path() {
            path if path == self.path => Kind::WebSocket,
            path if path == self.json_rpc && socket::PRESENT => Kind::JsonRpc,
            _ => return None,
        };
        asks_for_web_socket(&request.headers).then_some(kind)
    }

    /// The answer to a request that asks for an upgrade, which follows it.
    pub(super) fn respond(
        &self,
        entry: &Arc<Entry>,
        request: &mut request::Parts,
        (kind, metadata): (Kind, Metadata),
    ) -> Response<ResponseBody> {
        let on = request.extensions.remove::<OnUpgrade>();
        let answer = match kind {
            Kind::Connect => self.connected(request),
            Kind::WebSocket | Kind::JsonRpc => self.web_socket(request, kind, entry.at_loopback),
        };
        match (answer, on) {
            (Ok(response), Some(on)) => {
                let network = network(entry, kind);
                let follow = follow(Arc::clone(entry), on, network, (kind, metadata));
                task::spawn(follow);
                response
            }
            (Ok(_), None) => *refused(
                "501 Not Implemented",
                "501 this connection cannot be upgraded\n",
            ),
            (Err(response), _) => *response,
        }
    }

    fn connected(
        &self,
        request: &request::Parts,
    ) -> Result<Response<ResponseBody>, Box<Response<ResponseBody>>> {
        if request.uri.path() != self.path {
            return Err(refused("404 Not Found", "404 page not found\n"));
        }
        let length = request.headers.get(header::CONTENT_LENGTH);
        if request.headers.contains_key(header::TRANSFER_ENCODING)
            || length.is_some_and(|length| length != "0")
        {
            let text = "400 the request must not have a body\n";
            return Err(refused("400 Bad Request", text));
        }
        let mut response = Response::new(ResponseBody::empty());
        let reason = ReasonPhrase::from_static(CONNECTED);
        response.extensions_mut().insert(reason);
        Ok(response)
    }

    fn web_socket(
        &self,
        request: &request::Parts,
        kind: Kind,
        at_loopback: bool,
    ) -> Result<Response<ResponseBody>, Box<Response<ResponseBody>>> {
        let accepted = self.web_sockets.accept(request, kind, at_loopback);
        let accept = accepted.map_err(|(status, text)| refused(status, &text))?;
        let mut response = Response::new(ResponseBody::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, names::value(&accept));
        Ok(response)
    }
}

/// Where a client is that has connected by one of these networks.
fn network(entry: &Entry, kind: Kind) -> Address {
    let network = match kind {
        Kind::Connect => Network::HTTP,
        Kind::WebSocket | Kind::JsonRpc => Network::WS,
    };
    Address::new(network, entry.peer.address.location())
}

fn asks_for_web_socket(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::UPGRADE).into_iter();
    let mut words = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','));
    words.any(|word| word.trim().eq_ignore_ascii_case("websocket"))
}

/// A refusal as the networks themselves say it.
fn refused(status: &str, text: &str) -> Box<Response<ResponseBody>> {
    let mut response = Response::new(ResponseBody::new(text.to_owned()));
    let code = status.split(' ').next().and_then(|code| code.parse().ok());
    let code = code.and_then(|code: u16| StatusCode::from_u16(code).ok());
    *response.status_mut() = code.unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    if response.status() == StatusCode::UPGRADE_REQUIRED {
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert("sec-websocket-version", HeaderValue::from_static("13"));
    }
    Box::new(response)
}

/// Serves frames, or messages, once the response has gone.
async fn follow(
    entry: Arc<Entry>,
    on: OnUpgrade,
    peer: Address,
    (kind, metadata): (Kind, Metadata),
) {
    // The connection is one all the time.
    let standing = entry.peer.standing();
    let place = Place::enter(&entry.shared, &peer, standing, None);
    let Ok(upgraded) = on.await else {
        return;
    };
    let (stream, front) = stream(&entry, upgraded, peer);
    match kind {
        Kind::Connect => serve_frames(stream, &front, Arc::clone(&entry.shared)),
        Kind::WebSocket => {
            let reader = Box::new(Cursor::new(front).chain(stream.reader));
            let stream = WebSockets::stream(Stream { reader, ..stream });
            serve_frames(stream, b"", Arc::clone(&entry.shared));
        }
        Kind::JsonRpc => socket::serve((entry, place), stream, front, metadata).await,
    }
}

/// The stream under a connection of HTTP, and what was read of it already.
fn stream(entry: &Entry, upgraded: Upgraded, peer: Address) -> (Stream, Bytes) {
    let (reader, writer, front) = match upgraded.downcast::<TokioIo<HttpIo>>() {
        Ok(parts) => parts.io.into_inner().into_halves(&parts.read_buf),
        Err(upgraded) => {
            let (reader, writer) = tokio::io::split(TokioIo::new(upgraded));
            (Box::new(reader) as _, Box::new(writer) as _, Bytes::new())
        }
    };
    let stream = Stream {
        reader,
        writer,
        peer,
        identity: entry.peer.identity.clone(),
        ends: true,
        at_loopback: entry.at_loopback,
    };
    (stream, front)
}
