//! What the frames of one call are made of.

use std::sync::Arc;

use bytes::Bytes;

use super::stub::Route;
use super::{Response, buffers};
use crate::connection::Queue;
use crate::context::Peer;
use crate::error::Error;
use crate::layer;
use crate::protocol::{COMPRESS_THRESHOLD, Codec, Compression, FrameEncoder, Header, Metadata};
use crate::service::MethodRef;

/// Announcing must not bring a call over a server's limit for metadata.
const ANNOUNCE_BESIDE: usize = 1024;

/// No announcement is longer than this, in bytes.
const ANNOUNCEMENT: usize = 64;

/// A payload from this length on is not copied into the buffer of its connection: another allocation
/// costs less.
const LARGE: usize = 32 << 10;

/// All that a frame is made of but its sequence number. It outlives its attempts, so that there can
/// be another one.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) route: Arc<Route>,
    pub(super) method: MethodRef,
    pub(super) codec: Codec,
    /// How the payload is to be compressed; that of a raw method is so already.
    pub(super) compress: Compression,
    pub(super) metadata: Metadata,
    pub(super) payload: Payload,
}

/// What a frame tells the server about this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greeting {
    /// What this side understands: on a connection over which the server has not answered yet.
    Announce,
    Nothing,
}

impl Message {
    /// Compresses the payload if that was asked for and is worth it.
    pub(super) fn compress(&mut self) -> Result<(), Error> {
        if self.method.options().raw {
            return Ok(());
        }
        let payload = self.payload.as_bytes();
        if self.compress == Compression::NONE || payload.len() <= COMPRESS_THRESHOLD {
            self.compress = Compression::NONE;
            return Ok(());
        }
        let formats = self.route.channel.formats();
        let compressed = formats
            .compress(self.compress, payload)
            .map_err(|error| Error::not_sent(error.to_string()).with_source(error))?;
        self.payload = Payload::Buffer(compressed);
        Ok(())
    }

    /// The protocol counts in 32 bits; a message beyond that is never begun.
    pub(super) fn check_length(&self) -> Result<(), Error> {
        let names = self.route.service.len() + self.method.name().len();
        let metadata = self.metadata.as_bytes().len() + ANNOUNCEMENT;
        let length = 16 + names + metadata + self.payload.as_bytes().len();
        match u32::try_from(length) {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::not_sent(format!(
                "a message of {length} bytes does not fit the protocol"
            ))),
        }
    }

    /// The same message once more, with which it shares its payload.
    pub(super) fn again(&mut self) -> Self {
        Self {
            route: Arc::clone(&self.route),
            method: self.method.clone(),
            codec: self.codec,
            compress: self.compress,
            metadata: self.metadata.clone(),
            payload: Payload::Shared(self.payload.share()),
        }
    }

    /// The same message without metadata and payload.
    pub(super) fn bare(&self) -> Self {
        Self {
            route: Arc::clone(&self.route),
            method: self.method.clone(),
            codec: self.codec,
            compress: self.compress,
            metadata: Metadata::new(),
            payload: Payload::Buffer(Vec::new()),
        }
    }

    /// Appends the frame. A large payload is shared with the connection and not copied.
    #[inline]
    pub(super) fn append(&mut self, seq: u64, greeting: Greeting, out: &mut Queue) {
        if self.payload.as_bytes().len() < LARGE {
            return self.append_whole(seq, greeting, out.tail());
        }
        let payload = self.payload.share();
        let mut frame = self.begin(seq, greeting, out.tail());
        frame.payload_apart(payload.len());
        // `check_length` has refused what does not fit.
        let _ = frame.finish();
        out.append_payload(payload);
    }

    fn append_whole(&self, seq: u64, greeting: Greeting, out: &mut Vec<u8>) {
        let mut frame = self.begin(seq, greeting, out);
        frame.payload(self.payload.as_bytes());
        // `check_length` has refused what does not fit.
        let _ = frame.finish();
    }

    /// Begins the frame: all of it that stands before the payload.
    fn begin<'o>(&self, seq: u64, greeting: Greeting, out: &'o mut Vec<u8>) -> FrameEncoder<'o> {
        let mut header = Header::request(seq, self.codec).compressed(self.compress);
        if self.method.options().oneway {
            header = header.oneway();
        }
        let mut frame = FrameEncoder::new(out, header);
        frame.names(self.route.service.as_bytes(), self.method.name().as_bytes());
        if greeting == Greeting::Announce && self.metadata.as_bytes().len() <= ANNOUNCE_BESIDE {
            let mut metadata = self.metadata.clone();
            metadata.announce_goaway();
            frame.metadata(&metadata);
        } else {
            frame.metadata(&self.metadata);
        }
        frame
    }

    /// Sends the message to a peer that did not ask for it.
    pub(super) fn push(&self, peer: &Peer) -> Result<Response, Error> {
        if !self.method.options().oneway {
            let (path, method) = (&self.route.service, self.method.name());
            return Err(Error::not_sent(format!(
                "`{path}.{method}` is not one-way: a peer can only be pushed to"
            )));
        }
        let mut append = |seq, out: &mut Vec<u8>| self.append_whole(seq, Greeting::Nothing, out);
        match peer.way().push(&mut append) {
            Ok(()) => Ok(Response::of_oneway()),
            Err(reason) => Err(Error::not_sent(format!("cannot push to {peer}: {reason}"))),
        }
    }
}

/// Encoded arguments.
#[derive(Debug)]
pub(super) enum Payload {
    /// In a buffer that goes back to the thread.
    Buffer(Vec<u8>),
    /// Shared with the connections over which it is sent.
    Shared(Bytes),
}

impl Payload {
    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Buffer(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }

    /// For the layers around the call.
    pub(super) fn pass_on(&mut self) -> layer::Payload {
        match self {
            Self::Buffer(bytes) => layer::Payload::Made(std::mem::take(bytes)),
            Self::Shared(bytes) => layer::Payload::Received(bytes.clone()),
        }
    }

    fn share(&mut self) -> Bytes {
        let bytes = match self {
            Self::Buffer(bytes) => Bytes::from(std::mem::take(bytes)),
            Self::Shared(bytes) => return bytes.clone(),
        };
        *self = Self::Shared(bytes.clone());
        bytes
    }
}

impl From<layer::Payload> for Payload {
    fn from(payload: layer::Payload) -> Self {
        match payload {
            layer::Payload::Made(bytes) => Self::Buffer(bytes),
            layer::Payload::Received(bytes) => Self::Shared(bytes),
        }
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        if let Self::Buffer(bytes) = self {
            buffers::give(std::mem::take(bytes));
        }
    }
}
