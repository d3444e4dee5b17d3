//! A reply that arrived.

use bytes::Bytes;

use crate::error::Error;
use crate::protocol::{CompressType, Frame, Metadata, SerializeType, inflate};

/// The reply to one call: a payload and what came with it.
#[derive(Debug)]
pub struct Response {
    codec: SerializeType,
    payload: Bytes,
    frame: Option<Frame>,
}

impl Response {
    /// Reads a reply frame. A reply that reports an error is that error.
    pub(super) fn read(frame: Frame, inflate_limit: usize) -> Result<Self, Error> {
        match frame.header.status() {
            0 => {}
            1 => return Err(frame.metadata().error()),
            other => return Err(Error::unknown(format!("the reply has the unknown status {other}"))),
        }
        let payload = match frame.header.compress() {
            CompressType::NONE => frame.payload_bytes(),
            kind => inflate(kind, frame.payload(), inflate_limit).map(Bytes::from).map_err(|e| {
                Error::unknown(format!("the reply cannot be read: {e}")).with_source(e)
            })?,
        };
        Ok(Self { codec: frame.header.codec(), payload, frame: Some(frame) })
    }

    /// What a one-way call ends with: nothing came, and nothing was to come.
    pub(super) fn of_oneway() -> Self {
        Self { codec: SerializeType::MSGPACK, payload: Bytes::from_static(&[0xc0]), frame: None }
    }

    /// How the payload is encoded: the server's choice, not the caller's.
    pub fn codec(&self) -> SerializeType {
        self.codec
    }

    /// The encoded reply, inflated where the server had compressed it.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// What came with the reply.
    pub fn metadata(&self) -> Metadata {
        self.frame.as_ref().map(Frame::metadata).unwrap_or_default()
    }
}
