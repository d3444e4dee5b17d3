//! A reply that is looked at before it is sent.

use crate::codec::{EncodeError, Formats};
use crate::error::Error;
use crate::layer::{Answer, Payload, Response};
use crate::protocol::{Codec, Compression, Metadata};
use crate::service::{Encode, Encoded, ReplySink};

/// Takes the answer of a handler that has layers around it.
#[derive(Debug)]
pub(super) struct Capture {
    codec: Codec,
    formats: Formats,
    response: Option<Response>,
    /// The memory of a reply before this one.
    buffer: Vec<u8>,
}

impl Capture {
    pub(super) fn new(formats: &Formats) -> Self {
        Self {
            codec: Codec::RAW,
            formats: formats.clone(),
            response: None,
            buffer: Vec::new(),
        }
    }

    /// Prepares for an answer in this codec.
    pub(super) fn begin(&mut self, codec: Codec) {
        (self.codec, self.response) = (codec, None);
    }

    pub(super) fn take(&mut self) -> Option<Response> {
        self.response.take()
    }

    /// Takes memory back for the next reply.
    pub(super) fn recycle(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.buffer = buffer;
    }

    fn answer(&mut self, metadata: &Metadata, encoded: (Codec, Compression), payload: Vec<u8>) {
        let (codec, compression) = encoded;
        let answer = Answer {
            codec,
            compression,
            payload: Payload::Made(payload),
        };
        self.response = Some(Response::new(Ok(answer), metadata.clone()));
    }
}

impl ReplySink for Capture {
    /// A layer sees how a one-way call ends too.
    fn is_oneway(&self) -> bool {
        false
    }

    fn success(&mut self, metadata: &Metadata, encode: &Encode<'_>) -> Result<(), Error> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        encode(self.formats.coding(self.codec), &mut buffer).map_err(unencodable)?;
        self.answer(metadata, (self.codec, Compression::NONE), buffer);
        Ok(())
    }

    fn encoded(&mut self, metadata: &Metadata, payload: &Encoded<'_>) -> Result<(), Error> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.extend_from_slice(payload.payload);
        self.answer(metadata, (payload.codec, payload.compression), buffer);
        Ok(())
    }

    fn failure(&mut self, metadata: &Metadata, error: Error) {
        self.response = Some(Response::new(Err(error), metadata.clone()));
    }
}

/// What a caller is told of a reply that cannot be encoded.
#[cold]
pub(crate) fn unencodable(error: EncodeError) -> Error {
    Error::service(format!("the reply cannot be encoded: {error}"))
}
