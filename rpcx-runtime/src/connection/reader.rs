//! The receive buffer: small while little comes, larger while much does.

use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};

/// What a quiet connection holds. With 10,000 of them it is what the process weighs.
const SMALL: usize = 4 << 10;

/// What one read asks for at most, and so how far ahead of the bytes that arrived a buffer grows.
const LARGE: usize = 64 << 10;

/// Bytes that were received and not yet decoded.
#[derive(Debug)]
pub(crate) struct ReadBuffer {
    pub(crate) bytes: BytesMut,
    step: usize,
}

impl ReadBuffer {
    pub(crate) fn new() -> Self {
        Self {
            bytes: BytesMut::new(),
            step: SMALL,
        }
    }

    /// Reads what is there. Zero bytes mean the end of the stream.
    pub(crate) async fn fill(
        &mut self,
        reader: &mut (dyn AsyncRead + Send + Unpin),
    ) -> io::Result<usize> {
        self.bytes.reserve(self.step);
        let room = self.bytes.capacity() - self.bytes.len();
        let read = reader.read_buf(&mut self.bytes).await?;
        // A read that filled its room had more behind it; one that used little needs less.
        if read == room {
            self.step = (self.step * 4).min(LARGE);
        } else if read < self.step / 8 && self.step > SMALL {
            self.step /= 2;
        }
        Ok(read)
    }
}
