//! A reply that arrived.

use std::sync::Arc;

use bytes::Bytes;

use crate::codec::{Coding, Formats};
use crate::error::Error;
use crate::layer::{self, Answer, Came, Link};
use crate::protocol::{Codec, Compression, Frame, Metadata};

/// The reply to one call: a payload and what came with it.
#[derive(Debug)]
pub struct Response {
    repr: Repr,
    /// How the payload may be encoded.
    formats: Formats,
}

#[derive(Debug)]
enum Repr {
    Frame {
        frame: Frame,
        inflated: Option<Bytes>,
    },
    /// What a layer has passed on.
    Answer(Answer, Metadata),
    /// Of a one-way call.
    Nothing,
}

/// Why there is no reply, and what came with that.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) metadata: Metadata,
}

/// What becomes of the payload of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It is inflated, up to this many bytes.
    Inflated(usize),
    /// It stays as it came.
    AsItCame,
}

impl Response {
    fn new(repr: Repr) -> Self {
        Self {
            repr,
            formats: Formats::default(),
        }
    }

    /// The same for a channel where more formats are registered than are compiled in.
    pub(super) fn with_formats(self, formats: Formats) -> Self {
        Self { formats, ..self }
    }

    pub(super) fn formats(&self) -> &Formats {
        &self.formats
    }

    /// Reads a reply frame. A reply that reports an error is that error.
    pub(super) fn read(frame: Frame, reading: Reading, formats: &Formats) -> Result<Self, Failure> {
        match frame.header.status() {
            0 => {}
            1 => {
                let metadata = frame.metadata();
                let error = metadata.error();
                return Err(Failure { error, metadata });
            }
            other => {
                let text = format!("the reply has the unknown status {other}");
                return Err(Error::unknown(text).into());
            }
        }
        let inflated = match (frame.header.compress(), reading) {
            (Compression::NONE, _) | (_, Reading::AsItCame) => None,
            (kind, Reading::Inflated(limit)) => {
                Some(inflate_reply(formats, kind, frame.payload(), limit)?)
            }
        };
        Ok(Self::new(Repr::Frame { frame, inflated }))
    }

    /// What a one-way call ends with: nothing came, and nothing was to come.
    pub(super) fn of_oneway() -> Self {
        Self::new(Repr::Nothing)
    }

    /// How the payload is encoded: the server's choice, not the caller's.
    pub fn codec(&self) -> Codec {
        match &self.repr {
            Repr::Frame { frame, .. } => frame.header.codec(),
            Repr::Answer(answer, _) => answer.codec,
            Repr::Nothing => Codec::RAW,
        }
    }

    /// The same, with the codec itself where it is registered and not compiled in.
    pub(crate) fn coding(&self) -> Coding<'_> {
        self.formats.coding(self.codec())
    }

    /// The encoded reply, inflated where the server had compressed it.
    pub fn payload(&self) -> &[u8] {
        match &self.repr {
            Repr::Frame {
                inflated: Some(inflated),
                ..
            } => inflated,
            Repr::Frame { frame, .. } => frame.payload(),
            Repr::Answer(answer, _) => answer.payload.as_slice(),
            Repr::Nothing => &[],
        }
    }

    /// The bytes of the payload that came over the network.
    #[inline]
    pub(super) fn length(&self) -> usize {
        match &self.repr {
            Repr::Frame { frame, .. } => frame.payload().len(),
            Repr::Answer(answer, _) => answer.payload.as_slice().len(),
            Repr::Nothing => 0,
        }
    }

    /// What came with the reply.
    pub fn metadata(&self) -> Metadata {
        match &self.repr {
            Repr::Frame { frame, .. } => frame.metadata(),
            Repr::Answer(_, metadata) => metadata.clone(),
            Repr::Nothing => Metadata::new(),
        }
    }

    /// How [`payload`](Self::payload) is compressed.
    pub(super) fn compression(&self) -> Compression {
        match &self.repr {
            Repr::Frame {
                frame,
                inflated: None,
            } => frame.header.compress(),
            Repr::Answer(answer, _) => answer.compression,
            Repr::Frame { .. } | Repr::Nothing => Compression::NONE,
        }
    }

    pub(super) fn into_payload(self) -> layer::Payload {
        match self.repr {
            Repr::Frame {
                inflated: Some(inflated),
                ..
            } => layer::Payload::Received(inflated),
            Repr::Frame { frame, .. } => layer::Payload::Received(frame.into_payload()),
            Repr::Answer(answer, _) => answer.payload,
            Repr::Nothing => layer::Payload::Received(Bytes::new()),
        }
    }
}

pub(super) fn inflate_reply(
    formats: &Formats,
    kind: Compression,
    payload: &[u8],
    limit: usize,
) -> Result<Bytes, Error> {
    match formats.inflate(kind, payload, limit) {
        Ok(inflated) => Ok(inflated.into()),
        Err(error) => {
            let text = format!("the reply cannot be read: {error}");
            Err(Error::unknown(text).with_source(error))
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            metadata: Metadata::new(),
        }
    }
}

/// What the layers around a call see of its end.
pub(super) fn to_layers(outcome: Result<Response, Failure>, came: &mut Came) {
    match outcome {
        Ok(response) => {
            came.metadata = response.metadata();
            came.result = Ok(Answer {
                codec: response.codec(),
                compression: response.compression(),
                payload: response.into_payload(),
            });
        }
        Err(Failure { error, metadata }) => {
            came.metadata = metadata;
            came.result = Err(error);
        }
    }
}

/// What the caller sees of what the outermost layer has passed on.
pub(super) fn from_layers(
    mut response: layer::Response,
    outermost: Option<Arc<Link>>,
) -> Result<Response, Failure> {
    let came = &mut *response.came;
    let metadata = std::mem::take(&mut came.metadata);
    let outcome = match came.take() {
        Ok(answer) => Ok(Response::new(Repr::Answer(answer, metadata))),
        Err(error) => Err(Failure { error, metadata }),
    };
    if let Some(mut parts) = response.into_parts()
        && let Some(behind) = parts.behind.take()
    {
        parts.outermost = outermost;
        behind.keep(parts);
    }
    outcome
}
