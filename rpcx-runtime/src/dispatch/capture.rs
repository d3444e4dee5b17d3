//! A reply that is looked at before it is sent.

use crate::codec::{Coding, EncodeError};
use crate::error::Error;
use crate::layer::{Answer, Came, Payload};
use crate::protocol::{Codec, Compression, Metadata};
use crate::service::{Encode, Encoded, ReplySink};

/// A reply of more bytes leaves no memory to the next one.
const KEEP: usize = 64 << 10;

/// Takes the answer of a handler that has layers around it.
pub(super) struct Capture<'a> {
    coding: Coding<'a>,
    came: &'a mut Came,
    answered: bool,
}

impl<'a> Capture<'a> {
    /// For an answer in this codec.
    pub(super) fn new(coding: Coding<'a>, came: &'a mut Came) -> Self {
        Self {
            coding,
            came,
            answered: false,
        }
    }

    /// Whether anything was answered.
    pub(super) fn is_answered(&self) -> bool {
        self.answered
    }

    /// Answers with a payload that `write` appends: as a rule to the memory of the reply before this one.
    #[inline]
    fn answer(
        &mut self,
        metadata: &Metadata,
        (codec, compression): (Codec, Compression),
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match &mut self.came.result {
            Ok(Answer {
                codec: coded,
                compression: packed,
                payload: Payload::Made(buffer),
            }) if buffer.capacity() <= KEEP => {
                buffer.clear();
                write(buffer)?;
                (*coded, *packed) = (codec, compression);
            }
            result => {
                let mut buffer = Vec::new();
                write(&mut buffer)?;
                *result = Ok(Answer {
                    codec,
                    compression,
                    payload: Payload::Made(buffer),
                });
            }
        }
        self.came.beside(metadata);
        self.answered = true;
        Ok(())
    }
}

impl ReplySink for Capture<'_> {
    /// A layer sees how a one-way call ends too.
    fn is_oneway(&self) -> bool {
        false
    }

    fn success(&mut self, metadata: &Metadata, encode: &Encode<'_>) -> Result<(), Error> {
        let coding = self.coding;
        self.answer(metadata, (coding.codec(), Compression::NONE), |buffer| {
            encode(coding, buffer).map_err(unencodable)
        })
    }

    fn encoded(&mut self, metadata: &Metadata, payload: &Encoded<'_>) -> Result<(), Error> {
        self.answer(metadata, (payload.codec, payload.compression), |buffer| {
            buffer.extend_from_slice(payload.payload);
            Ok(())
        })
    }

    fn failure(&mut self, metadata: &Metadata, error: Error) {
        self.came.result = Err(error);
        self.came.beside(metadata);
        self.answered = true;
    }
}

/// What a caller is told of a reply that cannot be encoded.
#[cold]
pub(crate) fn unencodable(error: EncodeError) -> Error {
    Error::service(format!("the reply cannot be encoded: {error}"))
}
