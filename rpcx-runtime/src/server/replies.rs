//! Replies as frames: into the buffer of one read, or later into the outbox.

use std::sync::Arc;

use bytes::Bytes;

use super::Shared;
use crate::codec::Formats;
use crate::connection::{Outbox, Write};
use crate::dispatch::{ConnectionCalls, LateCall, LateSink, Sink, unencodable};
use crate::error::Error;
use crate::protocol::{COMPRESS_THRESHOLD, Compression, Frame, FrameEncoder, Header, Metadata};
use crate::service::{Encode, Encoded, ReplySink};

/// The names of a reply to a frame of which only the header was read.
const NAMELESS: [u8; 8] = [0; 8];

/// Smaller replies are sent in any case: what is told in place of one is not smaller.
const MUCH: usize = 1 << 10;

/// What a reply repeats of its request: the header, and the names as they stand in the body.
#[derive(Clone, Copy)]
struct Head<'a> {
    header: Header,
    names: &'a [u8],
    formats: &'a Formats,
}

/// The reply to a request that is being dispatched, among the other replies of the same read.
pub(super) struct FrameSink<'a> {
    replies: &'a mut Vec<u8>,
    /// Where this reply begins.
    start: usize,
    request: &'a Frame,
    formats: &'a Formats,
    outbox: &'a Arc<Outbox>,
}

impl<'a> FrameSink<'a> {
    #[inline]
    pub(super) fn new(
        replies: &'a mut Vec<u8>,
        request: &'a Frame,
        shared: &'a Shared,
        outbox: &'a Arc<Outbox>,
    ) -> Self {
        Self {
            start: replies.len(),
            replies,
            request,
            formats: &shared.dispatch.formats,
            outbox,
        }
    }

    /// Takes back what was answered so far: the last answer counts.
    fn parts(&mut self) -> (&mut Vec<u8>, Head<'a>) {
        self.replies.truncate(self.start);
        let head = Head {
            header: self.request.header,
            names: self.request.raw_names(),
            formats: self.formats,
        };
        (self.replies, head)
    }
}

impl ReplySink for FrameSink<'_> {
    fn is_oneway(&self) -> bool {
        self.request.header.is_oneway()
    }

    fn success(&mut self, metadata: &Metadata, encode: &Encode<'_>) -> Result<(), Error> {
        let (out, head) = self.parts();
        success(out, head, metadata, encode)
    }

    fn encoded(&mut self, metadata: &Metadata, payload: &Encoded<'_>) -> Result<(), Error> {
        let (out, head) = self.parts();
        encoded(out, head, metadata, payload)
    }

    fn failure(&mut self, metadata: &Metadata, error: Error) {
        let (out, head) = self.parts();
        failure(out, head.header, head.names, (metadata, &error));
    }
}

impl Sink for FrameSink<'_> {
    fn start(&mut self, call: LateCall) {
        call.start(LateFrame {
            header: self.request.header,
            names: self.request.names(),
            formats: self.formats.clone(),
            reply: Vec::new(),
            outbox: Arc::clone(self.outbox),
        });
    }
}

/// The reply of a call that is no longer a part of its read.
struct LateFrame {
    header: Header,
    names: Bytes,
    formats: Formats,
    reply: Vec<u8>,
    outbox: Arc<Outbox>,
}

impl LateFrame {
    fn parts(&mut self) -> (&mut Vec<u8>, Head<'_>) {
        self.reply.clear();
        let head = Head {
            header: self.header,
            names: &self.names,
            formats: &self.formats,
        };
        (&mut self.reply, head)
    }
}

impl LateFrame {
    /// The peer does not read, and its caller is told so when it does.
    #[cold]
    fn drop_reply(&mut self, calls: &ConnectionCalls) {
        calls.reached(|counters| &counters.dropped_replies);
        let text = format!(
            "the method has run, and its reply of {} bytes was dropped: {} bytes were not read by then",
            self.reply.len(),
            self.outbox.unsent(),
        );
        self.reply = Vec::new();
        self.failure(&Metadata::new(), Error::unknown(text));
    }
}

impl ReplySink for LateFrame {
    fn is_oneway(&self) -> bool {
        self.header.is_oneway()
    }

    fn success(&mut self, metadata: &Metadata, encode: &Encode<'_>) -> Result<(), Error> {
        let (out, head) = self.parts();
        success(out, head, metadata, encode)
    }

    fn encoded(&mut self, metadata: &Metadata, payload: &Encoded<'_>) -> Result<(), Error> {
        let (out, head) = self.parts();
        encoded(out, head, metadata, payload)
    }

    fn failure(&mut self, metadata: &Metadata, error: Error) {
        let (out, head) = self.parts();
        failure(out, head.header, head.names, (metadata, &error));
    }
}

impl LateSink for LateFrame {
    fn send(&mut self, calls: &ConnectionCalls) {
        let limit = calls.admission.limits.reply_bytes;
        if self.reply.len() > MUCH && self.outbox.unsent() > limit {
            self.drop_reply(calls);
        }
        // Alone, nothing is gained by waiting for others. A closed connection wants no reply.
        let write = Write::now_if(calls.in_flight() <= 1);
        let _ = self.outbox.push(write, |out| out.append(&mut self.reply));
    }
}

/// Refuses a frame of which only the header was read.
pub(super) fn refuse(out: &mut Vec<u8>, header: Header, error: &Error) {
    if !header.is_oneway() {
        failure(out, header, &NAMELESS, (&Metadata::new(), error));
    }
}

#[inline]
fn success(
    out: &mut Vec<u8>,
    head: Head<'_>,
    metadata: &Metadata,
    encode: &Encode<'_>,
) -> Result<(), Error> {
    let header = head.header.reply();
    let mut frame = begin(out, header, head.names, metadata);
    match frame.payload_with(|out| encode(head.formats.coding(header.codec()), out)) {
        Ok(at) => {
            compress_reply(&mut frame, at, head, header);
            finish(frame)
        }
        Err(error) => {
            frame.abandon();
            Err(unencodable(error))
        }
    }
}

fn encoded(
    out: &mut Vec<u8>,
    head: Head<'_>,
    metadata: &Metadata,
    payload: &Encoded<'_>,
) -> Result<(), Error> {
    let header = head.header.reply().with_codec(payload.codec);
    let mut frame = begin(
        out,
        header.compressed(payload.compression),
        head.names,
        metadata,
    );
    let put = |out: &mut Vec<u8>| {
        out.extend_from_slice(payload.payload);
        Ok::<_, Error>(())
    };
    let at = frame.payload_with(put)?;
    if payload.compression == Compression::NONE {
        compress_reply(&mut frame, at, head, header);
    }
    finish(frame)
}

fn failure(out: &mut Vec<u8>, request: Header, names: &[u8], told: (&Metadata, &Error)) {
    let (metadata, error) = told;
    let header = request.reply().error();
    let mut told = metadata.clone();
    told.set_error(error);
    let mut frame = begin(out, header, names, &told);
    frame.payload(b"");
    if frame.finish().is_err() {
        // Only metadata that the handler set can be that long: the text alone is short.
        let mut told = Metadata::new();
        told.set_error(error);
        let mut frame = begin(out, header, names, &told);
        frame.payload(b"");
        let _ = frame.finish();
    }
}

fn begin<'a>(
    out: &'a mut Vec<u8>,
    header: Header,
    names: &[u8],
    metadata: &Metadata,
) -> FrameEncoder<'a> {
    let mut frame = FrameEncoder::new(out, header);
    frame.raw_names(names);
    frame.metadata(metadata);
    frame
}

fn finish(frame: FrameEncoder<'_>) -> Result<(), Error> {
    frame
        .finish()
        .map_err(|error| Error::service(error.to_string()))
}

/// A reply is compressed exactly when its request was and it is long enough, as in Go rpcx
/// (server_response.go).
fn compress_reply(frame: &mut FrameEncoder<'_>, at: usize, request: Head<'_>, header: Header) {
    let kind = request.header.compress();
    let payload = frame.written_from(at);
    if kind == Compression::NONE || payload.len() <= COMPRESS_THRESHOLD {
        return;
    }
    // The request was inflated with this type, so it is one that can be compressed with.
    if let Ok(packed) = request.formats.compress(kind, payload) {
        frame.replace_payload(at, &packed, header.compressed(kind));
    }
}
