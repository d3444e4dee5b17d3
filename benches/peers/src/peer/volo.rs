//! volo-thrift with its multiplexed transport and framed binary codec, as in its own benchmark.

use std::net::SocketAddr;

use anyhow::{Result, anyhow, ensure};
use bytes::Bytes;
use volo::net::Address;
use volo_gen::volo_gen::bench::{
    Bench, BenchClient, BenchClientBuilder, BenchServer, BenchmarkMessage,
};
use volo_thrift::ServerError;
use volo_thrift::codec::DefaultMakeCodec;

use super::{Client, Peer};
use crate::filled;
use crate::message::{ANSWER, BLOB, Template};

struct Bencher;

impl Bench for Bencher {
    async fn say(&self, mut message: BenchmarkMessage) -> Result<BenchmarkMessage, ServerError> {
        message.field1 = ANSWER.0.into();
        message.field2 = ANSWER.1;
        Ok(message)
    }

    async fn mul(&self, a: i32, b: i32) -> Result<i32, ServerError> {
        Ok(a.wrapping_mul(b))
    }

    async fn blob(&self, data: Bytes) -> Result<Bytes, ServerError> {
        Ok(data)
    }
}

pub(super) struct Volo;

impl Peer for Volo {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        let server = BenchServer::new(Bencher).multiplex(true);
        server
            .run(Address::from(address))
            .await
            .map_err(|error| anyhow!("{error}"))
    }

    /// A builder for each connection: a multiplexed client keeps one for an address.
    async fn connect(address: SocketAddr) -> Result<Connection> {
        let builder = BenchClientBuilder::new("bench").make_codec(DefaultMakeCodec::framed());
        Ok(Connection(builder.address(address).multiplex(true).build()))
    }
}

#[derive(Clone)]
pub(super) struct Connection(BenchClient);

impl Client for Connection {
    async fn say(&self, _: &'static Template) -> Result<()> {
        // made anew: its strings share their text when they are cloned, those of the others do not
        let reply = self.0.say(filled!(BenchmarkMessage)).await?;
        ensure!(
            (&*reply.field1, reply.field2) == ANSWER,
            "a wrong reply to Say"
        );
        Ok(())
    }

    async fn mul(&self, a: i32, b: i32) -> Result<i32> {
        Ok(self.0.mul(a, b).await?)
    }

    async fn blob(&self, template: &'static Template) -> Result<()> {
        let reply = self.0.blob(template.blob.clone()).await?;
        ensure!(
            reply.len() == BLOB,
            "{} bytes in the reply to Blob",
            reply.len()
        );
        Ok(())
    }
}
