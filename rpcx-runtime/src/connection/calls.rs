//! The calls of one client connection from their first byte to their outcome: what its tasks share.
//!
//! Callers begin and give up calls, the reading task completes them, the clock expires them, and
//! any task may find the stream broken. All of that meets here, on top of two locks ([`Pending`] and
//! [`Outbox`]) that are never held at the same time by a caller. No method waits.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio::time::Instant;

use super::Queue;
use super::life::{Life, State};
use super::outbox::{Batch, Outbox};
use super::pending::{Insert, Pending};
use super::turn::Write;
use crate::error::{Error, ErrorKind};
use crate::protocol::Frame;
use crate::sync::{Mutex, Notify, lock};

/// What came of queueing a frame.
pub(crate) enum Started<T> {
    /// It is queued: a call by its sequence number, a one-way call by its batch.
    Queued(T),
    /// The connection is at a limit; the task is woken when there is room.
    Full,
    /// The connection is gone, and nothing was sent.
    Closed,
}

impl<T> Started<T> {
    #[inline]
    pub(crate) fn map<U>(self, what: impl FnOnce(T) -> U) -> Started<U> {
        match self {
            Self::Queued(queued) => Started::Queued(what(queued)),
            Self::Full => Started::Full,
            Self::Closed => Started::Closed,
        }
    }
}

/// A frame without a reply that was queued.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueuedOneway {
    seq: u64,
    batch: Batch,
}

/// The sequence numbers of frames without a reply begin here, far from those of calls. No server answers
/// them; this side knows by them which frame to take back.
const ONEWAY: u64 = 1 << 63;

pub(crate) struct Calls {
    peer: String,
    pending: Pending,
    outbox: Arc<Outbox>,
    life: Life,
    oneways: AtomicU64,
    /// How many calls were ended by their deadlines.
    expired: AtomicU64,
    /// Why it is closed. Written before any call can learn that it is.
    reason: Mutex<Option<Arc<io::Error>>>,
    /// Wakes the clock: a deadline has become the first of all, or the connection is closed.
    pub(crate) rearm: Notify,
    /// Told of the first of all deadlines too.
    first: OnceLock<First>,
}

type First = Box<dyn Fn(Instant) + Send + Sync>;

impl Calls {
    /// `limit` is how many calls may be in flight.
    pub(crate) fn new(peer: String, outbox: Arc<Outbox>, limit: usize) -> Self {
        Self {
            peer,
            pending: Pending::new(limit),
            outbox,
            life: Life::new(),
            oneways: AtomicU64::new(ONEWAY),
            expired: AtomicU64::new(0),
            reason: Mutex::new(None),
            rearm: Notify::new(),
            first: OnceLock::new(),
        }
    }

    pub(crate) fn peer(&self) -> &str {
        &self.peer
    }

    pub(crate) fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.pending.in_flight()
    }

    /// How many frames without a reply were begun.
    pub(crate) fn oneways(&self) -> u64 {
        self.oneways.load(Ordering::Relaxed) - ONEWAY
    }

    /// How many calls were ended by their deadlines.
    pub(crate) fn expired(&self) -> u64 {
        self.expired.load(Ordering::Relaxed)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.life.is(State::Open)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.life.is(State::Closed)
    }

    /// Why it is closed, if it is.
    pub(crate) fn reason(&self) -> Option<Arc<io::Error>> {
        lock(&self.reason).clone()
    }

    /// Has this told of deadlines that are the first of all, beside the clock.
    pub(crate) fn tell_first(&self, tell: impl Fn(Instant) + Send + Sync + 'static) {
        let _ = self.first.set(Box::new(tell));
    }

    /// A call has the first deadline of all.
    #[cold]
    fn is_first(&self, deadline: Option<Instant>) {
        self.rearm.notify_one();
        if let (Some(tell), Some(deadline)) = (self.first.get(), deadline) {
            tell(deadline);
        }
    }

    /// Takes a slot and queues the frame that `append` writes for its sequence number.
    #[inline]
    pub(crate) fn begin(
        &self,
        cx: &Context<'_>,
        deadline: Option<Instant>,
        append: impl FnOnce(u64, &mut Queue),
    ) -> Started<u64> {
        match self.outbox.poll_room(cx) {
            Poll::Pending => return Started::Full,
            Poll::Ready(Err(_)) => return Started::Closed,
            Poll::Ready(Ok(())) => {}
        }
        let (seq, first) = match self.pending.insert(cx.waker(), deadline) {
            Insert::Slot { seq, first } => (seq, first),
            Insert::Full => return Started::Full,
            Insert::Closed => return Started::Closed,
        };
        if first {
            self.is_first(deadline);
        }
        // The slot comes before the frame, so that a reply always finds it. A connection that is
        // lost in between has either closed the outbox, and the push fails, or it closes the table
        // later than this, and ends the call.
        match self
            .outbox
            .push(Write::now_if(self.in_flight() <= 1), |out| append(seq, out))
        {
            Ok(_) => Started::Queued(seq),
            Err(_) => {
                self.pending.remove(seq);
                Started::Closed
            }
        }
    }

    /// Queues a frame that has no reply.
    pub(crate) fn begin_oneway(
        &self,
        cx: &Context<'_>,
        append: impl FnOnce(u64, &mut Queue),
    ) -> Started<QueuedOneway> {
        match self.outbox.poll_room(cx) {
            Poll::Pending => return Started::Full,
            Poll::Ready(Err(_)) => return Started::Closed,
            Poll::Ready(Ok(())) => {}
        }
        let seq = self.oneways.fetch_add(1, Ordering::Relaxed);
        match self
            .outbox
            .push(Write::now_if(self.in_flight() == 0), |out| append(seq, out))
        {
            Ok(batch) => Started::Queued(QueuedOneway { seq, batch }),
            Err(_) => Started::Closed,
        }
    }

    #[inline]
    pub(crate) fn poll(&self, seq: u64, cx: &Context<'_>) -> Poll<Result<Frame, Error>> {
        self.pending.poll(seq, cx)
    }

    /// Ends the calls that are due, if this one is, which waited when it was polled. Its task is woken then.
    ///
    /// The clock of the connection is a task of the runtime that opened it, which need not run. This is by itself, because a
    /// reply that is looked at in [`poll`](Self::poll) would be moved once more.
    #[cold]
    pub(crate) fn end_if_late(&self, seq: u64) {
        if let Some(due) = self.pending.due_with(seq, Instant::now()) {
            self.end_due(&due);
        }
    }

    /// Wakes the callers whose deadlines have come, and says when to do so again.
    pub(crate) fn wake_due(&self, now: Instant) -> Option<Instant> {
        self.pending.wake_due(now)
    }

    /// The outcome of a one-way call: it ends when a write has begun that includes its frame.
    pub(crate) fn poll_taken(
        &self,
        queued: QueuedOneway,
        cx: &Context<'_>,
    ) -> Poll<Result<(), Error>> {
        self.outbox
            .poll_taken(queued.batch, cx)
            .map_err(|_| match self.reason() {
                Some(reason) => self.lost(ErrorKind::NotSent, &reason),
                None => Error::not_sent(format!("the connection to {} is closed", self.peer)),
            })
    }

    /// Gives up a frame without a reply, which is never sent unless a write of it has begun.
    pub(crate) fn give_up_oneway(&self, queued: QueuedOneway) {
        self.outbox.cancel(queued.seq);
    }

    /// The same, and says whether no write of it has begun.
    pub(crate) fn take_back_oneway(&self, queued: QueuedOneway) -> bool {
        self.outbox.cancel_unless_taken(queued.batch, queued.seq)
    }

    /// Gives a call up: its slot is free at once, and a frame of which no byte has been written is
    /// never sent.
    pub(crate) fn give_up(&self, seq: u64) {
        if self.pending.remove(seq) {
            self.outbox.cancel(seq);
        }
        self.close_if_drained();
    }

    /// Hands the replies of one read to their calls.
    #[inline]
    pub(crate) fn complete(&self, replies: &mut Vec<Frame>) {
        // A reply without a call is the answer to one that was given up.
        let _late = self.pending.complete(replies);
        self.close_if_drained();
    }

    /// Ends one call whose reply was refused.
    pub(crate) fn refuse_reply(&self, seq: u64, refusal: &str) {
        let message = || format!("the reply was refused: {refusal}");
        self.pending.fail(&[seq], |_| Error::unknown(message()));
        self.close_if_drained();
    }

    /// Ends the calls that are due, and says when to look again.
    pub(crate) fn expire(&self, now: Instant) -> Option<Instant> {
        let (due, next) = self.pending.due(now);
        if !due.is_empty() {
            self.end_due(&due);
        }
        next
    }

    fn end_due(&self, due: &[u64]) {
        // Under one lock after the other, and once for all of them. A reply that comes in between is
        // the outcome of its call after all. If the connection is lost in between, a call that was
        // taken back ends with `Unknown` in place of `NotSent`, which is less but not wrong.
        let unsent = self.outbox.take_back(due);
        self.expired.fetch_add(due.len() as u64, Ordering::Relaxed);
        self.pending.fail(due, |seq| {
            if unsent.binary_search(&seq).is_ok() {
                Error::not_sent("the deadline passed while the call waited to be sent")
            } else {
                Error::unknown("the deadline passed before the reply came")
            }
        });
        self.close_if_drained();
    }

    /// Takes no more calls, because the server or the channel has asked for it; those in flight are
    /// still answered.
    pub(crate) fn leave(&self) {
        // In this order: a caller that finds no slot must not be sent to this connection again, so
        // it is no longer `Open` when the first caller is refused. And it drains only when every
        // call that will ever be in the table is in it.
        self.life.advance(State::Open, State::GoingAway);
        self.pending.stop();
        self.life.advance(State::GoingAway, State::Draining);
        self.close_if_drained();
    }

    /// Closes a connection that drains and waits for no reply.
    ///
    /// A task that ends a call looks at the state afterwards, and [`leave`](Self::leave) looks at the
    /// calls after it has changed the state. The lock of the table orders the two, so one of them
    /// sees the other, and the outbox is closed.
    #[inline]
    fn close_if_drained(&self) {
        if self.life.is(State::Draining) && !self.pending.is_waiting() {
            self.outbox.close();
        }
    }

    /// Ends the connection and every call on it: `NotSent` where no byte had left, else `Unknown`. Gives
    /// the reason back if it is this one, and not one from before.
    pub(crate) fn fail(&self, reason: io::Error) -> Option<Arc<io::Error>> {
        if !self.life.close() {
            return None;
        }
        let reason = Arc::new(reason);
        *lock(&self.reason) = Some(Arc::clone(&reason));
        // No write begins after this, so that what is unsent now stays unsent.
        self.outbox.abort();
        let unsent = self.outbox.take_unsent();
        self.pending.close(|seq| {
            let kind = match unsent.binary_search(&seq).is_ok() {
                true => ErrorKind::NotSent,
                false => ErrorKind::Unknown,
            };
            self.lost(kind, &reason)
        });
        self.rearm.notify_one();
        Some(reason)
    }

    #[cold]
    fn lost(&self, kind: ErrorKind, reason: &Arc<io::Error>) -> Error {
        let message = format!("the connection to {} was lost: {reason}", self.peer);
        Error::new(kind, message).with_cause(Arc::clone(reason))
    }
}
