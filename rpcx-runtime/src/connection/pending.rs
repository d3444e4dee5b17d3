//! The calls in flight on one connection: a table of slots, and in each the caller's waker or what it
//! is woken for.
//!
//! A sequence number is a slot and a generation:
//!
//! ```text
//!   63                          24 23                0
//!   +-----------------------------+-------------------+
//!   | generation, counts up       | slot              |
//!   +-----------------------------+-------------------+
//! ```
//!
//! so a reply finds its slot without a hash, and a late reply to a call that was given up does not
//! meet the call that uses the slot now. Slots and their memory are reused: a call allocates nothing
//! here, and needs no channel.
//!
//! A slot goes from `Waiting` to `Done` once, under the lock: of a reply, a deadline and the end of the
//! connection the first one is the outcome, and the others find a slot that is done or gone. The task
//! that makes it `Done` takes the waker, and wakes after the lock is released: a task that is woken
//! asks for the lock at once. `loom/src/pending.rs` runs this in every order of its steps.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use slab::Slab;
use tokio::time::Instant;

use crate::error::Error;
use crate::protocol::Frame;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Mutex, lock};

/// Bits of a sequence number that are the slot: 16 million calls at once, and a generation that
/// lasts for 2^40 calls.
const SLOT_BITS: u32 = 24;

/// Wakers that are collected under the lock before they are called without it: what one read brings as
/// a rule, and little enough for the stack.
const WAKE_AT_ONCE: usize = 64;

/// Between two searches for calls that are due, for each call in flight. A search looks at all of them,
/// so calls with many different deadlines would otherwise cost the square of their number. With 16,384
/// calls a deadline may be 16 ms late, and the searches take a few percent of one thread.
const SEARCH_PAUSE: Duration = Duration::from_micros(1);

/// Between two wake-ups of a caller that did not end its call at the first one: its own clock may be behind, as
/// a paused one is. And between two looks at a table in which deadlines come all the time.
const WAKE_AGAIN: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(crate) struct Pending {
    table: Mutex<Table>,
    /// As many as there are slots in use. Outside of the lock for those that only count.
    in_flight: AtomicUsize,
    limit: usize,
}

#[derive(Debug)]
struct Table {
    slots: Slab<Slot>,
    generation: u64,
    /// When to look for calls that are due. It may be earlier than needed, when the call with this
    /// deadline has ended already.
    next_deadline: Option<Instant>,
    closed: bool,
    /// In a closed table no slot below this one waits. So to ask after each of n calls whether it was
    /// the last one looks at n slots in all.
    drained: usize,
    /// Tasks that wait for a slot.
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
            drained: 0,
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

    /// Whether a call waits for its reply, in a table that is closed. A call that has its reply and
    /// has not asked for it yet does not.
    pub(crate) fn is_waiting(&self) -> bool {
        let table = &mut *lock(&self.table);
        while table.drained < table.slots.capacity() {
            let slot = table.slots.get(table.drained);
            if slot.is_some_and(|slot| matches!(slot.state, State::Waiting(_))) {
                return true;
            }
            table.drained += 1;
        }
        false
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

    /// Frees the slot of a call that is given up. True if it was still waiting.
    pub(crate) fn remove(&self, seq: u64) -> bool {
        let mut table = lock(&self.table);
        table.get(seq).is_some() && matches!(self.free(&mut table, seq), Some(State::Waiting(_)))
    }

    /// Hands the replies of one read to their calls. The result is how many had none.
    #[inline]
    pub(crate) fn complete(&self, replies: &mut Vec<Frame>) -> usize {
        // Most reads bring one, and room for the wakers of many would be cleared and searched for it.
        if replies.len() == 1
            && let Some(frame) = replies.pop()
        {
            return self.complete_one(frame);
        }
        let mut unknown = 0;
        while !replies.is_empty() {
            unknown += self.complete_some(replies);
        }
        unknown
    }

    #[inline]
    fn complete_one(&self, frame: Frame) -> usize {
        let woken = match lock(&self.table).get_waiting(frame.header.seq) {
            Some(slot) => slot.finish(Ok(frame)),
            None => return 1,
        };
        if let Some(waker) = woken {
            waker.wake();
        }
        0
    }

    /// The first of several replies, as many as are completed under one lock.
    fn complete_some(&self, replies: &mut Vec<Frame>) -> usize {
        let mut unknown = 0;
        let mut woken = [const { None }; WAKE_AT_ONCE];
        let count = replies.len().min(WAKE_AT_ONCE);
        {
            let mut table = lock(&self.table);
            for (at, frame) in replies.drain(..count).enumerate() {
                match table.get_waiting(frame.header.seq) {
                    Some(slot) => woken[at] = slot.finish(Ok(frame)),
                    None => unknown += 1,
                }
            }
        }
        woken.into_iter().flatten().for_each(Waker::wake);
        unknown
    }

    /// Ends these calls, as far as they are still waiting, with the error that `why` makes for each.
    pub(crate) fn fail(&self, seqs: &[u64], why: impl Fn(u64) -> Error) {
        let woken: Vec<_> = {
            let mut table = lock(&self.table);
            let ended = seqs.iter().filter_map(|&seq| {
                let slot = table.get(seq)?;
                matches!(slot.state, State::Waiting(_)).then(|| slot.finish(Err(why(seq))))?
            });
            ended.collect()
        };
        woken.into_iter().for_each(Waker::wake);
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
            let open = table.slots.iter_mut().map(|(_, slot)| slot);
            let ended = open
                .filter(|slot| matches!(slot.state, State::Waiting(_)))
                .filter_map(|slot| slot.finish(Err(why(slot.seq))));
            waiting.into_iter().chain(ended).collect()
        };
        woken.into_iter().for_each(Waker::wake);
    }

    /// The calls whose deadline has come, sorted, and when to ask again. They are still waiting: what
    /// they end with depends on where their frames are, and that is looked up without this lock. Each is told
    /// once, so that only one task looks that up.
    pub(crate) fn due(&self, now: Instant) -> (Vec<u64>, Option<Instant>) {
        let mut table = lock(&self.table);
        if table.next_deadline.is_none_or(|next| next > now) {
            return (Vec::new(), table.next_deadline);
        }
        table.search(now)
    }

    /// The same without a pause between two searches, for a caller that finds that its own deadline has
    /// passed. None if it has not.
    #[cold]
    pub(crate) fn due_with(&self, seq: u64, now: Instant) -> Option<Vec<u64>> {
        let mut table = lock(&self.table);
        let slot = table.get_waiting(seq)?;
        slot.is_due(now).then(|| table.search(now).0)
    }

    /// Wakes the callers whose deadlines have come, each of which looks at its own clock then. Says when to
    /// do so again: [`insert`](Self::insert) tells of a deadline that comes before.
    pub(crate) fn wake_due(&self, now: Instant) -> Option<Instant> {
        let (woken, next) = {
            let table = &mut *lock(&self.table);
            let (mut woken, mut next) = (Vec::new(), None::<Instant>);
            for (_, slot) in &table.slots {
                let (State::Waiting(waker), Some(deadline)) = (&slot.state, slot.deadline) else {
                    continue;
                };
                if deadline <= now {
                    woken.push(waker.clone());
                }
                let again = deadline.max(now + WAKE_AGAIN);
                next = Some(next.map_or(again, |next| next.min(again)));
            }
            if next.is_none() {
                table.next_deadline = None;
            }
            (woken, next)
        };
        woken.into_iter().for_each(Waker::wake);
        next
    }

    fn free(&self, table: &mut Table, seq: u64) -> Option<State> {
        let slot = table.slots.try_remove(slot_of(seq))?;
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        // All of them: the first may have been given up, and would take the wake-up along.
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

    fn get_waiting(&mut self, seq: u64) -> Option<&mut Slot> {
        self.get(seq)
            .filter(|slot| matches!(slot.state, State::Waiting(_)))
    }

    fn search(&mut self, now: Instant) -> (Vec<u64>, Option<Instant>) {
        let (mut due, mut next) = (Vec::new(), None::<Instant>);
        for (_, slot) in &mut self.slots {
            match (&slot.state, slot.deadline) {
                (State::Waiting(_), Some(deadline)) if deadline <= now => {
                    slot.deadline = None;
                    due.push(slot.seq);
                }
                (State::Waiting(_), Some(deadline)) => {
                    next = Some(next.map_or(deadline, |next| next.min(deadline)));
                }
                _ => {}
            }
        }
        due.sort_unstable();
        let pause = SEARCH_PAUSE.saturating_mul(self.slots.len() as u32);
        self.next_deadline = next.map(|next| next.max(now + pause));
        (due, self.next_deadline)
    }
}

impl Slot {
    fn is_due(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

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
        // An interpreter takes its time.
        let steps = if cfg!(miri) { 60 } else { 20_000 };
        for _ in 0..steps {
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
        assert_eq!(pending.due(now), (vec![], at(1)));
        let (due, next) = pending.due(now + Duration::from_secs(2));
        assert_eq!((&due[..], next), (&[soon][..], at(5)));
        pending.fail(&due, |_| Error::unknown("late"));
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

    /// What the thread does that looks after connections whose runtime does not run.
    #[test]
    fn callers_that_are_late_are_woken() {
        let pending = Pending::new(8);
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let soon = insert(&pending, Some(at(1)));
        insert(&pending, Some(at(5)));
        assert_eq!(pending.wake_due(now), Some(at(1)));
        assert_eq!(pending.wake_due(at(2)), Some(at(2) + WAKE_AGAIN));
        assert_eq!(pending.due_with(soon, now), None);
        assert_eq!(pending.due_with(soon, at(2)), Some(vec![soon]));
        assert!(pending.remove(soon));
        assert_eq!(pending.wake_due(at(2)), Some(at(5)));
    }

    /// A deadline that nothing looks at any more does not hide the next one.
    #[test]
    fn a_table_without_deadlines_tells_of_the_next_one() {
        let pending = Pending::new(8);
        let now = Instant::now();
        let is_first = |deadline| match pending.insert(Waker::noop(), Some(deadline)) {
            Insert::Slot { seq, first } => (seq, first),
            other => panic!("{other:?}"),
        };
        let (given_up, _) = is_first(now + Duration::from_secs(1));
        assert!(pending.remove(given_up));
        let later = now + Duration::from_secs(2);
        assert!(!is_first(later).1);
        pending.close(|_| Error::unknown("gone"));
        assert_eq!(pending.wake_due(now), None);

        let pending = Pending::new(8);
        let given_up = insert(&pending, Some(now));
        assert!(pending.remove(given_up));
        assert_eq!(pending.wake_due(later), None);
        let next = pending.insert(Waker::noop(), Some(later));
        assert!(matches!(next, Insert::Slot { first: true, .. }));
    }

    /// Calls with a deadline of their own each: a search looked at all of them for each.
    #[test]
    fn many_deadlines_are_met_with_few_searches() {
        let calls = if cfg!(miri) { 30 } else { 16_000 };
        let pending = Pending::new(calls as usize);
        let begin = Instant::now();
        let spread = Duration::from_millis(160) / calls;
        for call in 0..calls {
            insert(&pending, Some(begin + spread * call));
        }
        let (mut now, mut searches, mut looked_at) = (begin, 0, 0);
        loop {
            searches += 1;
            looked_at += pending.in_flight();
            let (due, next) = pending.due(now);
            pending.fail(&due, |_| Error::unknown("late"));
            for seq in due {
                assert!(poll(&pending, seq).is_ready());
            }
            let Some(next) = next else { break };
            let late = next - now;
            assert!(late <= Duration::from_millis(17), "{late:?}");
            now = next;
        }
        assert_eq!(pending.in_flight(), 0);
        assert!(searches < 1000, "{searches} searches");
        assert!(looked_at < 20 * calls as usize, "{looked_at} slots");
    }

    #[test]
    fn to_look_for_the_last_call_does_not_begin_anew_each_time() {
        let pending = Pending::new(100);
        let calls = if cfg!(miri) { 20 } else { 100 };
        let seqs: Vec<_> = (0..calls).map(|_| insert(&pending, None)).collect();
        pending.stop();
        for (at, &seq) in seqs.iter().enumerate() {
            assert!(pending.is_waiting());
            assert_eq!(lock(&pending.table).drained, at);
            assert!(pending.remove(seq));
        }
        assert!(!pending.is_waiting());
    }
}
