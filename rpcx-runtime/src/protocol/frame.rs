//! One whole message.

use std::fmt;

use bytes::{Buf as _, Bytes};

use super::{HEADER_LEN, Header, Metadata};

/// A frame whose every length has been checked. Its parts are slices of the bytes it came in.
#[derive(Clone)]
pub struct Frame {
    /// The fixed part.
    pub header: Header,
    bytes: Bytes,
    method_at: u32,
    metadata_at: u32,
    payload_at: u32,
}

impl Frame {
    /// `bytes` is the whole frame; the offsets, from its start, are those of the length fields of
    /// method and metadata and of the payload's first byte.
    pub(super) fn new(header: Header, bytes: Bytes, offsets: [usize; 3]) -> Self {
        // A frame is shorter than 4 GiB + 16 bytes, and its payload ends it: offsets that do not
        // fit belong to frames over every limit, which the decoder has refused.
        let [method_at, metadata_at, payload_at] = offsets.map(|offset| offset as u32);
        Self {
            header,
            bytes,
            method_at,
            metadata_at,
            payload_at,
        }
    }

    /// The service path. Go does not promise UTF-8.
    pub fn path(&self) -> &[u8] {
        &self.bytes[HEADER_LEN + 4..self.method_at as usize]
    }

    /// The method name.
    pub fn method(&self) -> &[u8] {
        &self.bytes[self.method_at as usize + 4..self.metadata_at as usize]
    }

    /// Path and method as they stand in the body, lengths included: what a reply repeats.
    pub fn names(&self) -> Bytes {
        self.bytes.slice(HEADER_LEN..self.metadata_at as usize)
    }

    /// The same, borrowed.
    pub(crate) fn raw_names(&self) -> &[u8] {
        &self.bytes[HEADER_LEN..self.metadata_at as usize]
    }

    /// Whether there is any metadata.
    pub fn has_metadata(&self) -> bool {
        self.payload_at - self.metadata_at > 8
    }

    /// The metadata.
    pub fn metadata(&self) -> Metadata {
        if !self.has_metadata() {
            return Metadata::new();
        }
        let range = self.metadata_at as usize + 4..self.payload_at as usize - 4;
        Metadata::from_checked(self.bytes.slice(range))
    }

    /// The payload as it came, compressed or not.
    pub fn payload(&self) -> &[u8] {
        &self.bytes[self.payload_at as usize..]
    }

    /// The same, as a part of what was received.
    pub fn payload_bytes(&self) -> Bytes {
        self.bytes.slice(self.payload_at as usize..)
    }

    /// The same, in place of the frame.
    pub fn into_payload(mut self) -> Bytes {
        self.bytes.advance(self.payload_at as usize);
        self.bytes
    }

    /// Gives the frame memory of its own, so that it does not hold all that was received with it.
    pub fn detach(&mut self) {
        self.bytes = Bytes::copy_from_slice(&self.bytes);
    }

    /// The frame as it was received.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("header", &self.header)
            .field("path", &String::from_utf8_lossy(self.path()))
            .field("method", &String::from_utf8_lossy(self.method()))
            .field("metadata", &self.metadata())
            .field("payload_bytes", &self.payload().len())
            .finish()
    }
}
