//! Frames to bytes, straight into the buffer that is written to the network.

use super::header::RESPONSE;
use super::{Frame, HEADER_LEN, Header, Metadata};

/// Appends one frame to a buffer: names, then metadata, then payload, then [`finish`].
///
/// [`finish`]: Self::finish
#[derive(Debug)]
pub struct FrameEncoder<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    /// Bytes of the payload that are not in `out`.
    apart: usize,
}

/// A frame that does not fit the 32-bit lengths of the protocol. The buffer is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message of {0} bytes does not fit the protocol: the limit is 4 GiB")]
#[non_exhaustive]
pub struct TooLong(pub usize);

impl<'a> FrameEncoder<'a> {
    /// Begins a frame at the end of `out`.
    #[inline]
    pub fn new(out: &'a mut Vec<u8>, header: Header) -> Self {
        let start = out.len();
        out.extend_from_slice(&header.encode());
        Self {
            out,
            start,
            apart: 0,
        }
    }

    /// Appends `frame` again, as its own answer: nothing but the response bit is changed.
    pub fn echo(out: &mut Vec<u8>, frame: &Frame) {
        let start = out.len();
        out.extend_from_slice(frame.as_bytes());
        out[start + 2] |= RESPONSE;
    }

    /// Service path and method.
    #[inline]
    pub fn names(&mut self, path: &[u8], method: &[u8]) {
        self.part(path);
        self.part(method);
    }

    /// Path and method as [`Frame::names`](super::Frame::names) gave them.
    #[inline]
    pub fn raw_names(&mut self, names: &[u8]) {
        self.out.extend_from_slice(names);
    }

    /// The metadata block.
    #[inline]
    pub fn metadata(&mut self, metadata: &Metadata) {
        self.part(metadata.as_bytes());
    }

    /// The payload, ready made.
    #[inline]
    pub fn payload(&mut self, payload: &[u8]) {
        self.part(payload);
    }

    /// The length of a payload whose bytes are in a buffer of their own: they are to be written behind
    /// the frame, which ends here.
    pub fn payload_apart(&mut self, length: usize) {
        // A length that does not fit is found by `finish`.
        self.out.extend_from_slice(&(length as u32).to_be_bytes());
        self.apart = length;
    }

    /// The payload, as `encode` appends it. Its error leaves the frame to be [abandoned].
    ///
    /// [abandoned]: Self::abandon
    #[inline]
    pub fn payload_with<E>(
        &mut self,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let at = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        encode(self.out)?;
        // A length that does not fit is found by `finish`, which knows the whole body.
        let length = self.out.len() - at - 4;
        self.out[at..at + 4].copy_from_slice(&(length as u32).to_be_bytes());
        Ok(at + 4)
    }

    /// Replaces the payload that begins at `at`, and the header's compression with it.
    pub fn replace_payload(&mut self, at: usize, payload: &[u8], header: Header) {
        self.out.truncate(at - 4);
        self.out[self.start..self.start + HEADER_LEN].copy_from_slice(&header.encode());
        self.part(payload);
    }

    /// The bytes from offset `at` of the buffer on.
    pub fn written_from(&self, at: usize) -> &[u8] {
        &self.out[at..]
    }

    /// Fills in the body length.
    #[inline]
    pub fn finish(self) -> Result<(), TooLong> {
        let body = self.out.len() - self.start - HEADER_LEN + self.apart;
        let Ok(length) = u32::try_from(body) else {
            self.abandon();
            return Err(TooLong(body));
        };
        let at = self.start + HEADER_LEN;
        self.out[at - 4..at].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }

    /// Takes back what was appended.
    pub fn abandon(self) {
        self.out.truncate(self.start);
    }

    #[inline]
    fn part(&mut self, bytes: &[u8]) {
        self.out
            .extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        self.out.extend_from_slice(bytes);
    }
}

/// The length of the frame at the front of `frames`, as it is announced.
pub(crate) fn frame_length(frames: &[u8]) -> Option<usize> {
    let (_, body) = Header::decode(frames.first_chunk()?).ok()?;
    Some(HEADER_LEN + body as usize)
}

/// The sequence number of the frame at the front of `frames`.
pub(crate) fn frame_seq(frames: &[u8]) -> Option<u64> {
    let (header, _) = Header::decode(frames.first_chunk()?).ok()?;
    Some(header.seq)
}

#[cfg(test)]
mod tests {
    use super::super::Codec;
    use super::*;

    fn put(out: &mut Vec<u8>, seq: u64) {
        let mut encoder = FrameEncoder::new(out, Header::request(seq, Codec::MSGPACK));
        encoder.names(b"Arith", b"Mul");
        encoder.metadata(&Metadata::new());
        encoder.payload(b"\x82\xa1A\x0a\xa1B\x14");
        encoder.finish().unwrap();
    }

    #[test]
    fn the_request_of_the_go_client() {
        let mut out = Vec::new();
        put(&mut out, 1_234_567_890);
        let hex: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "0800003000000000499602d20000001f000000054172697468000000034d756c00000000\
             0000000782a1410aa14214"
        );
    }

    #[test]
    fn a_payload_apart_makes_the_same_frame() {
        let payload = b"\x82\xa1A\x0a\xa1B\x14";
        let (mut whole, mut apart) = (Vec::new(), b"before".to_vec());
        put(&mut whole, 7);
        let header = Header::request(7, Codec::MSGPACK);
        let mut encoder = FrameEncoder::new(&mut apart, header);
        encoder.names(b"Arith", b"Mul");
        encoder.metadata(&Metadata::new());
        encoder.payload_apart(payload.len());
        encoder.finish().unwrap();
        assert_eq!(
            apart,
            [b"before", &whole[..whole.len() - payload.len()]].concat()
        );
        assert_eq!(frame_length(&apart[6..]), Some(whole.len()));
        assert_eq!(frame_seq(&apart[6..]), Some(7));
    }

    #[test]
    fn an_encoding_that_fails_leaves_nothing_behind() {
        let mut out = b"before".to_vec();
        let mut encoder = FrameEncoder::new(&mut out, Header::request(1, Codec::JSON));
        encoder.names(b"A", b"B");
        assert!(
            encoder
                .payload_with(|out| {
                    out.push(1);
                    Err("no")
                })
                .is_err()
        );
        encoder.abandon();
        assert_eq!(out, b"before");
    }
}
