//! rpcx: msgpack, the generated client and server, nothing tuned.

use anyhow::{Result, ensure};
use bytes::Bytes;

use super::Client;
use crate::filled;
use crate::message::{ANSWER, BLOB, FETCHED, LARGE, Template};

/// The message of [`crate::message`], as a user of rpcx writes it.
#[rpcx::message]
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct BenchmarkMessage {
    pub field1: String,
    pub field9: Option<String>,
    pub field18: Option<String>,
    pub field80: Option<bool>,
    pub field81: Option<bool>,
    pub field2: i32,
    pub field3: i32,
    pub field280: Option<i32>,
    pub field6: Option<i32>,
    pub field22: Option<i64>,
    pub field4: Option<String>,
    pub field5: Vec<u64>,
    pub field59: Option<bool>,
    pub field7: Option<String>,
    pub field16: Option<i32>,
    pub field130: Option<i32>,
    pub field12: Option<bool>,
    pub field17: Option<bool>,
    pub field13: Option<bool>,
    pub field14: Option<bool>,
    pub field104: Option<i32>,
    pub field100: Option<i32>,
    pub field101: Option<i32>,
    pub field102: Option<String>,
    pub field103: Option<String>,
    pub field29: Option<i32>,
    pub field30: Option<bool>,
    pub field60: Option<i32>,
    pub field271: Option<i32>,
    pub field272: Option<i32>,
    pub field150: Option<i32>,
    pub field23: Option<i32>,
    pub field24: Option<bool>,
    pub field25: Option<i32>,
    pub field78: Option<bool>,
    pub field67: Option<i32>,
    pub field68: Option<i32>,
    pub field128: Option<i32>,
    pub field129: Option<String>,
    pub field131: Option<i32>,
}

/// The arguments of `Mul`.
#[rpcx::message]
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct MulArgs {
    pub a: i32,
    pub b: i32,
}

/// The reply of `Mul`.
#[rpcx::message]
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct MulReply {
    pub c: i32,
}

/// The calls of the comparison.
#[rpcx::service]
#[allow(missing_docs)]
pub trait Bench {
    async fn say(&self, message: BenchmarkMessage) -> rpcx::Result<BenchmarkMessage>;
    async fn mul(&self, args: MulArgs) -> rpcx::Result<MulReply>;
    async fn blob(&self, data: &[u8]) -> rpcx::Result<Vec<u8>>;
    async fn fetch(&self, number: i32) -> rpcx::Result<Bytes>;
}

/// The server's side of [`Bench`].
#[derive(Clone, Copy, Debug)]
pub struct Bencher;

impl Bench for Bencher {
    async fn say(&self, mut message: BenchmarkMessage) -> rpcx::Result<BenchmarkMessage> {
        ANSWER.0.clone_into(&mut message.field1);
        message.field2 = ANSWER.1;
        Ok(message)
    }

    async fn mul(&self, args: MulArgs) -> rpcx::Result<MulReply> {
        Ok(MulReply {
            c: args.a.wrapping_mul(args.b),
        })
    }

    async fn blob(&self, data: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(data.to_vec())
    }

    async fn fetch(&self, _: i32) -> rpcx::Result<Bytes> {
        Ok(LARGE.clone())
    }
}

impl BenchmarkMessage {
    /// As the published benchmark fills it.
    pub fn filled() -> Self {
        filled!(BenchmarkMessage)
    }
}

#[derive(Clone)]
pub(super) struct Connection {
    client: BenchClient,
    message: &'static BenchmarkMessage,
}

impl Connection {
    /// Over any channel.
    pub(super) fn new(channel: rpcx::Channel) -> Self {
        let message: &'static BenchmarkMessage = Box::leak(Box::new(BenchmarkMessage::filled()));
        Self {
            client: BenchClient::new(channel),
            message,
        }
    }
}

impl Client for Connection {
    async fn say(&self, _: &'static Template) -> Result<()> {
        let reply = self.client.say(self.message.clone()).await?;
        ensure!(
            (reply.field1.as_str(), reply.field2) == ANSWER,
            "a wrong reply to Say"
        );
        Ok(())
    }

    async fn mul(&self, a: i32, b: i32) -> Result<i32> {
        Ok(self.client.mul(MulArgs { a, b }).await?.c)
    }

    async fn blob(&self, template: &'static Template) -> Result<()> {
        let reply = self.client.blob(&template.blob).await?;
        ensure!(
            reply.len() == BLOB,
            "{} bytes in the reply to Blob",
            reply.len()
        );
        Ok(())
    }

    async fn fetch(&self) -> Result<()> {
        let reply = self.client.fetch(0).await?;
        ensure!(
            reply.len() == FETCHED,
            "{} bytes in the reply to Fetch",
            reply.len()
        );
        Ok(())
    }
}
