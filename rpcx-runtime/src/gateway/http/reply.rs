//! The answer to a call, on its way to a response.

use std::borrow::Borrow;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;

use super::activity::Sending;
use crate::codec::Formats;
use crate::dispatch::{ConnectionCalls, LateCall, LateSink, Sink, unencodable};
use crate::error::Error;
use crate::protocol::{Codec, Compression, Metadata};
use crate::service::{Encode, Encoded, ReplySink};

/// What a call ended with.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) metadata: Metadata,
    pub(super) result: Result<Payload, Error>,
}

/// An encoded reply.
#[derive(Debug)]
pub(super) struct Payload {
    pub(super) codec: Codec,
    pub(super) compression: Compression,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    pub(super) fn failed(error: Error) -> Self {
        Self {
            metadata: Metadata::new(),
            result: Err(error),
        }
    }
}

/// Which codecs an answer may be in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// That of the request.
    pub(super) request: Codec,
    /// The one that the client would rather have.
    pub(super) answer: Codec,
}

/// Room for a short answer, in bytes.
const SHORT: usize = 128;

/// Takes the answer of a handler.
struct Taken<F> {
    formats: F,
    wanted: Wanted,
    answer: Option<Answer>,
}

impl<F: Borrow<Formats>> Taken<F> {
    fn succeeded(&mut self, metadata: &Metadata, payload: Payload) {
        self.answer = Some(Answer {
            metadata: metadata.clone(),
            result: Ok(payload),
        });
    }

    fn encode(&self, codec: Codec, encode: &Encode<'_>) -> Result<Payload, Error> {
        let mut bytes = Vec::with_capacity(SHORT);
        encode(self.formats.borrow().coding(codec), &mut bytes).map_err(unencodable)?;
        Ok(Payload {
            codec,
            compression: Compression::NONE,
            bytes,
        })
    }
}

/// A client of HTTP waits for its response, so it learns how a one-way call has ended, too.
impl<F: Borrow<Formats>> ReplySink for Taken<F> {
    fn is_oneway(&self) -> bool {
        false
    }

    fn success(&mut self, metadata: &Metadata, encode: &Encode<'_>) -> Result<(), Error> {
        let Wanted { request, answer } = self.wanted;
        let payload = match self.encode(answer, encode) {
            Err(_) if answer != request => self.encode(request, encode)?,
            other => other?,
        };
        self.succeeded(metadata, payload);
        Ok(())
    }

    fn encoded(&mut self, metadata: &Metadata, payload: &Encoded<'_>) -> Result<(), Error> {
        let payload = Payload {
            codec: payload.codec,
            compression: payload.compression,
            bytes: payload.payload.to_vec(),
        };
        self.succeeded(metadata, payload);
        Ok(())
    }

    fn failure(&mut self, metadata: &Metadata, error: Error) {
        self.answer = Some(Answer {
            metadata: metadata.clone(),
            result: Err(error),
        });
    }
}

/// The sink of a request that is being dispatched.
pub(super) struct HttpSink<'f> {
    taken: Taken<&'f Formats>,
    late: Option<oneshot::Receiver<Answer>>,
}

impl<'f> HttpSink<'f> {
    pub(super) fn new(formats: &'f Formats, wanted: Wanted) -> Self {
        let taken = Taken {
            formats,
            wanted,
            answer: None,
        };
        Self { taken, late: None }
    }

    /// What was answered, once it is. It is there once.
    pub(super) async fn answer(&mut self) -> Answer {
        let answer = match &mut self.late {
            Some(late) => late.await.ok(),
            None => self.taken.answer.take(),
        };
        let none = "the call ended without an answer";
        answer.unwrap_or_else(|| Answer::failed(Error::unknown(none)))
    }
}

impl ReplySink for HttpSink<'_> {
    fn is_oneway(&self) -> bool {
        false
    }

    fn success(&mut self, metadata: &Metadata, encode: &Encode<'_>) -> Result<(), Error> {
        self.taken.success(metadata, encode)
    }

    fn encoded(&mut self, metadata: &Metadata, payload: &Encoded<'_>) -> Result<(), Error> {
        self.taken.encoded(metadata, payload)
    }

    fn failure(&mut self, metadata: &Metadata, error: Error) {
        self.taken.failure(metadata, error);
    }
}

impl Sink for HttpSink<'_> {
    fn start(&mut self, call: LateCall) {
        let (sender, receiver) = oneshot::channel();
        self.late = Some(receiver);
        call.start(Late {
            taken: Taken {
                formats: self.taken.formats.clone(),
                wanted: self.taken.wanted,
                answer: None,
            },
            sender: Some(sender),
        });
    }
}

/// The sink of a call whose handler has to wait.
struct Late {
    taken: Taken<Formats>,
    sender: Option<oneshot::Sender<Answer>>,
}

impl ReplySink for Late {
    fn is_oneway(&self) -> bool {
        false
    }

    fn success(&mut self, metadata: &Metadata, encode: &Encode<'_>) -> Result<(), Error> {
        self.taken.success(metadata, encode)
    }

    fn encoded(&mut self, metadata: &Metadata, payload: &Encoded<'_>) -> Result<(), Error> {
        self.taken.encoded(metadata, payload)
    }

    fn failure(&mut self, metadata: &Metadata, error: Error) {
        self.taken.failure(metadata, error);
    }
}

impl LateSink for Late {
    fn send(&mut self, _: &ConnectionCalls) {
        if let (Some(sender), Some(answer)) = (self.sender.take(), self.taken.answer.take()) {
            // A client that has gone wants no answer.
            let _ = sender.send(answer);
        }
    }
}

/// The body of a response: a whole one.
#[derive(Debug)]
pub struct ResponseBody {
    bytes: Bytes,
    /// The connection is not idle before it is sent.
    sending: Option<Sending>,
}

impl ResponseBody {
    pub(super) fn new(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            sending: None,
        }
    }

    pub(super) fn empty() -> Self {
        Self::new(Bytes::new())
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(super) fn set_sending(&mut self, sending: Option<Sending>) {
        self.sending = sending;
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
