//! Each call has one outcome, its own; and a task that waits for a slot is woken.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use loom::future::block_on;
use loom::thread;
use tokio::time::Instant;

use crate::check;
use crate::connection::pending::{Insert, Pending};
use crate::error::{Error, ErrorKind};
use crate::frames::reply;
use crate::sync::Notify;

/// Waits for a slot. The result is its sequence number, unless the table is closed.
fn insert(pending: &Pending, deadline: Option<Instant>) -> Option<u64> {
    block_on(poll_fn(|cx| match pending.insert(cx.waker(), deadline) {
        Insert::Slot { seq, .. } => Poll::Ready(Some(seq)),
        Insert::Full => Poll::Pending,
        Insert::Closed => Poll::Ready(None),
    }))
}

fn outcome(pending: &Pending, seq: u64) -> Result<u64, ErrorKind> {
    let outcome = block_on(poll_fn(|cx| pending.poll(seq, cx)));
    outcome
        .map(|frame| frame.header.seq)
        .map_err(|error| error.kind())
}

/// One slot and two callers: the second gets the slot when the first call has ended, and each gets
/// its own reply.
pub fn callers_that_wait_for_a_slot() {
    check(2, || {
        let pending = Arc::new(Pending::new(1));
        let call = |pending: &Pending| {
            let seq = insert(pending, None).unwrap();
            // The server is as fast as can be.
            pending.complete(&mut vec![reply(seq)]);
            assert_eq!(outcome(pending, seq), Ok(seq));
        };
        let other = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || call(&pending))
        };
        call(&pending);
        other.join().unwrap();
        assert_eq!(pending.in_flight(), 0);
    });
}

/// A caller that waits is woken by its reply.
pub fn a_reply_wakes_its_caller() {
    check(3, || {
        let pending = Arc::new(Pending::new(2));
        let seq = insert(&pending, None).unwrap();
        let reading = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || pending.complete(&mut vec![reply(seq), reply(seq)]))
        };
        assert_eq!(outcome(&pending, seq), Ok(seq));
        assert_eq!(reading.join().unwrap(), 1, "the second reply has no call");
    });
}

/// The reply to a call that was given up does not meet the next call, which has the same slot.
pub fn a_late_reply_beside_the_next_call() {
    check(3, || {
        let pending = Arc::new(Pending::new(1));
        let first = insert(&pending, None).unwrap();
        let reading = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || pending.complete(&mut vec![reply(first)]))
        };
        let waited = pending.remove(first);
        let next = insert(&pending, None).unwrap();
        assert_eq!(reading.join().unwrap(), usize::from(waited));
        assert_eq!(pending.complete(&mut vec![reply(next)]), 0);
        assert_eq!(outcome(&pending, next), Ok(next));
    });
}

/// A caller waits for the slot of a call that is given up.
pub fn a_slot_that_is_given_up() {
    check(3, || {
        let pending = Arc::new(Pending::new(1));
        let first = insert(&pending, None).unwrap();
        let waiting = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || insert(&pending, None).unwrap())
        };
        pending.remove(first);
        assert_ne!(waiting.join().unwrap(), first);
    });
}

/// A reply and the deadline at once: one of them is the outcome.
pub fn a_reply_beside_the_deadline() {
    check(3, || {
        let pending = Arc::new(Pending::new(2));
        let now = Instant::now();
        let seq = insert(&pending, Some(now)).unwrap();
        let clock = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || {
                let (due, next) = pending.due(now);
                assert_eq!(next, None, "nothing more is due");
                pending.fail(&due, |_| Error::unknown("late"));
            })
        };
        let reading = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || pending.complete(&mut vec![reply(seq)]))
        };
        let outcome = outcome(&pending, seq);
        let unknown = reading.join().unwrap();
        clock.join().unwrap();
        match outcome {
            Ok(answered) => assert_eq!((answered, unknown), (seq, 0)),
            Err(kind) => assert_eq!((kind, unknown), (ErrorKind::Unknown, 1)),
        }
        assert_eq!(pending.in_flight(), 0);
    });
}

/// The clock sleeps until the first deadline, also when a call with an earlier one has come.
pub fn an_earlier_deadline_beside_the_clock() {
    check(3, || {
        let pending = Arc::new(Pending::new(4));
        let rearm = Arc::new(Notify::new());
        let now = Instant::now();
        let (late, soon) = (now + Duration::from_secs(20), now + Duration::from_secs(10));
        assert!(insert(&pending, Some(late)).is_some());
        let clock = {
            let (pending, rearm) = (Arc::clone(&pending), Arc::clone(&rearm));
            thread::spawn(move || {
                while pending.due(now) != (vec![], Some(soon)) {
                    block_on(rearm.notified());
                }
            })
        };
        let Insert::Slot { first, .. } = pending.insert(Waker::noop(), Some(soon)) else {
            panic!("there is room");
        };
        assert!(first);
        rearm.notify_one();
        clock.join().unwrap();
    });
}

/// A connection ends beside a call that begins: the call gets no slot, or it ends.
pub fn the_end_beside_a_new_call() {
    check(3, || {
        let pending = Arc::new(Pending::new(1));
        let calling = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || {
                let seq = insert(&pending, None)?;
                Some(outcome(&pending, seq))
            })
        };
        pending.close(|_| Error::unknown("gone"));
        let came = calling.join().unwrap();
        assert!(
            matches!(came, None | Some(Err(ErrorKind::Unknown))),
            "{came:?}"
        );
        assert_eq!(pending.in_flight(), 0);
    });
}

/// A caller waits for a slot of a connection that takes no more calls, or is lost.
pub fn the_end_beside_a_caller_that_waits_for_a_slot() {
    check(3, || {
        let pending = Arc::new(Pending::new(1));
        let first = insert(&pending, None).unwrap();
        let waiting = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || insert(&pending, None))
        };
        pending.stop();
        assert_eq!(waiting.join().unwrap(), None);
        for _ in 0..2 {
            assert!(pending.is_waiting(), "the call that has a slot goes on");
        }
        assert!(pending.remove(first));
    });
    check(3, || {
        let pending = Arc::new(Pending::new(1));
        insert(&pending, None).unwrap();
        let waiting = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || insert(&pending, None))
        };
        pending.close(|_| Error::unknown("gone"));
        assert_eq!(waiting.join().unwrap(), None);
    });
}

/// One of two callers that wait for a slot has been given up since: it does not take the wake-up along.
pub fn a_slot_that_two_wait_for_of_which_one_is_gone() {
    check(3, || {
        let pending = Arc::new(Pending::new(1));
        let first = insert(&pending, None).unwrap();
        let waiting = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || insert(&pending, None).unwrap())
        };
        let gone = pending.insert(Waker::noop(), None);
        assert!(matches!(gone, Insert::Full));
        pending.remove(first);
        assert_ne!(waiting.join().unwrap(), first);
    });
}

/// A reply that was handed to its call stays the outcome, though the connection ends before the call asks.
pub fn a_reply_beside_the_end() {
    check(3, || {
        let pending = Arc::new(Pending::new(1));
        let seq = insert(&pending, None).unwrap();
        let reading = {
            let pending = Arc::clone(&pending);
            thread::spawn(move || pending.complete(&mut vec![reply(seq)]))
        };
        pending.close(|_| Error::unknown("gone"));
        let unknown = reading.join().unwrap();
        match outcome(&pending, seq) {
            Ok(answered) => assert_eq!((answered, unknown), (seq, 0)),
            Err(kind) => assert_eq!((kind, unknown), (ErrorKind::Unknown, 1)),
        }
    });
}
