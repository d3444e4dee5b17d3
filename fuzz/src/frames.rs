//! Bytes of a connection: frames, their metadata, their compression.

use bytes::BytesMut;
use rpcx::protocol::{
    Codec, CompressError, Compression, Decoded, Decoder, Frame, FrameEncoder, FrameLimits, Header,
    Metadata, ProtocolError, compress, inflate,
};

/// What a decoder says about some bytes, in a form that can be compared.
#[derive(Debug, PartialEq)]
enum Event {
    Frame(Vec<u8>),
    Refused(Header, String),
    Broken(ProtocolError),
    /// The bytes ran out; whether that was between two frames.
    End(bool),
}

/// Small enough for a short input to be over each of them.
fn limits() -> FrameLimits {
    let mut limits = FrameLimits::SERVER;
    limits.body = 1 << 10;
    limits.name = 32;
    limits.metadata = 256;
    limits.metadata_pairs = 8;
    limits.metadata_key = 32;
    limits.metadata_value = 64;
    limits
}

/// The input is a number of sizes, the sizes, and the bytes of a connection. Cut into chunks of
/// these sizes they give the same frames as in one piece.
pub fn frame_decoder(data: &[u8]) {
    let (sizes, bytes) = sizes(data);
    let whole = events([bytes]);
    assert_eq!(whole, events(chunks(bytes, sizes)), "cut into {sizes:?}");
    assert_eq!(whole, events(bytes.chunks(1)), "byte by byte");
}

pub(crate) fn sizes(data: &[u8]) -> (&[u8], &[u8]) {
    let Some((&count, rest)) = data.split_first() else {
        return (&[], &[]);
    };
    rest.split_at(usize::from(count % 16).min(rest.len()))
}

/// `bytes` in pieces of these sizes, over and over.
pub(crate) fn chunks<'a>(mut bytes: &'a [u8], sizes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut sizes = sizes.iter().map(|size| usize::from(*size).max(1)).cycle();
    std::iter::from_fn(move || {
        let size = sizes.next().unwrap_or(usize::MAX).min(bytes.len());
        let (chunk, rest) = bytes.split_at(size);
        bytes = rest;
        (size > 0).then_some(chunk)
    })
}

fn events<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let (mut decoder, mut buffer) = (Decoder::new(limits()), BytesMut::new());
    let mut events = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Decoded::Incomplete) => break,
                Ok(Decoded::Frame(frame)) => events.push(Event::Frame(encode_again(&frame))),
                Ok(Decoded::Refused(header, refusal)) => {
                    events.push(Event::Refused(header, refusal.to_string()));
                }
                Err(error) => {
                    events.push(Event::Broken(error));
                    return events;
                }
            }
        }
    }
    events.push(Event::End(decoder.is_at_frame_start(&buffer)));
    events
}

/// The frame from its parts, which must be what it came from.
fn encode_again(frame: &Frame) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = FrameEncoder::new(&mut out, frame.header);
    encoder.names(frame.path(), frame.method());
    encoder.metadata(&frame.metadata());
    encoder.payload(frame.payload());
    encoder
        .finish()
        .expect("a frame that came fits the protocol");
    assert_eq!(out, frame.as_bytes());
    out
}

/// The input is a metadata block. It is read as the reference below reads it.
pub fn metadata(data: &[u8]) {
    let mut buffer = BytesMut::from(&frame_around(data)[..]);
    let decoded = Decoder::new(FrameLimits::CLIENT).decode(&mut buffer);
    let Some(pairs) = reference(data) else {
        assert!(matches!(decoded, Err(ProtocolError::Metadata(at)) if at < data.len()));
        return;
    };
    match decoded {
        Ok(Decoded::Frame(frame)) => read_and_change(frame.metadata(), &pairs),
        Ok(Decoded::Refused(..)) => {
            assert!(pairs.len() > FrameLimits::CLIENT.metadata_pairs || data.len() >= 64 << 10);
        }
        other => panic!("{other:?} for {} pairs", pairs.len()),
    }
}

fn frame_around(block: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 1, b'A', 0, 0, 0, 1, b'B'];
    body.extend((block.len() as u32).to_be_bytes());
    body.extend_from_slice(block);
    body.extend([0; 4]);
    let mut frame = Header::request(1, Codec::RAW).encode().to_vec();
    frame[12..].copy_from_slice(&(body.len() as u32).to_be_bytes());
    frame.extend(body);
    frame
}

type Pairs<'a> = Vec<(&'a [u8], &'a [u8])>;

/// The pairs of a block, or none when it does not divide.
fn reference(mut block: &[u8]) -> Option<Pairs<'_>> {
    let mut parts = Vec::new();
    while !block.is_empty() {
        let length = u32::from_be_bytes(block.get(..4)?.try_into().ok()?) as usize;
        parts.push(block[4..].get(..length)?);
        block = &block[4 + length..];
    }
    let (pairs, odd) = parts.as_chunks::<2>();
    odd.is_empty()
        .then(|| pairs.iter().map(|[key, value]| (*key, *value)).collect())
}

fn read_and_change(mut metadata: Metadata, pairs: &Pairs<'_>) {
    assert_eq!(metadata.iter().collect::<Vec<_>>(), *pairs);
    for (key, _) in pairs {
        let Ok(key) = std::str::from_utf8(key) else {
            continue;
        };
        let last = pairs.iter().rev().find(|(k, _)| *k == key.as_bytes());
        assert_eq!(metadata.get_bytes(key), last.map(|(_, value)| *value));
    }
    let before = metadata.clone();
    metadata.insert("key", "value");
    assert_eq!(metadata.iter().filter(|(key, _)| *key == b"key").count(), 1);
    metadata.remove("key");
    assert!(
        metadata
            .iter()
            .eq(before.iter().filter(|(key, _)| *key != b"key"))
    );
}

/// The input is a compressed payload, and once more one to compress.
pub fn gzip(data: &[u8]) {
    for kind in (1..8).filter_map(Compression::new) {
        compressed(kind, data);
    }
}

/// The same in one compression, which need not be compiled in.
fn compressed(kind: Compression, data: &[u8]) {
    const LIMIT: usize = 64 << 10;
    let Ok(compressed) = compress(kind, data) else {
        assert_ne!(kind, Compression::GZIP, "everything can be compressed");
        let unsupported = Err(CompressError::Unsupported(kind.number()));
        assert_eq!(inflate(kind, data, LIMIT), unsupported);
        return;
    };
    if let Ok(inflated) = inflate(kind, data, LIMIT) {
        assert!(inflated.len() <= LIMIT);
    }
    assert_eq!(inflate(kind, &compressed, data.len()).as_deref(), Ok(data));
    if let Some(less) = data.len().checked_sub(1) {
        let too_long = Err(CompressError::TooLong(less));
        assert_eq!(inflate(kind, &compressed, less), too_long);
    }
}
