//! HTTP on the ports of a server: for browsers, scripts and other languages.
//!
//! [`ServerBuilder::http`](crate::server::ServerBuilder::http) turns it on. A connection whose first byte is
//! that of a frame is one of rpcx, and its calls cost what they cost without HTTP; any other is
//! HTTP/1.1, or HTTP/2 where TLS has negotiated it, and each of its requests goes its own way:
//!
//! | request | what it is |
//! |---|---|
//! | `POST /Service/Method`, `PUT` | a plain call: the body is the arguments, JSON unless `Content-Type` says otherwise |
//! | `GET /Service/Method?A=10&B=20` | the same for a method that is marked `idempotent`; with an `ETag` |
//! | `GET /` | a page for browsers (feature `page`): the services with their docs, a form for each method, the replies |
//! | any path, `X-RPCX-ServicePath`, `X-RPCX-ServiceMethod`, `X-RPCX-SerializeType` .. | HTTP invoke as Go's gateway has it |
//! | `POST /jsonrpc`, or any request with `X-JSONRPC-2.0: true` | JSON-RPC 2.0: `{"jsonrpc":"2.0","method":"Arith.Mul","params":{"A":10,"B":20},"id":1}` |
//! | a WebSocket upgrade to `/jsonrpc` | JSON-RPC 2.0 by messages (feature `jsonrpc-ws`): each is what a body is, and is answered as soon as its calls have ended |
//! | `GET /.well-known/rpcx.json`, `GET /openapi.json` | the services of the server, and their types: [`reflection`](crate::reflection) |
//! | `CONNECT /_rpcx_` | the network `http` |
//! | a WebSocket upgrade to `/_rpcx_` | the networks `ws` and, under TLS, `wss` (feature `ws`) |
//!
#![cfg_attr(feature = "http", doc = "```no_run")]
#![cfg_attr(not(feature = "http"), doc = "```ignore")]
//! # async fn f(arith: impl rpcx::services::Service) -> rpcx::Result<()> {
//! use rpcx::Server;
//! use rpcx::gateway::Http;
//!
//! Server::builder()
//!     .register(arith)
//!     .listen("tcp@127.0.0.1:8972")
//!     .http(Http::new())
//!     .serve()
//!     .await
//! # }
//! ```
//!
//! ```text
//! $ curl -d '{"A":10,"B":20}' http://127.0.0.1:8972/Arith/Mul
//! {"C":200}
//! ```
//!
//! # The same rules
//! Every request goes through the dispatch that frames go through: admission and limits,
//! [authorization](crate::server::ServerBuilder::authorize), layers, deadlines, counters and events. What
//! can be decided from headers is decided before the body is read.
//!
//! | header | what it is |
//! |---|---|
//! | `Authorization` | the token of the caller: [`Metadata::auth`](crate::protocol::Metadata::auth) |
//! | `X-RPCX-Meta` | metadata, as a query; in a response that of the handler |
//! | `X-RPCX-Timeout-Ms` | how long the caller waits, in milliseconds |
//! | `X-Request-Id` | an id for logs, the metadata `x-request-id`; a new one is made if there is none |
//! | `traceparent`, `tracestate`, `baggage` | metadata of the same names |
//! | `Content-Encoding`, `Accept-Encoding` | gzip, where the feature `gzip` is on |
//! | `Content-Type`, `Accept` | of plain calls: `application/json`, `application/msgpack`, `application/protobuf` |
//!
//! A client that goes away cancels its call: see [`Context::cancelled`](crate::Context::cancelled). A server that drains answers
//! what has come and closes connections between requests.
//!
//! # Errors
//! A plain call that fails is answered with `application/problem+json` (RFC 9457), with these members
//! beside `title`, `status` and `detail`:
//!
//! | member | what it says |
//! |---|---|
//! | `outcome` | `ran`: the method ran and answered with this error; `not-run`: it did not run; `unknown`: it may have run |
//! | `reason` | why it did not run, as [`Rejection::as_str`](crate::Rejection::as_str) has it |
//! | `code`, `data` | of [`Error::with_code`](crate::Error::with_code) and [`with_data`](crate::Error::with_data) |
//! | `requestId` | the `X-Request-Id` |
//!
//! | what happened | status | JSON-RPC |
//! |---|---|---|
//! | the method's own error | its code if that is 400 to 599, else 500 | its code, else -32000 |
//! | no such method | 404 | -32601 |
//! | arguments that cannot be read | 400 | -32602 |
//! | not authenticated | 401 | -32001 |
//! | denied, or a page of another origin | 403 | -32002 |
//! | overloaded, or shutting down | 503 with `Retry-After` | -32003 |
//! | the deadline has passed | 504 | -32004 |
//! | a body that is too long | 413 | -32600 |
//!
//! In JSON-RPC `data` is an object with `outcome`, `reason` and `data`. A reply or an error of one call of
//! a batch says nothing about the others; calls of a batch run at the same time.
//!
//! Over WebSocket the headers of the upgrade are those of all calls. What a handler [pushes](crate::Peer) is a notification:
//! `{"jsonrpc":"2.0","method":"Prices.Changed","params":{..}}`, without metadata; arguments that are neither a list nor an object are a
//! list of one. A message may be as long as a body, a client that is silent for [`Http::idle`] is asked whether it is
//! there, and one that takes no bytes is given up as on every connection.
//!
//! # A gateway to other servers
//! With [`Forward`] a server answers calls by making them of others, by address or through a registry, in Rust or
//! Go: with HTTP on, it is their HTTP side. Payloads are passed on as they are. What a method is marked with is
//! not known there, so there is no GET, and arguments of JSON-RPC by position are for servers that read lists.
//! The command `rpcx gateway` is such a server with its options on the command line, in the
//! environment or in a file.
//!
//! | request | what it is |
//! |---|---|
//! | `GET /healthz`, `GET /readyz` | whether the server lives, and is to be called: with `Http::health` |
//!
//! # Browsers
//! A request of a page of another origin is refused before it runs, unless [`Cors`] lists it. On a
//! loopback address the host has to be `localhost`, an IP address, or one of [`Http::hosts`].

// The page is the same without the feature, and says what it would bring.
#![cfg_attr(not(feature = "http"), allow(rustdoc::broken_intra_doc_links))]

mod forward;
#[cfg(feature = "http")]
mod http;

pub use forward::Forward;

#[cfg(feature = "http")]
pub use self::http::{Cors, Http, ResponseBody};
#[cfg(all(feature = "http", feature = "tower"))]
pub use self::http::{HttpService, RemoteAddr};
