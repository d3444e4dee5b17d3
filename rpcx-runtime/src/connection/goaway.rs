//! A server that ends, or ends a connection, asks its clients to go elsewhere, and says why.
//!
//! The message is a one-way request from the server's side, as everything is that a server sends
//! without having been asked. Only clients that have announced it with their first calls get it, so
//! other peers never see it.

use std::borrow::Cow;

use crate::protocol::{Codec, Frame, FrameEncoder, Header, Metadata};

const PATH: &[u8] = b"__rpcx";
const METHOD: &[u8] = b"GoAway";

/// What is repeated of a reason, in bytes.
const REASON: usize = 1 << 10;

/// Appends the message.
pub(crate) fn append(seq: u64, reason: &str, out: &mut Vec<u8>) {
    let header = Header::request(seq, Codec::RAW).oneway();
    let mut frame = FrameEncoder::new(out, header);
    frame.names(PATH, METHOD);
    frame.metadata(&Metadata::new());
    frame.payload(reason.as_bytes());
    // A hundred bytes fit.
    let _ = frame.finish();
}

/// Why the server asks. Nothing if it does not say.
pub(crate) fn reason(frame: &Frame) -> Cow<'_, str> {
    let said = frame.payload();
    String::from_utf8_lossy(&said[..said.len().min(REASON)])
}

/// Whether a one-way request from the server is that message.
pub(crate) fn is(frame: &Frame) -> bool {
    frame.path() == PATH && frame.method() == METHOD
}
