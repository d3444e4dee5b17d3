//! The answer to one call.

use std::fmt;

use bytes::Bytes;

use crate::codec::EncodeError;
use crate::context::Context;
use crate::error::Error;
use crate::protocol::{
    COMPRESS_THRESHOLD, Codec, Compression, Frame, FrameEncoder, Header, Metadata, compress,
};

/// What an answer repeats of its request.
#[derive(Clone, Debug)]
pub(crate) struct ReplyHead {
    header: Header,
    names: Bytes,
}

impl ReplyHead {
    #[inline]
    pub(crate) fn of(frame: &Frame) -> Self {
        Self {
            header: frame.header,
            names: frame.names(),
        }
    }

    /// For a frame of which only the header was read.
    pub(crate) fn nameless(header: Header) -> Self {
        Self {
            header,
            names: Bytes::from_static(&[0; 8]),
        }
    }

    pub(crate) fn is_oneway(&self) -> bool {
        self.header.is_oneway()
    }
}

/// Appends a payload in a codec.
type Encode<'a> = dyn Fn(Codec, &mut Vec<u8>) -> Result<(), EncodeError> + 'a;

/// The answer to one call, written straight into the connection's out-buffer.
///
/// A one-way call has no answer: both methods then do nothing.
pub struct Reply<'a> {
    out: &'a mut Vec<u8>,
    /// Where this reply begins in `out`.
    start: usize,
    head: &'a ReplyHead,
    context: Option<&'a Context>,
}

impl<'a> Reply<'a> {
    pub(crate) fn new(
        out: &'a mut Vec<u8>,
        head: &'a ReplyHead,
        context: Option<&'a Context>,
    ) -> Self {
        Self {
            start: out.len(),
            out,
            head,
            context,
        }
    }

    /// Answers with a payload that `encode` appends to the buffer, in the codec of the request.
    /// What cannot be encoded is answered with the error's text.
    pub fn payload(&mut self, encode: impl Fn(Codec, &mut Vec<u8>) -> Result<(), EncodeError>) {
        self.encoded(&encode);
    }

    fn encoded(&mut self, encode: &Encode<'_>) {
        if self.head.is_oneway() {
            return;
        }
        let header = self.head.header.reply();
        let (codec, compress) = (header.codec(), self.head.header.compress());
        let mut frame = self.begin(header, &self.metadata());
        match frame.payload_with(|out| encode(codec, out)) {
            Ok(at) => {
                compress_reply(&mut frame, at, compress, header);
                if let Err(error) = frame.finish() {
                    self.error(Error::service(error.to_string()));
                }
            }
            Err(error) => {
                frame.abandon();
                self.error(Error::service(format!(
                    "the reply cannot be encoded: {error}"
                )));
            }
        }
    }

    /// Answers with an error.
    pub fn error(&mut self, error: Error) {
        if self.head.is_oneway() {
            return;
        }
        let mut metadata = self.metadata();
        metadata.set_error(&error);
        let mut frame = self.begin(self.head.header.reply().error(), &metadata);
        frame.payload(b"");
        if frame.finish().is_err() {
            // Only metadata that the handler set can be that long: the text alone is short.
            let mut metadata = Metadata::new();
            metadata.set_error(&error);
            let mut frame = self.begin(self.head.header.reply().error(), &metadata);
            frame.payload(b"");
            let _ = frame.finish();
        }
    }

    /// Answers for a handler that panicked, in place of what it may have written: neither stack
    /// nor arguments are the peer's business.
    pub(super) fn panicked(&mut self) {
        self.out.truncate(self.start);
        self.error(Error::service("internal error"));
    }

    fn metadata(&self) -> Metadata {
        self.context
            .map(Context::response_metadata)
            .unwrap_or_default()
    }

    fn begin(&mut self, header: Header, metadata: &Metadata) -> FrameEncoder<'_> {
        let mut frame = FrameEncoder::new(self.out, header);
        frame.raw_names(&self.head.names);
        frame.metadata(metadata);
        frame
    }
}

/// A reply is compressed exactly when its request was and it is long enough, as in Go rpcx
/// (server_response.go).
fn compress_reply(frame: &mut FrameEncoder<'_>, at: usize, kind: Compression, header: Header) {
    let payload = frame.written_from(at);
    if kind == Compression::NONE || payload.len() <= COMPRESS_THRESHOLD {
        return;
    }
    // The request was inflated with this type, so it is one that can be compressed with.
    if let Ok(packed) = compress(kind, payload) {
        frame.replace_payload(at, &packed, header.compressed(kind));
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("head", self.head)
            .finish_non_exhaustive()
    }
}
