//! What a handler is called with, before it is decoded.

use std::fmt;

use bytes::Bytes;

use super::RawPayload;
use crate::codec::{Coding, Formats};
use crate::protocol::{Codec, Compression, Metadata};

/// One request on its way to a handler: no frame, but what any entrance makes of its own messages.
pub struct Request {
    codec: Codec,
    formats: Formats,
    compression: Compression,
    metadata: Metadata,
    payload: Bytes,
}

impl Request {
    /// A request with an encoded payload.
    pub(crate) fn new(codec: Codec, metadata: Metadata, payload: Bytes) -> Self {
        Self {
            codec,
            formats: Formats::default(),
            compression: Compression::NONE,
            metadata,
            payload,
        }
    }

    /// The same for a server or channel where more formats are registered than are compiled in.
    pub(crate) fn with_formats(mut self, formats: &Formats) -> Self {
        self.formats = formats.clone();
        self
    }

    /// The same with a payload that is still compressed, for a method that takes it
    /// [raw](super::MethodOptions::raw).
    pub(crate) fn compressed(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// How the payload is encoded.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The same, with the codec itself where it is registered and not compiled in.
    pub fn coding(&self) -> Coding<'_> {
        self.formats.coding(self.codec)
    }

    /// How the payload is compressed: only ever, for methods that take it
    /// [raw](super::MethodOptions::raw).
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// The encoded arguments.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, to be kept or passed on.
    pub fn into_raw(self) -> RawPayload {
        RawPayload::new(self.codec, self.payload).compressed(self.compression)
    }

    /// What came with the request.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("codec", &self.codec)
            .field("payload_bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}
