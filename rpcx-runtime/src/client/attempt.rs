//! One request over one connection.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::Instant;

use super::{Response, Stub};
use crate::connection::client::{ConnectionHandle, Started};
use crate::connection::{Batch, Queue};
use crate::context::Peer;
use crate::error::Error;
use crate::protocol::{
    COMPRESS_THRESHOLD, Codec, Compression, FrameEncoder, Header, Metadata, compress,
};
use crate::service::MethodInfo;

/// Announcing must not bring a call over a server's limit for metadata.
const ANNOUNCE_BESIDE: usize = 1024;

/// No announcement is longer than this, in bytes.
const ANNOUNCEMENT: usize = 64;

/// A payload from this length on is not copied into the buffer of its connection: another allocation
/// costs less.
const LARGE: usize = 32 << 10;

/// All that a frame is made of but its sequence number.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) stub: Stub,
    pub(super) method: &'static MethodInfo,
    pub(super) codec: Codec,
    pub(super) compress: Compression,
    pub(super) metadata: Metadata,
    pub(super) payload: Vec<u8>,
}

impl Message {
    /// Compresses the payload if that was asked for and is worth it.
    pub(super) fn pack(&mut self) -> Result<(), Error> {
        if self.compress == Compression::NONE || self.payload.len() <= COMPRESS_THRESHOLD {
            self.compress = Compression::NONE;
            return Ok(());
        }
        self.payload = compress(self.compress, &self.payload)
            .map_err(|error| Error::not_sent(error.to_string()))?;
        Ok(())
    }

    /// Tells the server how long the caller still waits.
    pub(super) fn set_server_timeout(&mut self, deadline: Instant) {
        self.metadata
            .set_server_timeout(deadline.saturating_duration_since(Instant::now()));
    }

    /// Appends the frame. With `announce` the server is told what this side understands.
    pub(super) fn append(&self, seq: u64, announce: bool, out: &mut Vec<u8>) {
        let mut frame = self.begin(seq, announce, out);
        frame.payload(&self.payload);
        // `too_long` has refused what does not fit.
        let _ = frame.finish();
    }

    /// Appends the frame of a message that is not sent again: a large payload is taken from it and
    /// not copied.
    #[inline]
    pub(super) fn append_last(&mut self, seq: u64, announce: bool, out: &mut Queue) {
        if self.payload.len() < LARGE {
            return self.append(seq, announce, out.tail());
        }
        let mut frame = self.begin(seq, announce, out.tail());
        frame.payload_apart(self.payload.len());
        let _ = frame.finish();
        out.append_payload(std::mem::take(&mut self.payload));
    }

    /// Begins the frame: all of it that stands before the payload.
    fn begin<'o>(&self, seq: u64, announce: bool, out: &'o mut Vec<u8>) -> FrameEncoder<'o> {
        let mut header = Header::request(seq, self.codec).compressed(self.compress);
        if self.method.oneway {
            header = header.oneway();
        }
        let mut frame = FrameEncoder::new(out, header);
        frame.names(self.stub.path().as_bytes(), self.method.name.as_bytes());
        if announce && self.metadata.as_bytes().len() <= ANNOUNCE_BESIDE {
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
        if !self.method.oneway {
            let (path, method) = (self.stub.path(), self.method.name);
            return Err(Error::not_sent(format!(
                "a peer can only be pushed to, and `{path}.{method}` is not one-way"
            )));
        }
        match peer
            .way()
            .push(&mut |seq, out| self.append(seq, false, out))
        {
            Ok(()) => Ok(Response::of_oneway()),
            Err(reason) => Err(Error::not_sent(format!(
                "nothing is pushed to {peer}: {reason}"
            ))),
        }
    }

    /// The protocol counts in 32 bits; a message beyond that is never begun.
    pub(super) fn too_long(&self) -> Option<Error> {
        let names = self.stub.path().len() + self.method.name.len();
        let metadata = self.metadata.as_bytes().len() + ANNOUNCEMENT;
        let length = 16 + names + metadata + self.payload.len();
        (length > u32::MAX as usize).then(|| {
            Error::not_sent(format!(
                "a message of {length} bytes does not fit the protocol"
            ))
        })
    }
}

/// A request that is on its way. Dropping it gives the call up.
#[derive(Debug)]
pub(super) struct Attempt {
    connection: Arc<ConnectionHandle>,
    awaited: Awaited,
}

/// What ends an attempt.
#[derive(Clone, Copy, Debug)]
enum Awaited {
    /// The reply with this sequence number.
    Reply(u64),
    /// That a one-way frame is written.
    Writing(Batch),
    Nothing,
}

/// What came of trying to send.
pub(super) enum Sending {
    Sent(Attempt),
    Full,
    Closed,
}

impl Attempt {
    /// Sends the message that `append` writes for its sequence number, with or without announcing
    /// what this side understands, unless the connection is full or gone.
    #[inline]
    pub(super) fn start(
        connection: Arc<ConnectionHandle>,
        oneway: bool,
        deadline: Option<Instant>,
        cx: &Context<'_>,
        append: impl FnOnce(u64, bool, &mut Queue),
    ) -> Sending {
        let announce = connection.is_new();
        let append = |seq, out: &mut Queue| append(seq, announce, out);
        let started = if oneway {
            connection.start_oneway(cx, append).map(Awaited::Writing)
        } else {
            connection.start(cx, deadline, append).map(Awaited::Reply)
        };
        match started {
            Started::Queued(awaited) => Sending::Sent(Self {
                connection,
                awaited,
            }),
            Started::Full => Sending::Full,
            Started::Closed => Sending::Closed,
        }
    }

    #[inline]
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<Response, Error>> {
        let outcome = match self.awaited {
            Awaited::Reply(seq) => {
                let frame = ready!(self.connection.poll(seq, cx));
                let limit = self.connection.inflate_limit();
                frame.and_then(|frame| Response::read(frame, limit))
            }
            Awaited::Writing(batch) => {
                ready!(self.connection.poll_taken(batch, cx)).map(|()| Response::of_oneway())
            }
            Awaited::Nothing => Err(Error::unknown("the call was polled after it had ended")),
        };
        self.awaited = Awaited::Nothing;
        Poll::Ready(outcome)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Awaited::Reply(seq) = self.awaited {
            self.connection.give_up(seq);
        }
    }
}
