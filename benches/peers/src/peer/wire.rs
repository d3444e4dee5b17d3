//! The frames of the two floors: length, sequence number, method, payload. Nothing is encoded.

use std::io;

use anyhow::{Result, ensure};
use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::message::{BLOB, Template};

/// Length (4), sequence number (8), method (1).
const HEADER: usize = 13;
const MAX_FRAME: usize = 64 << 20;
/// Room in a read buffer, in bytes.
pub(super) const READ: usize = 64 << 10;

pub(super) const SAY: u8 = 1;
pub(super) const MUL: u8 = 2;
pub(super) const BLOB_ECHO: u8 = 3;

/// One message.
pub(super) struct Frame {
    pub(super) sequence: u64,
    pub(super) method: u8,
    pub(super) payload: Bytes,
}

impl Frame {
    /// Writes it behind what is in `out`.
    pub(super) fn put(&self, out: &mut BytesMut) {
        out.reserve(HEADER + self.payload.len());
        out.put_u32_le((HEADER - 4 + self.payload.len()) as u32);
        out.put_u64_le(self.sequence);
        out.put_u8(self.method);
        out.put_slice(&self.payload);
    }

    /// Takes one whole frame off the front, if there is one.
    pub(super) fn take(buffer: &mut BytesMut) -> io::Result<Option<Self>> {
        let Some(length) = buffer.first_chunk() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*length) as usize;
        if !(HEADER - 4..=MAX_FRAME).contains(&length) {
            return Err(io::Error::other("a frame of an impossible length"));
        }
        if buffer.len() < 4 + length {
            // a large one is read in one piece
            buffer.reserve(4 + length - buffer.len());
            return Ok(None);
        }
        let mut frame = buffer.split_to(4 + length);
        frame.advance(4);
        let (sequence, method) = (frame.get_u64_le(), frame.get_u8());
        Ok(Some(Self {
            sequence,
            method,
            payload: frame.freeze(),
        }))
    }

    /// The server's work: `Mul` multiplies, the others give back what they got.
    pub(super) fn answer(mut self) -> Self {
        if self.method == MUL
            && let Some(product) = product(&self.payload)
        {
            self.payload = product;
        }
        self
    }
}

/// The answer to `Mul`, if the payload is two numbers.
pub(super) fn product(mut payload: &[u8]) -> Option<Bytes> {
    let a = payload.try_get_i32_le().ok()?;
    let b = payload.try_get_i32_le().ok()?;
    Some(Bytes::copy_from_slice(&a.wrapping_mul(b).to_le_bytes()))
}

/// What a floor has to offer: one call of plain bytes.
pub(super) trait Caller: Clone + Send + Sync + 'static {
    /// Sends, and waits for the reply of the same number.
    fn call(&self, method: u8, payload: Bytes) -> impl Future<Output = Result<Bytes>> + Send;
}

impl<C: Caller> super::Client for C {
    async fn say(&self, template: &'static Template) -> Result<()> {
        let reply = self.call(SAY, template.encoded.clone()).await?;
        ensure!(
            reply.len() == template.encoded.len(),
            "{} bytes in a reply",
            reply.len()
        );
        Ok(())
    }

    async fn mul(&self, a: i32, b: i32) -> Result<i32> {
        let mut payload = BytesMut::with_capacity(8);
        payload.put_i32_le(a);
        payload.put_i32_le(b);
        let mut reply = self.call(MUL, payload.freeze()).await?;
        ensure!(reply.len() == 4, "{} bytes in a reply", reply.len());
        Ok(reply.get_i32_le())
    }

    async fn blob(&self, template: &'static Template) -> Result<()> {
        let reply = self.call(BLOB_ECHO, template.blob.clone()).await?;
        ensure!(reply.len() == BLOB, "{} bytes in a reply", reply.len());
        Ok(())
    }
}
