//! The table of calls by itself, for the fuzz targets only.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::pending::{Insert, Pending};
use crate::error::{Error, ErrorKind};
use crate::protocol::{
    Codec, Decoded, Decoder, Frame, FrameEncoder, FrameLimits, Header, Metadata,
};

/// The calls in flight on one connection. Times are milliseconds since it was made.
#[derive(Debug)]
pub struct Table {
    pending: Pending,
    began: Instant,
}

/// What came of asking for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Slot {
    /// The call's sequence number.
    Taken(u64),
    /// The limit is reached; the waker is called when there is room.
    Full,
    /// The table takes no more calls.
    Closed,
}

impl Table {
    /// `limit` is how many calls may be in flight.
    pub fn new(limit: usize) -> Self {
        Self {
            pending: Pending::new(limit),
            began: Instant::now(),
        }
    }

    fn at(&self, milliseconds: u64) -> Instant {
        self.began + Duration::from_millis(milliseconds)
    }

    /// Takes a slot for a call that ends at `deadline`.
    pub fn insert(&self, waker: &Waker, deadline: Option<u64>) -> Slot {
        let deadline = deadline.map(|deadline| self.at(deadline));
        match self.pending.insert(waker, deadline) {
            Insert::Slot { seq, .. } => Slot::Taken(seq),
            Insert::Full => Slot::Full,
            Insert::Closed => Slot::Closed,
        }
    }

    /// The outcome of a call: the number in its reply, or the kind of its error.
    pub fn poll(&self, seq: u64, waker: &Waker) -> Poll<Result<u64, ErrorKind>> {
        let outcome = self.pending.poll(seq, &Context::from_waker(waker));
        outcome.map(|outcome| match outcome {
            Ok(frame) => Ok(frame.header.seq),
            Err(error) => Err(error.kind()),
        })
    }

    /// Hands replies with these numbers to their calls. The result is how many had none.
    pub fn complete(&self, seqs: &[u64]) -> usize {
        let mut replies = seqs.iter().filter_map(|seq| reply(*seq)).collect();
        self.pending.complete(&mut replies)
    }

    /// Gives a call up. True if it was still waiting.
    pub fn remove(&self, seq: u64) -> bool {
        self.pending.remove(seq)
    }

    /// Ends the calls whose deadlines have come, and says which.
    pub fn expire(&self, now: u64) -> Vec<u64> {
        let (due, _) = self.pending.due(self.at(now));
        self.pending.fail(&due, |_| Error::unknown("late"));
        due
    }

    /// Wakes the callers whose deadlines have come.
    pub fn wake_due(&self, now: u64) {
        let _ = self.pending.wake_due(self.at(now));
    }

    /// The calls that a caller ends that finds itself late.
    pub fn due_with(&self, seq: u64, now: u64) -> Option<Vec<u64>> {
        let due = self.pending.due_with(seq, self.at(now))?;
        self.pending.fail(&due, |_| Error::unknown("late"));
        Some(due)
    }

    /// Takes no more calls.
    pub fn stop(&self) {
        self.pending.stop();
    }

    /// Ends every call.
    pub fn close(&self) {
        self.pending.close(|_| Error::unknown("gone"));
    }

    /// How many calls there are.
    pub fn in_flight(&self) -> usize {
        self.pending.in_flight()
    }

    /// Whether a call waits for its reply, in a table that is closed.
    pub fn is_waiting(&self) -> bool {
        self.pending.is_waiting()
    }
}

fn reply(seq: u64) -> Option<Frame> {
    let mut out = Vec::new();
    let mut frame = FrameEncoder::new(&mut out, Header::request(seq, Codec::RAW).reply());
    frame.names(b"A", b"B");
    frame.metadata(&Metadata::new());
    frame.payload(b"");
    frame.finish().ok()?;
    match Decoder::new(FrameLimits::CLIENT).decode(&mut out[..].into()) {
        Ok(Decoded::Frame(frame)) => Some(frame),
        _ => None,
    }
}
