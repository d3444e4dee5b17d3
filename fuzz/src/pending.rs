//! The table of calls as a state machine, beside the simplest one there is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};

use rpcx::ErrorKind;
use rpcx_runtime::fuzzing::{Slot, Table};

/// Calls at once.
const LIMIT: usize = 5;

/// Counts how often it was called.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    Waiting(Option<u64>),
    Done(Result<u64, ErrorKind>),
}

/// The table, and what it must be like.
struct Both {
    table: Table,
    calls: BTreeMap<u64, Call>,
    used: BTreeSet<u64>,
    closed: bool,
    now: u64,
    /// Called when there is room.
    room: Arc<Counter>,
    asked_for_room: bool,
    rooms: usize,
}

/// The input is steps, each a byte for what is done and one for what with.
pub fn pending(data: &[u8]) {
    let mut both = Both {
        table: Table::new(LIMIT),
        calls: BTreeMap::new(),
        used: BTreeSet::new(),
        closed: false,
        now: 0,
        room: Arc::default(),
        asked_for_room: false,
        rooms: 0,
    };
    for step in data.chunks_exact(2).take(500) {
        both.step(step[0], u64::from(step[1]));
        both.check();
    }
    both.end();
}

impl Both {
    fn step(&mut self, what: u8, with: u64) {
        match what % 10 {
            0 | 1 => self.insert(None),
            2 => self.insert(Some(self.now + with)),
            3 => self.complete(with),
            4 => self.poll(with),
            5 => self.remove(with),
            6 => {
                self.now += with;
                let due = self.table.expire(self.now);
                self.expired(&due);
            }
            7 => self.end_late(with),
            8 if with > 250 => self.close(true),
            8 if with > 240 => self.close(false),
            8 => self.table.wake_due(self.now + with),
            _ => {
                self.now += with;
                self.complete_many(with);
            }
        }
    }

    /// One of the calls, or one that is not there.
    fn pick(&self, with: u64) -> u64 {
        let at = with as usize % (self.calls.len() + 1);
        self.calls.keys().nth(at).copied().unwrap_or(with << 24)
    }

    fn insert(&mut self, deadline: Option<u64>) {
        let waker = Waker::from(Arc::clone(&self.room));
        match self.table.insert(&waker, deadline) {
            Slot::Taken(seq) => {
                assert!(!self.closed && self.calls.len() < LIMIT);
                assert!(self.used.insert(seq), "{seq} was used before");
                self.calls.insert(seq, Call::Waiting(deadline));
                // From here on its waker is another one.
                assert!(self.table.poll(seq, Waker::noop()).is_pending());
            }
            Slot::Full => {
                assert!(!self.closed && self.calls.len() == LIMIT);
                self.asked_for_room = true;
            }
            _ => assert!(self.closed),
        }
    }

    fn complete(&mut self, with: u64) {
        let seq = self.pick(with);
        let unknown = self.table.complete(&[seq]);
        assert_eq!(unknown, usize::from(!self.answer(seq)));
    }

    fn complete_many(&mut self, with: u64) {
        let seqs: Vec<_> = (with..with + 3).map(|with| self.pick(with)).collect();
        let unknown = self.table.complete(&seqs);
        let answered = seqs.iter().filter(|seq| self.answer(**seq)).count();
        assert_eq!(unknown + answered, seqs.len());
    }

    fn answer(&mut self, seq: u64) -> bool {
        match self.calls.get_mut(&seq) {
            Some(call @ Call::Waiting(_)) => {
                *call = Call::Done(Ok(seq));
                true
            }
            _ => false,
        }
    }

    fn poll(&mut self, with: u64) {
        let seq = self.pick(with);
        let expected = match self.calls.get(&seq) {
            None => Poll::Ready(Err(ErrorKind::Unknown)),
            Some(Call::Waiting(_)) => Poll::Pending,
            Some(Call::Done(outcome)) => Poll::Ready(*outcome),
        };
        assert_eq!(self.table.poll(seq, Waker::noop()), expected);
        if expected.is_ready() {
            self.free(seq);
        }
    }

    fn remove(&mut self, with: u64) {
        let seq = self.pick(with);
        let waited = matches!(self.calls.get(&seq), Some(Call::Waiting(_)));
        assert_eq!(self.table.remove(seq), waited);
        self.free(seq);
    }

    /// A task that waits for room is told that there is some.
    fn free(&mut self, seq: u64) {
        if self.calls.remove(&seq).is_some() {
            self.told_of_room();
        }
    }

    fn told_of_room(&mut self) {
        let rooms = self.room.0.load(Ordering::SeqCst);
        assert_eq!(rooms > self.rooms, self.asked_for_room);
        (self.rooms, self.asked_for_room) = (rooms, false);
    }

    fn expired(&mut self, due: &[u64]) {
        let now = self.now;
        for (seq, call) in &mut self.calls {
            let is_due = matches!(call, Call::Waiting(Some(deadline)) if *deadline <= now);
            assert_eq!(due.contains(seq), is_due, "{seq} at {now}: {call:?}");
            if is_due {
                *call = Call::Done(Err(ErrorKind::Unknown));
            }
        }
        assert!(due.is_sorted() && due.iter().all(|seq| self.calls.contains_key(seq)));
    }

    fn end_late(&mut self, with: u64) {
        let seq = self.pick(with);
        let due = self.table.due_with(seq, self.now);
        let is_late = match self.calls.get(&seq) {
            Some(Call::Waiting(deadline)) => deadline.is_some_and(|at| at <= self.now),
            _ => false,
        };
        assert_eq!(due.is_some(), is_late);
        if let Some(due) = due {
            self.expired(&due);
        }
    }

    fn close(&mut self, ends_calls: bool) {
        self.closed = true;
        match ends_calls {
            false => self.table.stop(),
            true => self.table.close(),
        }
        self.told_of_room();
        for call in self.calls.values_mut().filter(|_| ends_calls) {
            if let Call::Waiting(_) = call {
                *call = Call::Done(Err(ErrorKind::Unknown));
            }
        }
    }

    fn check(&self) {
        assert_eq!(self.table.in_flight(), self.calls.len());
        if self.closed {
            let waits = |call: &Call| matches!(call, Call::Waiting(_));
            assert_eq!(self.table.is_waiting(), self.calls.values().any(waits));
        }
    }

    /// Each call that is left has one outcome.
    fn end(&mut self) {
        self.close(true);
        for (seq, call) in std::mem::take(&mut self.calls) {
            let Call::Done(outcome) = call else {
                panic!("{seq} waits in a table that is closed");
            };
            assert_eq!(self.table.poll(seq, Waker::noop()), Poll::Ready(outcome));
        }
        assert_eq!(self.table.in_flight(), 0);
    }
}
