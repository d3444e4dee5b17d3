//! What the lock of an [`Outbox`](super::Outbox) guards.

use std::io;
use std::task::Waker;

use super::Queue;
use super::memory::Held;
use super::sink::Sink;
use super::turn::{End, Turn};

/// Queues up to this size are not counted: there is one for each connection.
pub(super) const UNCOUNTED: usize = 64 << 10;

/// What is queued, and whose turn it is.
pub(super) struct State {
    /// Whole frames of which no byte was handed to the stream.
    pub(super) queued: Queue,
    /// What a direct write has left: the rest of a frame, and frames behind it. The stream is in the
    /// middle of a frame, so this goes out before anything else.
    pub(super) rest: Queue,
    /// The stream has taken bytes that it has not passed on (TLS).
    pub(super) unflushed: bool,
    /// An empty buffer with its memory, swapped with `queued` by direct writes.
    pub(super) spare: Queue,
    /// `None` while a task is writing, and after the end.
    pub(super) sink: Option<Sink>,
    pub(super) turn: Turn,
    /// How often `queued` was taken to be written.
    pub(super) taken: u64,
    pub(super) end: End,
    /// Why a direct write failed. The writer task reports it: it is the one whose result is awaited.
    pub(super) failed: Option<io::Error>,
    /// Tasks that wait for room, or for a batch to be taken.
    pub(super) waiting: Vec<Waker>,
    /// Calls that were given up and whose frames may still be in `queued`; none if that is empty.
    pub(super) cancelled: Vec<u64>,
    /// How many of them make a sweep worth its while.
    pub(super) sweep_at: usize,
    /// Frames that sweeps have looked at.
    pub(super) looked_at: usize,
    /// Bytes that the writer task had to write when it began its present write.
    pub(super) writing: usize,
    pub(super) held: Held,
}

/// What the writer task does next. The sink comes along, so that no other task can write.
pub(super) enum Work {
    None,
    Write(Sink),
    Shutdown(Sink),
    Stop,
}

impl State {
    pub(super) fn new(sink: Sink, held: Held) -> Self {
        Self {
            queued: Queue::default(),
            rest: Queue::default(),
            unflushed: false,
            spare: Queue::default(),
            sink: Some(sink),
            turn: Turn::Idle,
            taken: 0,
            end: End::Open,
            failed: None,
            waiting: Vec::new(),
            cancelled: Vec::new(),
            sweep_at: 1,
            looked_at: 0,
            writing: 0,
            held,
        }
    }

    pub(super) fn next_work(&mut self, frames: &mut Queue) -> io::Result<Work> {
        if let Some(error) = self.failed.take() {
            self.end = End::Closed;
            return Err(error);
        }
        if self.turn == Turn::Direct {
            // The task that writes notifies when it has done and something is left.
            return Ok(Work::None);
        }
        let Some(sink) = self.sink.take() else {
            return Ok(Work::Stop);
        };
        if self.end == End::Closed {
            return Ok(Work::Stop);
        }
        if !self.cancelled.is_empty() {
            self.sweep(&[]);
        }
        if !self.has_work() {
            self.turn = Turn::Idle;
            if self.end == End::Closing {
                self.end = End::Closed;
                return Ok(Work::Shutdown(sink));
            }
            self.sink = Some(sink);
            return Ok(Work::None);
        }
        self.turn = Turn::Writer;
        self.unflushed = false;
        // A frame that was begun is finished first.
        if self.rest.is_empty() {
            self.taken += 1;
            self.sweep_at = 1;
            std::mem::swap(&mut self.queued, frames);
        } else {
            std::mem::swap(&mut self.rest, frames);
        }
        Ok(Work::Write(sink))
    }

    /// Takes the cancelled frames out of the queue, and those of `seqs`. Says which were there.
    pub(super) fn sweep(&mut self, seqs: &[u64]) -> Vec<u64> {
        let mut gone = std::mem::take(&mut self.cancelled);
        gone.extend_from_slice(seqs);
        gone.sort_unstable();
        let swept = self.queued.remove(&gone);
        self.looked_at += swept.kept + swept.removed.len();
        // The next sweep looks at what is left, and is paid for by half as many cancelled calls.
        self.sweep_at = 1.max(swept.kept / 2);
        swept.removed
    }

    /// The same task may ask again before it is woken, for one of two things or both.
    pub(super) fn wake_later(&mut self, waker: &Waker) {
        if !self.waiting.iter().any(|waiting| waiting.will_wake(waker)) {
            self.waiting.push(waker.clone());
        }
    }

    /// After a write. A stream that was given up meanwhile is dropped.
    pub(super) fn put_back(&mut self, sink: Sink) {
        if self.end != End::Closed {
            self.sink = Some(sink);
        }
    }

    pub(super) fn is_crowded(&self, limit: usize) -> bool {
        self.waiting_bytes() > limit
    }

    #[inline]
    pub(super) fn waiting_bytes(&self) -> usize {
        self.queued.len() + self.rest.len()
    }

    /// Counts what is held, if it is much or was.
    pub(super) fn count(&mut self) {
        let bytes = self.waiting_bytes() + self.writing;
        if bytes > UNCOUNTED {
            self.held.set(bytes);
        } else if !self.held.is_empty() {
            self.held.set(0);
        }
    }

    pub(super) fn has_work(&self) -> bool {
        !self.queued.is_empty() || !self.rest.is_empty() || self.unflushed
    }

    /// After a direct write: whether the writer task can stay asleep.
    pub(super) fn is_done(&self) -> bool {
        !self.has_work() && self.failed.is_none() && self.end == End::Open
    }
}
