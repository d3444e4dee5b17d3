//! The calls in flight on one connection.

use std::task::{Context, Poll, Waker};

use slab::Slab;
use tokio::time::Instant;

use crate::error::Error;
use crate::protocol::Frame;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Mutex, lock};

/// Bits of a sequence number that are the slot; the rest counts up, so that a late reply to a
/// call that was given up cannot meet the call that uses its slot now.
const SLOT_BITS: u32 = 24;

/// Wakers that are collected under the lock before they are called without it.
const WAKE_AT_ONCE: usize = 64;

/// Reused slots with a waker each: no channel, no hash and no allocation for a call.
#[derive(Debug)]
pub(crate) struct Pending {
    table: Mutex<Table>,
    in_flight: AtomicUsize,
    limit: usize,
}

#[derive(Debug)]
struct Table {
    slots: Slab<Slot>,
    generation: u64,
    /// Not later than any slot's deadline.
    next_deadline: Option<Instant>,
    closed: bool,
    waiting: Vec<Waker>,
}

#[derive(Debug)]
struct Slot {
    seq: u64,
    deadline: Option<Instant>,
    state: State,
}

#[derive(Debug)]
enum State {
    Waiting(Waker),
    Done(Result<Frame, Error>),
}

/// What came of asking for a slot.
#[derive(Debug)]
pub(crate) enum Insert {
    /// The call's sequence number, and whether its deadline is now the first of all.
    Slot { seq: u64, first: bool },
    /// The limit is reached; the waker is called when there is room.
    Full,
    /// The connection is gone.
    Closed,
}

impl Pending {
    /// `limit` is how many calls may be in flight.
    pub(crate) fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, (1 << SLOT_BITS) - 1);
        let table = Table {
            slots: Slab::new(),
            generation: 0,
            next_deadline: None,
            closed: false,
            waiting: Vec::new(),
        };
        Self {
            table: Mutex::new(table),
            in_flight: AtomicUsize::new(0),
            limit,
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Whether a call waits for its reply; one that has it and was not asked for it does not.
    pub(crate) fn is_waiting(&self) -> bool {
        let table = lock(&self.table);
        let mut slots = table.slots.iter();
        slots.any(|(_, slot)| matches!(slot.state, State::Waiting(_)))
    }

    /// Takes a slot for a call that ends at `deadline` at the latest.
    #[inline]
    pub(crate) fn insert(&self, waker: &Waker, deadline: Option<Instant>) -> Insert {
        let mut table = lock(&self.table);
        if table.closed {
            return Insert::Closed;
        }
        if table.slots.len() >= self.limit {
            if !table.waiting.iter().any(|waiting| waiting.will_wake(waker)) {
                table.waiting.push(waker.clone());
            }
            return Insert::Full;
        }
        table.generation += 1;
        let generation = table.generation;
        let entry = table.slots.vacant_entry();
        let seq = generation << SLOT_BITS | entry.key() as u64;
        entry.insert(Slot {
            seq,
            deadline,
            state: State::Waiting(waker.clone()),
        });
        let first = match (deadline, table.next_deadline) {
            (Some(deadline), Some(next)) => deadline < next,
            (deadline, _) => deadline.is_some(),
        };
        if first {
            table.next_deadline = deadline;
        }
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Insert::Slot { seq, first }
    }

    /// The outcome of a call; its slot is free afterwards.
    #[inline]
    pub(crate) fn poll(&self, seq: u64, cx: &Context<'_>) -> Poll<Result<Frame, Error>> {
        let mut table = lock(&self.table);
        let Some(slot) = table.get(seq) else {
            return Poll::Ready(Err(Error::unknown(
                "the call was polled after it had ended",
            )));
        };
        if let State::Waiting(waker) = &mut slot.state {
            waker.clone_from(cx.waker());
            return Poll::Pending;
        }
        match self.free(&mut table, seq) {
            Some(State::Done(outcome)) => Poll::Ready(outcome),
            _ => Poll::Pending,
        }
    }

    /// Frees the slot of a call that is given up. Says whether it had still been waiting.
    pub(crate) fn remove(&self, seq: u64) -> bool {
        let mut table = lock(&self.table);
        table.get(seq).is_some() && matches!(self.free(&mut table, seq), Some(State::Waiting(_)))
    }

    /// Hands the replies of one read to their calls. Replies that no call waits for are counted.
    #[inline]
    pub(crate) fn complete(&self, replies: &mut Vec<Frame>) -> usize {
        let mut unknown = 0;
        while !replies.is_empty() {
            let mut woken = [const { None }; WAKE_AT_ONCE];
            let count = replies.len().min(WAKE_AT_ONCE);
            {
                let mut table = lock(&self.table);
                for (at, frame) in replies.drain(..count).enumerate() {
                    let waiting = table
                        .get(frame.header.seq)
                        .filter(|slot| matches!(slot.state, State::Waiting(_)));
                    match waiting {
                        Some(slot) => woken[at] = slot.finish(Ok(frame)),
                        None => unknown += 1,
                    }
                }
            }
            woken.into_iter().flatten().for_each(Waker::wake);
        }
        unknown
    }

    /// Ends one call that is still waiting.
    pub(crate) fn fail(&self, seq: u64, error: Error) {
        let waker = lock(&self.table)
            .get(seq)
            .and_then(|slot| match slot.state {
                State::Waiting(_) => slot.finish(Err(error)),
                State::Done(_) => None,
            });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes no more calls; those that wait go on.
    pub(crate) fn stop(&self) {
        let waiting = {
            let mut table = lock(&self.table);
            table.closed = true;
            std::mem::take(&mut table.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Ends every call with the error that `why` makes for it, and takes no more.
    pub(crate) fn close(&self, why: impl Fn(u64) -> Error) {
        let woken: Vec<_> = {
            let mut table = lock(&self.table);
            table.closed = true;
            let waiting = std::mem::take(&mut table.waiting);
            let ended = table.end_where(|_| true, &why);
            waiting.into_iter().chain(ended).collect()
        };
        woken.into_iter().for_each(Waker::wake);
    }

    /// Ends the calls whose deadline has come, and says when the next one does.
    pub(crate) fn expire(&self, now: Instant, why: impl Fn(u64) -> Error) -> Option<Instant> {
        let (woken, next) = {
            let mut table = lock(&self.table);
            if table.next_deadline.is_none_or(|next| next > now) {
                return table.next_deadline;
            }
            let due = |slot: &Slot| slot.deadline.is_some_and(|deadline| deadline <= now);
            let woken = table.end_where(due, &why);
            table.next_deadline = table
                .slots
                .iter()
                .filter(|(_, slot)| matches!(slot.state, State::Waiting(_)))
                .filter_map(|(_, slot)| slot.deadline)
                .min();
            (woken, table.next_deadline)
        };
        woken.into_iter().for_each(Waker::wake);
        next
    }

    fn free(&self, table: &mut Table, seq: u64) -> Option<State> {
        let slot = table.slots.try_remove(slot_of(seq))?;
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        table.waiting.drain(..).for_each(Waker::wake);
        Some(slot.state)
    }
}

impl Table {
    fn get(&mut self, seq: u64) -> Option<&mut Slot> {
        self.slots
            .get_mut(slot_of(seq))
            .filter(|slot| slot.seq == seq)
    }

    fn end_where(
        &mut self,
        ends: impl Fn(&Slot) -> bool,
        why: &impl Fn(u64) -> Error,
    ) -> Vec<Waker> {
        let waiting = self
            .slots
            .iter_mut()
            .filter(|(_, slot)| matches!(slot.state, State::Waiting(_)) && ends(slot));
        waiting
            .filter_map(|(_, slot)| slot.finish(Err(why(slot.seq))))
            .collect()
    }
}

impl Slot {
    fn finish(&mut self, outcome: Result<Frame, Error>) -> Option<Waker> {
        match std::mem::replace(&mut self.state, State::Done(outcome)) {
            State::Waiting(waker) => Some(waker),
            State::Done(_) => None,
        }
    }
}

fn slot_of(seq: u64) -> usize {
    (seq & ((1 << SLOT_BITS) - 1)) as usize
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::ErrorKind;
    use crate::protocol::Codec;
    use crate::protocol::{Decoded, Decoder, FrameEncoder, FrameLimits, Header, Metadata};

    fn reply(seq: u64) -> Frame {
        let mut out = Vec::new();
        let header = Header::request(seq, Codec::RAW).reply();
        let mut frame = FrameEncoder::new(&mut out, header);
        frame.names(b"A", b"B");
        frame.metadata(&Metadata::new());
        frame.payload(&seq.to_be_bytes());
        frame.finish().unwrap();
        match Decoder::new(FrameLimits::CLIENT).decode(&mut out[..].into()) {
            Ok(Decoded::Frame(frame)) => frame,
            other => panic!("{other:?}"),
        }
    }

    fn insert(pending: &Pending, deadline: Option<Instant>) -> u64 {
        match pending.insert(Waker::noop(), deadline) {
            Insert::Slot { seq, .. } => seq,
            other => panic!("{other:?}"),
        }
    }

    fn poll(pending: &Pending, seq: u64) -> Poll<Result<Frame, Error>> {
        pending.poll(seq, &Context::from_waker(Waker::noop()))
    }

    /// Random steps against the simplest table there is: a map from call to outcome.
    #[test]
    fn behaves_like_a_map() {
        fastrand::seed(7);
        let pending = Pending::new(8);
        let mut waiting: Vec<u64> = Vec::new();
        let mut used = std::collections::HashSet::new();
        for _ in 0..20_000 {
            match fastrand::u8(0..4) {
                0 if waiting.len() < 8 => {
                    let seq = insert(&pending, None);
                    assert!(used.insert(seq), "{seq} was used before");
                    waiting.push(seq);
                }
                0 => assert!(matches!(pending.insert(Waker::noop(), None), Insert::Full)),
                1 if !waiting.is_empty() => {
                    let seq = waiting.swap_remove(fastrand::usize(0..waiting.len()));
                    let unknown = pending.complete(&mut vec![reply(seq), reply(seq), reply(1)]);
                    assert_eq!(unknown, 2);
                    let Poll::Ready(Ok(frame)) = poll(&pending, seq) else {
                        panic!("{seq}")
                    };
                    assert_eq!(frame.payload(), seq.to_be_bytes());
                }
                2 if !waiting.is_empty() => {
                    let seq = waiting.swap_remove(fastrand::usize(0..waiting.len()));
                    assert!(pending.remove(seq));
                    assert!(!pending.remove(seq));
                    assert_eq!(pending.complete(&mut vec![reply(seq)]), 1);
                }
                _ => assert!(waiting.iter().all(|seq| poll(&pending, *seq).is_pending())),
            }
            assert_eq!(pending.in_flight(), waiting.len());
        }
    }

    #[test]
    fn deadlines_end_the_calls_that_are_due() {
        let pending = Pending::new(8);
        let now = Instant::now();
        let at = |seconds| Some(now + Duration::from_secs(seconds));
        let (soon, late, never) = (
            insert(&pending, at(1)),
            insert(&pending, at(5)),
            insert(&pending, None),
        );
        assert_eq!(pending.expire(now, |_| unreachable!()), at(1));
        let due = now + Duration::from_secs(2);
        assert_eq!(pending.expire(due, |_| Error::unknown("late")), at(5));
        assert!(
            matches!(poll(&pending, soon), Poll::Ready(Err(e)) if e.kind() == ErrorKind::Unknown)
        );
        assert!(poll(&pending, late).is_pending() && poll(&pending, never).is_pending());
        pending.close(|_| Error::unknown("gone"));
        assert!(poll(&pending, never).is_ready());
        assert!(matches!(
            pending.insert(Waker::noop(), None),
            Insert::Closed
        ));
    }
}
