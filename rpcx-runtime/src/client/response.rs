//! A reply that arrived.

use bytes::Bytes;

use crate::error::Error;
use crate::protocol::{Codec, Compression, Frame, Metadata, inflate};

/// The reply to one call: a payload and what came with it.
#[derive(Debug)]
pub struct Response {
    /// None for a one-way call.
    frame: Option<Frame>,
    inflated: Option<Bytes>,
}

impl Response {
    /// Reads a reply frame. A reply that reports an error is that error.
    pub(super) fn read(frame: Frame, inflate_limit: usize) -> Result<Self, Error> {
        match frame.header.status() {
            0 => {}
            1 => return Err(frame.metadata().error()),
            other => {
                return Err(Error::unknown(format!(
                    "the reply has the unknown status {other}"
                )));
            }
        }
        let inflated = match frame.header.compress() {
            Compression::NONE => None,
            kind => Some(
                inflate(kind, frame.payload(), inflate_limit).map_err(|error| {
                    Error::unknown(format!("the reply cannot be read: {error}")).with_source(error)
                })?,
            ),
        };
        Ok(Self {
            frame: Some(frame),
            inflated: inflated.map(Bytes::from),
        })
    }

    /// What a one-way call ends with: nothing came, and nothing was to come.
    pub(super) fn of_oneway() -> Self {
        Self {
            frame: None,
            inflated: None,
        }
    }

    /// How the payload is encoded: the server's choice, not the caller's.
    pub fn codec(&self) -> Codec {
        self.frame
            .as_ref()
            .map_or(Codec::RAW, |frame| frame.header.codec())
    }

    /// The encoded reply, inflated where the server had compressed it.
    pub fn payload(&self) -> &[u8] {
        match (&self.inflated, &self.frame) {
            (Some(inflated), _) => inflated,
            (None, Some(frame)) => frame.payload(),
            (None, None) => &[],
        }
    }

    /// What came with the reply.
    pub fn metadata(&self) -> Metadata {
        self.frame.as_ref().map(Frame::metadata).unwrap_or_default()
    }
}
