//! Frames as small as they can be.

use crate::connection::Queue;
use crate::protocol::{
    Codec, Decoded, Decoder, Frame, FrameEncoder, FrameLimits, Header, Metadata,
};

pub(crate) fn request(seq: u64) -> Vec<u8> {
    encoded(Header::request(seq, Codec::RAW))
}

pub(crate) fn reply(seq: u64) -> Frame {
    let bytes = encoded(Header::request(seq, Codec::RAW).reply());
    decoded(&bytes).remove(0)
}

pub(crate) fn append(seq: u64) -> impl FnOnce(&mut Queue) {
    move |out| out.tail().extend(request(seq))
}

/// The sequence numbers of the frames in these bytes, which end with a frame.
pub(crate) fn seqs(bytes: &[u8]) -> Vec<u64> {
    let frames = decoded(bytes);
    frames.iter().map(|frame| frame.header.seq).collect()
}

fn encoded(header: Header) -> Vec<u8> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, header);
    frame.names(b"A", b"B");
    frame.metadata(&Metadata::new());
    frame.payload(b"payload");
    frame.finish().expect("it is short");
    out
}

fn decoded(bytes: &[u8]) -> Vec<Frame> {
    let mut decoder = Decoder::new(FrameLimits::CLIENT);
    let (mut bytes, mut frames) = (bytes.into(), Vec::new());
    loop {
        match decoder.decode(&mut bytes) {
            Ok(Decoded::Frame(frame)) => frames.push(frame),
            Ok(Decoded::Incomplete) => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(bytes.is_empty(), "a frame was cut");
    frames
}
