//! rpcx with arguments that were encoded before the run, and a reply that is compared as bytes: what a program does that only puts
//! load on a server.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use rpcx::Codec;
use rpcx::client::RawMethod;
use rpcx::codec::transcode;

use super::rpcx::{BenchServer, Bencher};
use super::{Client, Peer};
use crate::message::Template;

/// The arguments of each `Mul`, and its reply.
const MUL: (&str, &str) = (r#"{"A":70000,"B":3}"#, r#"{"C":210000}"#);

/// The server of the peer `rpcx`.
pub(super) struct Ready;

impl Peer for Ready {
    type Client = Arc<Mul>;

    async fn serve(address: SocketAddr) -> Result<()> {
        let server = rpcx::Server::builder().register(BenchServer::new(Bencher));
        let server = server.listen(&*format!("tcp@{address}")).bind().await?;
        Ok(server.serve().await?)
    }

    async fn connect(address: SocketAddr) -> Result<Arc<Mul>> {
        let channel = rpcx::Channel::connect(&*format!("tcp@{address}")).await?;
        let encoded = |json: &str| transcode(json.as_bytes(), Codec::JSON, Codec::MSGPACK);
        Ok(Arc::new(Mul {
            method: channel.raw("Bench", "Mul").codec(Codec::MSGPACK),
            arguments: encoded(MUL.0)?.into(),
            reply: encoded(MUL.1)?.into(),
        }))
    }
}

/// The method of one connection, with its arguments and what it answers to them.
pub(super) struct Mul {
    method: RawMethod,
    arguments: Bytes,
    reply: Bytes,
}

impl Client for Arc<Mul> {
    async fn say(&self, _: &'static Template) -> Result<()> {
        bail!("only `Mul` has arguments that are ready")
    }

    /// The arguments are always the same.
    async fn mul(&self, a: i32, b: i32) -> Result<i32> {
        let reply = self.method.call(self.arguments.clone()).await?;
        ensure!(reply.payload == self.reply, "a wrong reply to Mul");
        Ok(a.wrapping_mul(b))
    }

    async fn blob(&self, _: &'static Template) -> Result<()> {
        bail!("only `Mul` has arguments that are ready")
    }
}
