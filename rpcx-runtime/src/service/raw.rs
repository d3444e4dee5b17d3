//! Payloads that are passed on as they are.

use bytes::Bytes;

use crate::protocol::{Codec, Compression};

/// An encoded payload, perhaps compressed: what a raw handler takes and answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawPayload {
    /// How it is encoded.
    pub codec: Codec,
    /// How it is compressed.
    pub compression: Compression,
    /// The bytes.
    pub bytes: Bytes,
}

impl RawPayload {
    /// A payload that is not compressed.
    pub fn new(codec: Codec, bytes: impl Into<Bytes>) -> Self {
        Self {
            codec,
            compression: Compression::NONE,
            bytes: bytes.into(),
        }
    }

    /// The same, saying that the bytes are compressed like this.
    #[must_use]
    pub fn compressed(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }
}

/// A call that a raw handler is to answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RawRequest {
    /// The service path that was called.
    pub service: String,
    /// The method that was called.
    pub method: String,
    /// No reply is awaited.
    pub oneway: bool,
    /// The arguments, as they came.
    pub payload: RawPayload,
}
