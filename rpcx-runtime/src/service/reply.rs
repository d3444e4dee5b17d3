//! The answer to one call, and where it goes.

use std::fmt;

use super::RawPayload;
use crate::codec::{Coding, EncodeError};
use crate::context::Context;
use crate::error::{Error, ErrorKind};
use crate::protocol::{Codec, Compression, Metadata};

/// Appends a payload in a codec.
pub(crate) type Encode<'a> = dyn Fn(Coding<'_>, &mut Vec<u8>) -> Result<(), EncodeError> + 'a;

/// Where the answer to one call goes: a frame, an HTTP response, a buffer, nowhere.
///
/// Each entrance has its own; what is answered is decided once, in [`Reply`]. Of several answers the
/// last one counts.
pub(crate) trait ReplySink {
    /// Whether no answer is wanted. The others are then not called.
    fn is_oneway(&self) -> bool;

    /// Takes a payload that `encode` appends in the codec of the request.
    ///
    /// # Errors
    /// What the caller is to be told in place of a value that cannot be encoded or is too long.
    fn success(&mut self, metadata: &Metadata, encode: &Encode<'_>) -> Result<(), Error>;

    /// Takes a payload that is encoded already, and perhaps compressed.
    ///
    /// # Errors
    /// As [`success`](Self::success).
    fn encoded(&mut self, metadata: &Metadata, payload: &Encoded<'_>) -> Result<(), Error>;

    /// Takes an error.
    fn failure(&mut self, metadata: &Metadata, error: Error);
}

/// A payload that is encoded already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encoded<'a> {
    pub(crate) codec: Codec,
    pub(crate) compression: Compression,
    pub(crate) payload: &'a [u8],
}

/// The answer to one call.
///
/// A one-way call has no answer: all methods then do nothing.
pub struct Reply<'a> {
    sink: &'a mut dyn ReplySink,
    beside: Beside<'a>,
}

/// What travels beside the answer.
enum Beside<'a> {
    Nothing,
    /// What the handler has set by then.
    Of(&'a Context),
    Metadata(Metadata),
}

impl<'a> Reply<'a> {
    #[inline]
    pub(crate) fn new(sink: &'a mut dyn ReplySink, context: Option<&'a Context>) -> Self {
        let beside = context.map_or(Beside::Nothing, Beside::Of);
        Self { sink, beside }
    }

    /// The same, with what the handler of this context has set by then.
    pub(crate) fn beside<'b>(&'b mut self, context: Option<&'b Context>) -> Reply<'b> {
        Reply::new(self.sink, context)
    }

    /// Answers with this metadata.
    pub(crate) fn set_metadata(&mut self, metadata: Metadata) {
        self.beside = Beside::Metadata(metadata);
    }

    /// Answers with a payload that `encode` appends to the buffer, in the codec of the request.
    /// A value that cannot be encoded is answered with the error's text.
    pub fn payload(
        &mut self,
        encode: impl Fn(Coding<'_>, &mut Vec<u8>) -> Result<(), EncodeError>,
    ) {
        self.success(&encode);
    }

    // Not generic: there once, and not once for each type.
    fn success(&mut self, encode: &Encode<'_>) {
        if self.sink.is_oneway() {
            return;
        }
        let sent = self.with_metadata(|sink, metadata| sink.success(metadata, encode));
        if let Err(error) = sent {
            self.error(error);
        }
    }

    /// Answers with a payload as it is to travel: encoded, and perhaps compressed.
    pub(crate) fn encoded(&mut self, payload: &Encoded<'_>) {
        if self.sink.is_oneway() {
            return;
        }
        let sent = self.with_metadata(|sink, metadata| sink.encoded(metadata, payload));
        if let Err(error) = sent {
            self.error(error);
        }
    }

    /// Answers with a payload that is encoded already, in whatever codec. If it is not compressed it is
    /// compressed as any reply: when the request was, and it is long enough.
    pub fn raw(&mut self, payload: &RawPayload) {
        self.encoded(&Encoded {
            codec: payload.codec,
            compression: payload.compression,
            payload: &payload.bytes,
        });
    }

    /// Answers with an error that the method returned.
    ///
    /// The method has run, so its caller learns of an [`ErrorKind::Service`], whatever kind the error
    /// had in here: one that it got from a call of its own says nothing about this call. Text, code and
    /// data are kept. An error made by [`Error::refuse`] stays the refusal that it is.
    pub fn error(&mut self, error: Error) {
        let answered = match error.is_refusal() {
            true => error,
            false => error.with_kind(ErrorKind::Service),
        };
        self.fail(answered);
    }

    /// Answers for a call that was not run.
    pub(crate) fn refuse(&mut self, error: Error) {
        // By that, layers around the method tell it from what the method returns.
        self.fail(match error.kind() {
            ErrorKind::Rejected(reason) => error.into_refusal(reason),
            _ => error,
        });
    }

    /// Answers for a handler that panicked, in place of what it may have answered: neither stack
    /// nor arguments are the peer's business.
    pub(crate) fn panicked(&mut self) {
        self.fail(Error::service("internal error"));
    }

    fn fail(&mut self, error: Error) {
        if !self.sink.is_oneway() {
            self.with_metadata(|sink, metadata| sink.failure(metadata, error));
        }
    }

    /// Answers with what travels beside it.
    #[inline]
    fn with_metadata<T>(&mut self, answer: impl FnOnce(&mut dyn ReplySink, &Metadata) -> T) -> T {
        match &self.beside {
            // Not one that is made and dropped for each reply.
            Beside::Nothing => answer(self.sink, &NOTHING),
            Beside::Of(context) => answer(self.sink, &context.response_metadata()),
            Beside::Metadata(metadata) => answer(self.sink, metadata),
        }
    }
}

static NOTHING: Metadata = Metadata::new();

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}
