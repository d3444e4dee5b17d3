//! A server that ends asks its clients to go elsewhere.
//!
//! The message is a one-way request from the server's side, as everything is that a server sends
//! without having been asked. Only clients that have announced it with their first calls get it, so
//! other peers never see it.

use crate::protocol::{Codec, Frame, FrameEncoder, Header, Metadata};

const PATH: &[u8] = b"__rpcx";
const METHOD: &[u8] = b"GoAway";

/// Appends the message.
pub(crate) fn append(seq: u64, out: &mut Vec<u8>) {
    let header = Header::request(seq, Codec::RAW).oneway();
    let mut frame = FrameEncoder::new(out, header);
    frame.names(PATH, METHOD);
    frame.metadata(&Metadata::new());
    frame.payload(b"");
    // Fifty bytes fit.
    let _ = frame.finish();
}

/// Whether a one-way request from the server is that message.
pub(crate) fn is(frame: &Frame) -> bool {
    frame.path() == PATH && frame.method() == METHOD
}
