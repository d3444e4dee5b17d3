//! rpcx without a codec: the payloads of the two floors, as bytes of a service.

use anyhow::{Result, bail};
use bytes::Bytes;

use super::wire::{BLOB_ECHO, Caller, MUL, SAY, product};

/// What a floor offers, by the names of its methods.
#[rpcx::service(codec = "raw")]
#[allow(missing_docs)]
pub(super) trait Raw {
    async fn say(&self, data: &[u8]) -> rpcx::Result<Bytes>;
    async fn mul(&self, data: &[u8]) -> rpcx::Result<Bytes>;
    async fn blob(&self, data: &[u8]) -> rpcx::Result<Bytes>;
}

/// The server's side of [`Raw`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Echo;

impl Raw for Echo {
    async fn say(&self, data: &[u8]) -> rpcx::Result<Bytes> {
        Ok(Bytes::copy_from_slice(data))
    }

    async fn mul(&self, data: &[u8]) -> rpcx::Result<Bytes> {
        product(data).ok_or_else(|| rpcx::Error::service("two numbers are needed"))
    }

    async fn blob(&self, data: &[u8]) -> rpcx::Result<Bytes> {
        Ok(Bytes::copy_from_slice(data))
    }
}

impl Caller for RawClient {
    async fn call(&self, method: u8, payload: Bytes) -> Result<Bytes> {
        Ok(match method {
            SAY => self.say(&payload).await?,
            MUL => self.mul(&payload).await?,
            BLOB_ECHO => self.blob(&payload).await?,
            _ => bail!("there is no method {method}"),
        })
    }
}
