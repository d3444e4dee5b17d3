//! Bytes as they arrive, to whole frames.

use bytes::{Buf, Bytes, BytesMut};

use super::metadata;
use super::{Frame, HEADER_LEN, Header, ProtocolError};

/// How large the parts of a received frame may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameLimits {
    /// The body, in bytes.
    pub body: usize,
    /// Service path and method, in bytes each.
    pub name: usize,
    /// The metadata block, in bytes.
    pub metadata: usize,
    /// Pairs in the metadata block.
    pub metadata_pairs: usize,
    /// One metadata key, in bytes.
    pub metadata_key: usize,
    /// One metadata value, in bytes.
    pub metadata_value: usize,
}

impl FrameLimits {
    /// What a server accepts: bodies of 16 MiB, names of 256 bytes, 64 KiB of metadata in 256
    /// pairs, keys of 256 bytes and values of 32 KiB.
    pub const SERVER: Self = Self {
        body: 16 << 20,
        name: 256,
        metadata: 64 << 10,
        metadata_pairs: 256,
        metadata_key: 256,
        metadata_value: 32 << 10,
    };

    /// What a client accepts: bodies of 64 MiB and 1 MiB of metadata, because a reply is larger
    /// than its request and an error text may be long.
    pub const CLIENT: Self = Self {
        body: 64 << 20,
        name: 64 << 10,
        metadata: 1 << 20,
        metadata_pairs: 4096,
        metadata_key: 64 << 10,
        metadata_value: 1 << 20,
    };
}

/// Why a frame that could be read is not accepted. The connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The body is over the limit; the bytes are skipped as they come.
    #[error("message is too long: {length} bytes, the limit is {limit}")]
    Body {
        /// The announced length.
        length: u32,
        /// The limit.
        limit: usize,
    },
    /// A name or a part of the metadata is over its limit.
    #[error("the {part} is too long: {length}, the limit is {limit}")]
    Part {
        /// Which part.
        part: &'static str,
        /// Its length in bytes, or the number of pairs.
        length: usize,
        /// The limit.
        limit: usize,
    },
}

/// What stands at the front of the buffer.
// There is nothing else that a buffer can begin with, and every case must be dealt with.
#[allow(clippy::exhaustive_enums)]
#[derive(Debug)]
pub enum Decoded {
    /// A whole frame, taken off the buffer.
    Frame(Frame),
    /// A frame over a limit, to be answered with an error and otherwise forgotten.
    Refused(Header, Refusal),
    /// Not yet a whole frame.
    Incomplete,
}

/// Takes frames off a receive buffer, however they were cut into reads.
///
/// Nothing is reserved here for an announced length: the buffer is its owner's, which may ask what is
/// [`missing`](Self::missing).
#[derive(Debug)]
pub struct Decoder {
    limits: FrameLimits,
    /// Bytes of a refused frame that have not arrived yet.
    skip: usize,
}

impl Decoder {
    /// A decoder at the start of a frame.
    pub fn new(limits: FrameLimits) -> Self {
        Self { limits, skip: 0 }
    }

    /// Whether the bytes taken so far end between two frames, given what is left in the buffer.
    pub fn is_at_frame_start(&self, left: &BytesMut) -> bool {
        self.skip == 0 && left.is_empty()
    }

    /// How many bytes the frame at the front of `buffer` still lacks: what its peer has announced, or
    /// 0 where nothing is announced yet. Meant for what [`decode`](Self::decode) calls incomplete.
    pub fn missing(&self, buffer: &BytesMut) -> usize {
        let announced = buffer.first_chunk().map(Header::decode);
        match announced {
            Some(Ok((_, body))) => {
                let frame = HEADER_LEN.saturating_add(body as usize);
                frame.saturating_sub(buffer.len())
            }
            _ => 0,
        }
    }

    /// Gives up the frame at the front of `buffer`, of which a part has arrived: its bytes are dropped, and
    /// those that come are skipped. Nothing happens where not even its header is there.
    pub fn skip(&mut self, buffer: &mut BytesMut) -> Option<Header> {
        let (header, _) = Header::decode(buffer.first_chunk()?).ok()?;
        self.skip = self.missing(buffer);
        buffer.clear();
        Some(header)
    }

    /// The frame at the front of `buffer` without its payload, as soon as everything in front of that has
    /// arrived, or why it is refused. None while more has to come, and where decoding will fail.
    pub fn head(&self, buffer: &[u8]) -> Option<Result<Frame, Refusal>> {
        let (header, _) = Header::decode(buffer.first_chunk()?).ok()?;
        let body = &buffer[HEADER_LEN..];
        let method = end_of(body, 0, "service path").ok()?;
        let metadata = end_of(body, method, "service method").ok()?;
        let payload = end_of(body, metadata, "metadata").ok()?;
        let end = HEADER_LEN + payload + 4;
        let bytes = Bytes::copy_from_slice(buffer.get(..end)?);
        let frame = Frame::new(
            header,
            bytes,
            [HEADER_LEN + method, HEADER_LEN + metadata, end],
        );
        match self.refusal(&frame).ok()? {
            Some(refusal) => Some(Err(refusal)),
            None => Some(Ok(frame)),
        }
    }

    /// The next frame at the front of `buffer`.
    #[inline]
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Result<Decoded, ProtocolError> {
        if self.skip > 0 {
            let skipped = self.skip.min(buffer.len());
            buffer.advance(skipped);
            self.skip -= skipped;
        }
        let Some(head) = buffer.first_chunk::<HEADER_LEN>() else {
            return match buffer.first() {
                Some(&magic) if magic != super::MAGIC => Err(ProtocolError::Magic(magic)),
                _ => Ok(Decoded::Incomplete),
            };
        };
        let (header, length) = Header::decode(head)?;
        let body = length as usize;
        if body > self.limits.body {
            self.skip = HEADER_LEN + body;
            let refusal = Refusal::Body {
                length,
                limit: self.limits.body,
            };
            let taken = self.skip.min(buffer.len());
            buffer.advance(taken);
            self.skip -= taken;
            return Ok(Decoded::Refused(header, refusal));
        }
        if buffer.len() - HEADER_LEN < body {
            return Ok(Decoded::Incomplete);
        }
        let offsets = offsets(&buffer[HEADER_LEN..HEADER_LEN + body])?;
        let bytes = buffer.split_to(HEADER_LEN + body).freeze();
        let frame = Frame::new(header, bytes, offsets);
        Ok(match self.refusal(&frame)? {
            Some(refusal) => Decoded::Refused(header, refusal),
            None => Decoded::Frame(frame),
        })
    }

    fn refusal(&self, frame: &Frame) -> Result<Option<Refusal>, ProtocolError> {
        let limits = &self.limits;
        let names = frame.path().len().max(frame.method().len());
        if names <= limits.name && !frame.has_metadata() {
            return Ok(None);
        }
        let mut parts = [
            ("service path", frame.path().len(), limits.name),
            ("service method", frame.method().len(), limits.name),
            ("metadata", 0, limits.metadata),
            ("number of metadata pairs", 0, limits.metadata_pairs),
            ("metadata key", 0, limits.metadata_key),
            ("metadata value", 0, limits.metadata_value),
        ];
        if frame.has_metadata() {
            let block = frame.metadata();
            let [pairs, key, value] = metadata::check(block.as_bytes())?;
            parts[2].1 = block.as_bytes().len();
            parts[3].1 = pairs;
            parts[4].1 = key;
            parts[5].1 = value;
        }
        let over = parts.into_iter().find(|(_, length, limit)| length > limit);
        Ok(over.map(|(part, length, limit)| Refusal::Part {
            part,
            length,
            limit,
        }))
    }
}

/// Checks every length of a whole body. The result counts from the start of the frame.
fn offsets(body: &[u8]) -> Result<[usize; 3], ProtocolError> {
    let method = end_of(body, 0, "service path")?;
    let metadata = end_of(body, method, "service method")?;
    let payload = end_of(body, metadata, "metadata")?;
    let (length, left) = length_at(body, payload, "payload")?;
    if length as usize != left {
        return Err(ProtocolError::Payload { length, left });
    }
    Ok([
        HEADER_LEN + method,
        HEADER_LEN + metadata,
        HEADER_LEN + payload + 4,
    ])
}

/// Where the part whose length stands at `offset` ends.
#[inline]
fn end_of(body: &[u8], offset: usize, part: &'static str) -> Result<usize, ProtocolError> {
    let (length, left) = length_at(body, offset, part)?;
    if length as usize > left {
        return Err(ProtocolError::Length {
            part,
            offset,
            length,
            left,
        });
    }
    Ok(offset + 4 + length as usize)
}

/// The length at `offset`, and how many bytes follow it.
#[inline]
fn length_at(
    body: &[u8],
    offset: usize,
    part: &'static str,
) -> Result<(u32, usize), ProtocolError> {
    match body[offset..].split_first_chunk::<4>() {
        Some((length, rest)) => Ok((u32::from_be_bytes(*length), rest.len())),
        None => Err(ProtocolError::Truncated {
            part,
            offset: body.len(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Codec, FrameEncoder, Metadata};
    use super::*;

    #[test]
    fn the_head_is_there_before_the_payload() {
        let whole = frame(&Metadata::from_iter([("key", "value")]));
        let decoder = Decoder::new(FrameLimits::SERVER);
        let payload = whole.len() - b"\x82\xa1A\x0a\xa1B\x14".len();
        for length in 0..=whole.len() {
            let head = decoder.head(&whole[..length]);
            assert_eq!(head.is_some(), length >= payload, "{length}");
            let Some(Ok(head)) = head else { continue };
            assert_eq!((head.path(), head.method()), (&b"Arith"[..], &b"Mul"[..]));
            assert_eq!(head.metadata().get("key"), Some("value"));
            assert!(head.payload().is_empty());
        }
        let mut narrow = FrameLimits::SERVER;
        narrow.metadata_value = 4;
        let head = Decoder::new(narrow).head(&whole);
        assert!(matches!(head, Some(Err(Refusal::Part { .. }))), "{head:?}");
    }

    fn frame(metadata: &Metadata) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = FrameEncoder::new(&mut out, Header::request(7, Codec::MSGPACK));
        encoder.names(b"Arith", b"Mul");
        encoder.metadata(metadata);
        encoder.payload(b"\x82\xa1A\x0a\xa1B\x14");
        encoder.finish().unwrap();
        out
    }

    fn sample() -> Vec<u8> {
        frame(&Metadata::from_iter([("k", "v")]))
    }

    fn decode_all(bytes: &[u8], step: usize) -> Result<Vec<Decoded>, ProtocolError> {
        let mut decoder = Decoder::new(FrameLimits::SERVER);
        let (mut buffer, mut found) = (BytesMut::new(), Vec::new());
        for chunk in bytes.chunks(step) {
            buffer.extend_from_slice(chunk);
            loop {
                match decoder.decode(&mut buffer)? {
                    Decoded::Incomplete => break,
                    decoded => found.push(decoded),
                }
            }
        }
        Ok(found)
    }

    #[test]
    fn frames_are_found_however_they_are_cut() {
        let bytes = [sample(), sample(), sample()].concat();
        // An interpreter takes its time.
        let steps = if cfg!(miri) { 31 } else { 1 };
        for step in (1..bytes.len()).step_by(steps) {
            let found = decode_all(&bytes, step).unwrap();
            assert_eq!(found.len(), 3, "step {step}");
            for decoded in found {
                let Decoded::Frame(frame) = decoded else {
                    panic!("{decoded:?}")
                };
                assert_eq!((frame.path(), frame.method()), (&b"Arith"[..], &b"Mul"[..]));
                assert_eq!(frame.metadata().get("k"), Some("v"));
                assert_eq!(frame.payload().len(), 7);
                assert_eq!(frame.as_bytes(), sample());
            }
        }
    }

    #[test]
    fn every_length_that_lies_is_refused() {
        // offsets of the four inner lengths in the sample
        for at in [16, 25, 32, 46] {
            let honest = u32::from_be_bytes(sample()[at..at + 4].try_into().unwrap());
            for lie in [
                0,
                1,
                honest.wrapping_sub(1),
                honest + 1,
                1 << 31,
                u32::MAX - 3,
                u32::MAX,
            ] {
                if lie == honest {
                    continue;
                }
                let mut bytes = sample();
                bytes[at..at + 4].copy_from_slice(&lie.to_be_bytes());
                assert!(decode_all(&bytes, bytes.len()).is_err(), "{lie} at {at}");
            }
        }
    }

    #[test]
    fn a_body_over_the_limit_is_skipped_and_the_next_frame_read() {
        let mut bytes = Header::request(5, Codec::RAW).encode().to_vec();
        let length = FrameLimits::SERVER.body as u32 + 1;
        bytes[12..16].copy_from_slice(&length.to_be_bytes());
        bytes.resize(HEADER_LEN + length as usize, 0xaa);
        bytes.extend(sample());
        let found = decode_all(&bytes, 64 << 10).unwrap();
        assert!(
            matches!(&found[..], [Decoded::Refused(header, Refusal::Body { .. }), Decoded::Frame(_)]
                if header.seq == 5)
        );
    }

    #[test]
    fn a_frame_that_is_given_up_is_skipped_and_the_next_one_read() {
        let bytes = [sample(), sample()].concat();
        let mut decoder = Decoder::new(FrameLimits::SERVER);
        assert!(
            decoder
                .skip(&mut BytesMut::from(&bytes[..HEADER_LEN - 1]))
                .is_none()
        );
        let mut buffer = BytesMut::from(&bytes[..HEADER_LEN + 3]);
        let header = decoder.skip(&mut buffer).unwrap();
        assert_eq!((header.seq, buffer.len()), (7, 0));
        for byte in &bytes[HEADER_LEN + 3..bytes.len() - 1] {
            buffer.extend_from_slice(&[*byte]);
            let decoded = decoder.decode(&mut buffer).unwrap();
            assert!(matches!(decoded, Decoded::Incomplete));
        }
        buffer.extend_from_slice(&bytes[bytes.len() - 1..]);
        let decoded = decoder.decode(&mut buffer).unwrap();
        assert!(matches!(decoded, Decoded::Frame(frame) if frame.as_bytes() == sample()));
    }

    #[test]
    fn announced_lengths_reserve_nothing() {
        let mut bytes = BytesMut::from(&sample()[..HEADER_LEN]);
        bytes[12..16].copy_from_slice(&(16u32 << 20).to_be_bytes());
        let before = bytes.capacity();
        let decoded = Decoder::new(FrameLimits::SERVER)
            .decode(&mut bytes)
            .unwrap();
        assert!(matches!(decoded, Decoded::Incomplete));
        assert_eq!(bytes.capacity(), before);
    }

    #[test]
    fn parts_over_their_limits_are_refused_by_name() {
        let long = "x".repeat(FrameLimits::SERVER.metadata_key + 1);
        let bytes = frame(&Metadata::from_iter([(long.as_str(), "v")]));
        let found = decode_all(&bytes, bytes.len()).unwrap();
        let Decoded::Refused(header, refusal) = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(header.seq, 7);
        assert_eq!(
            refusal.to_string(),
            "the metadata key is too long: 257, the limit is 256"
        );
    }

    #[test]
    fn a_wrong_first_byte_is_known_at_once() {
        let mut buffer = BytesMut::from(&b"G"[..]);
        let error = Decoder::new(FrameLimits::SERVER)
            .decode(&mut buffer)
            .unwrap_err();
        assert_eq!(error, ProtocolError::Magic(b'G'));
    }
}
