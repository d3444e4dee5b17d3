//! The peers, one module each: how to serve and how to call.

#[cfg(feature = "capnp")]
mod capnp;
mod certificate;
mod fast_floor;
mod fleet;
mod floor;
#[cfg(feature = "axum")]
mod http;
#[cfg(feature = "jsonrpsee")]
mod jsonrpsee;
mod networks;
#[cfg(feature = "quic")]
mod quinn;
mod raw;
mod ready;
pub mod rpcx;
#[cfg(feature = "tarpc")]
mod tarpc;
#[cfg(feature = "tonic")]
mod tonic;
#[cfg(feature = "volo")]
mod volo;
mod wire;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use anyhow::{Context, Result, bail};

use crate::load::{self, Idle, IdlePlan, Outcome, Plan};
use crate::message::Template;
use networks::{Raw, Rpcx};

/// One connection; clones share it.
pub trait Client: Clone + Send + Sync + 'static {
    /// One `Say` as an application makes it: clone the message, call, look at the reply.
    fn say(&self, template: &'static Template) -> impl Future<Output = Result<()>> + Send;
    /// One `Mul`.
    fn mul(&self, a: i32, b: i32) -> impl Future<Output = Result<i32>> + Send;
    /// One `Blob`, the length of the reply checked.
    fn blob(&self, template: &'static Template) -> impl Future<Output = Result<()>> + Send;
    /// One `Fetch`, the length of the reply checked. Not every peer has it.
    fn fetch(&self) -> impl Future<Output = Result<()>> + Send {
        async { bail!("this peer has no `Fetch`") }
    }
    /// Runs a caller where this connection can be called from: anywhere, but for a peer that is bound to a thread.
    ///
    /// # Errors
    /// That thread has ended.
    fn stay<T: Send + 'static>(
        self,
        caller: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send {
        async { Ok(caller.await) }
    }
}

/// A server and a way to connect to it.
pub trait Peer: 'static {
    /// The connection.
    type Client: Client;
    /// Serves until the process ends.
    fn serve(address: SocketAddr) -> impl Future<Output = Result<()>>;
    /// Opens one connection.
    fn connect(address: SocketAddr) -> impl Future<Output = Result<Self::Client>> + Send;
}

type Local<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// A peer by its name.
#[derive(Debug)]
pub struct Entry {
    /// The name on the command line and in the table.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// [`Peer::serve`].
    pub serve: fn(SocketAddr) -> Local<()>,
    /// [`load::run`].
    pub load: fn(SocketAddr, Plan) -> Local<Outcome>,
    /// [`load::run_idle`].
    pub idle: fn(SocketAddr, IdlePlan) -> Local<Idle>,
}

fn entry<P: Peer>(name: &'static str, about: &'static str) -> Entry {
    Entry {
        name,
        about,
        serve: |address| Box::pin(P::serve(address)),
        load: |address, plan| Box::pin(load::run::<P>(address, plan)),
        idle: |address, plan| Box::pin(load::run_idle::<P>(address, plan)),
    }
}

/// Every peer of this build.
pub fn all() -> Vec<Entry> {
    let mut all = ours();
    all.extend(others());
    all
}

/// rpcx in all its ways.
fn ours() -> Vec<Entry> {
    vec![
        entry::<Rpcx<networks::Tcp>>(
            "rpcx",
            "rpcx, msgpack over TCP, generated client and server",
        ),
        entry::<Rpcx<networks::Layered>>("rpcx-layer", "the same with an empty layer on each side"),
        entry::<Rpcx<networks::Passed>>(
            "rpcx-before",
            "the same with a layer on each side that lets each call pass",
        ),
        entry::<ready::Ready>(
            "rpcx-ready",
            "the same with arguments encoded before the run; `Mul` alone",
        ),
        entry::<fleet::Fleet>("rpcx-fleet", "one channel over three nodes, round robin"),
        entry::<fleet::InTurn>(
            "rpcx-in-turn",
            "three channels to these nodes, taken in turn",
        ),
        entry::<Rpcx<networks::TcpTls>>("rpcx-tls", "the same with TLS"),
        entry::<Rpcx<networks::Bulk>>("rpcx-bulk", "`rpcx` with a lane for large calls"),
        entry::<Rpcx<networks::TlsBulk>>("rpcx-tls-bulk", "the same with TLS"),
        entry::<Rpcx<networks::Http>>("rpcx-http", "the same behind an HTTP CONNECT"),
        entry::<Rpcx<networks::Unix>>("rpcx-unix", "the same over a Unix socket"),
        entry::<Rpcx<networks::Ws>>("rpcx-ws", "the same over WebSocket"),
        entry::<Rpcx<networks::Wss>>("rpcx-wss", "the same over WebSocket with TLS"),
        entry::<Rpcx<networks::KcpFast>>("rpcx-kcp", "the same over KCP with `Kcp::fast`"),
        #[cfg(feature = "quic")]
        entry::<Rpcx<networks::Quic>>("rpcx-quic", "the same over QUIC"),
        entry::<Raw<networks::Tcp>>("rpcx-raw", "rpcx over TCP without a codec, as the floors"),
        #[cfg(feature = "quic")]
        entry::<Raw<networks::Quic>>("rpcx-quic-raw", "rpcx over QUIC without a codec"),
        #[cfg(feature = "axum")]
        entry::<http::RpcxJson>("rpcx-json", "rpcx with HTTP on its port, JSON; `Mul` alone"),
    ]
}

/// What it is compared to.
fn others() -> Vec<Entry> {
    vec![
        entry::<floor::Floor>(
            "floor",
            "no codec; channel, writer task, oneshots, a task a request",
        ),
        entry::<fast_floor::FastFloor>(
            "fast-floor",
            "no codec; slab, shared buffer, polled in place",
        ),
        #[cfg(feature = "quic")]
        entry::<quinn::QuinnStreams>("quinn-streams", "no codec; quinn, a stream a call"),
        #[cfg(feature = "quic")]
        entry::<quinn::QuinnFloor>("quinn-floor", "no codec; quinn, `floor` over one stream"),
        #[cfg(feature = "axum")]
        entry::<http::Axum>("axum", "axum and serde_json; `Mul` alone"),
        #[cfg(feature = "tarpc")]
        entry::<tarpc::TarpcMsgpack>("tarpc-msgpack", "tarpc, rmp-serde (arrays) over TCP"),
        #[cfg(feature = "tarpc")]
        entry::<tarpc::TarpcBincode>("tarpc-bincode", "tarpc, bincode over TCP"),
        #[cfg(feature = "tonic")]
        entry::<tonic::Tonic<false>>("tonic", "tonic, prost over plain HTTP/2"),
        #[cfg(feature = "tonic")]
        entry::<tonic::Tonic<true>>("tonic-tls", "the same with TLS"),
        #[cfg(feature = "jsonrpsee")]
        entry::<jsonrpsee::Jsonrpsee>("jsonrpsee", "jsonrpsee, JSON-RPC over WebSocket; no `Blob`"),
        #[cfg(feature = "capnp")]
        entry::<capnp::Capnp>("capnp", "capnp-rpc over TCP, a thread for each worker"),
        #[cfg(feature = "volo")]
        entry::<volo::Volo>("volo-thrift", "volo-thrift, framed binary, multiplexed"),
    ]
}

/// The peer of that name.
///
/// # Errors
/// This build has none.
pub fn named(name: &str) -> Result<Entry> {
    let found = all().into_iter().find(|entry| entry.name == name);
    found.with_context(|| {
        let names: Vec<_> = all().iter().map(|entry| entry.name).collect();
        format!(
            "there is no peer `{name}` in this build: {}",
            names.join(", ")
        )
    })
}
