//! A client's connection: no call is left without an outcome, whatever else ends.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use loom::future::block_on;
use loom::thread::{self, JoinHandle};
use tokio::time::Instant;

use crate::check;
use crate::connection::Outbox;
use crate::connection::calls::{Calls, Started};
use crate::error::{Error, ErrorKind};
use crate::frames::{append, reply, seqs};
use crate::stream::{Habit, Record, Stream};

const HOUR: Duration = Duration::from_secs(3600);

fn connection() -> (Arc<Calls>, Record) {
    connection_of(1)
}

fn connection_of(calls: usize) -> (Arc<Calls>, Record) {
    let (stream, record) = Stream::new(Habit::Takes);
    let outbox = Outbox::new(Box::new(stream), 1 << 20);
    (
        Arc::new(Calls::new("peer".to_owned(), outbox, calls)),
        record,
    )
}

/// The writer task, which ends the connection as the client's does.
fn writer(calls: &Arc<Calls>) -> JoinHandle<()> {
    let calls = Arc::clone(calls);
    thread::spawn(move || {
        block_on(calls.outbox().run(HOUR)).unwrap();
        let _ = calls.fail(io::Error::other("closed by this side"));
    })
}

/// Waits for a slot; `None` if the connection takes no more.
fn begin(calls: &Calls, deadline: Option<Instant>) -> Option<u64> {
    block_on(poll_fn(|cx| {
        match calls.begin(cx, deadline, |seq, out| append(seq)(out)) {
            Started::Queued(seq) => Poll::Ready(Some(seq)),
            Started::Full => Poll::Pending,
            Started::Closed => Poll::Ready(None),
        }
    }))
}

fn outcome(calls: &Calls, seq: u64) -> Result<u64, Error> {
    let outcome = block_on(poll_fn(|cx| match calls.poll(seq, cx) {
        Poll::Pending => {
            calls.end_if_late(seq);
            Poll::Pending
        }
        outcome => outcome,
    }));
    outcome.map(|frame| frame.header.seq)
}

/// The connection is lost beside a call: the call ends, and `NotSent` is said of it only if no byte
/// has left.
pub fn a_lost_connection_beside_a_call() {
    check(3, || {
        let (calls, record) = connection();
        let calling = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || {
                let seq = begin(&calls, None)?;
                Some((seq, outcome(&calls, seq).unwrap_err()))
            })
        };
        let _ = calls.fail(io::Error::other("reset"));
        let written = seqs(&record.bytes());
        match calling.join().unwrap() {
            None => assert_eq!(written, [0; 0]),
            Some((seq, error)) => {
                assert!(error.message().contains("reset"), "{error}");
                assert_eq!(error.kind() == ErrorKind::Unknown, written == [seq]);
            }
        }
        assert_eq!(calls.in_flight(), 0);
    });
}

/// Two tasks find the connection broken: one of them tells it, with its own reason, and the clock sleeps no longer.
pub fn a_connection_that_is_lost_twice() {
    check(2, || {
        let (calls, _record) = connection();
        let fail = |calls: &Calls| calls.fail(io::Error::other("reset")).is_some();
        let failing = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || fail(&calls))
        };
        let clock = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || {
                while !calls.is_closed() {
                    block_on(calls.rearm.notified());
                }
            })
        };
        let here = fail(&calls);
        assert_ne!(failing.join().unwrap(), here);
        clock.join().unwrap();
        assert!(calls.reason().is_some());
    });
}

/// The clock sleeps until there is a deadline, and learns of the first one.
pub fn a_first_deadline_beside_the_clock() {
    check(3, || {
        let (calls, _record) = connection();
        let now = Instant::now();
        let clock = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || {
                while calls.expire(now).is_none() {
                    block_on(calls.rearm.notified());
                }
            })
        };
        begin(&calls, Some(now + HOUR)).unwrap();
        clock.join().unwrap();
    });
}

/// The connection is asked to go while the deadline of its only call passes.
pub fn a_leaving_connection_beside_a_deadline() {
    check(3, || {
        let (calls, _record) = connection();
        let now = Instant::now();
        let seq = begin(&calls, Some(now)).unwrap();
        let clock = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || calls.expire(now))
        };
        calls.leave();
        block_on(calls.outbox().run(HOUR)).unwrap();
        clock.join().unwrap();
        assert!(outcome(&calls, seq).is_err());
    });
}

/// The connection is asked to go beside a call: the call gets no slot, or its reply; and when it has
/// it, the outbox is closed.
pub fn a_leaving_connection_beside_a_call() {
    check(3, || {
        let (calls, record) = connection();
        let calling = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || {
                let Some(seq) = begin(&calls, None) else {
                    assert!(!calls.is_open(), "it would ask this connection again");
                    return None;
                };
                calls.complete(&mut vec![reply(seq)]);
                Some((seq, outcome(&calls, seq).unwrap()))
            })
        };
        calls.leave();
        assert!(!calls.is_open());
        // Ends if, and only if, the outbox is closed.
        block_on(calls.outbox().run(HOUR)).unwrap();
        let answered = calling.join().unwrap();
        let written = seqs(&record.bytes());
        match answered {
            None => assert_eq!(written, [0; 0]),
            Some((seq, reply)) => assert_eq!((reply, &written[..]), (seq, &[seq][..])),
        }
    });
}

/// The connection is asked to go, and has a call: one that waits for its slot learns that there will be none, and is not
/// sent to this connection again.
pub fn a_leaving_connection_beside_a_call_that_waits() {
    check(3, || {
        let (calls, _record) = connection();
        let first = begin(&calls, None).unwrap();
        let waiting = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || {
                assert_eq!(begin(&calls, None), None);
                assert!(!calls.is_open(), "it would ask this connection again");
            })
        };
        calls.leave();
        waiting.join().unwrap();
        calls.complete(&mut vec![reply(first)]);
        assert_eq!(outcome(&calls, first).unwrap(), first);
        block_on(calls.outbox().run(HOUR)).unwrap();
    });
}

/// The connection is asked to go while its only call ends and another one begins: it is not closed as long as that one waits.
pub fn a_leaving_connection_beside_the_last_call_and_a_new_one() {
    check(2, || {
        let (calls, _record) = connection_of(2);
        let first = begin(&calls, None).unwrap();
        let reading = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || calls.complete(&mut vec![reply(first)]))
        };
        let calling = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || {
                let Some(seq) = begin(&calls, None) else {
                    return;
                };
                assert!(!calls.outbox().is_ended(), "a call waits");
                calls.complete(&mut vec![reply(seq)]);
            })
        };
        calls.leave();
        calling.join().unwrap();
        reading.join().unwrap();
        block_on(calls.outbox().run(HOUR)).unwrap();
    });
}

/// The only call of a connection that is asked to go is given up.
pub fn a_leaving_connection_beside_a_call_that_is_given_up() {
    check(3, || {
        let (calls, _record) = connection();
        let seq = begin(&calls, None).unwrap();
        let leaving = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || calls.leave())
        };
        calls.give_up(seq);
        block_on(calls.outbox().run(HOUR)).unwrap();
        leaving.join().unwrap();
    });
}

/// A call waits for a slot; the call that has it is given up, beside the writer task.
pub fn a_call_that_is_given_up_beside_one_that_waits() {
    check(2, || {
        let (calls, record) = connection();
        let first = begin(&calls, None).unwrap();
        let waiting = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || begin(&calls, None).unwrap())
        };
        calls.give_up(first);
        let next = waiting.join().unwrap();
        assert_eq!(seqs(&record.bytes()), [first, next]);
    });
}

/// The deadline passes beside the write of the frame: the error says whether it was sent.
pub fn a_deadline_beside_the_writer_task() {
    check(2, || {
        let (calls, record) = connection();
        let now = Instant::now();
        // Keeps the call from writing its frame by itself.
        calls
            .outbox()
            .push(crate::connection::Write::Batched, append(1))
            .unwrap();
        let seq = begin(&calls, Some(now)).unwrap();
        let writing = writer(&calls);
        let clock = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || calls.expire(now))
        };
        let error = outcome(&calls, seq).unwrap_err();
        assert_eq!(clock.join().unwrap(), None);
        calls.outbox().close();
        writing.join().unwrap();
        let sent = seqs(&record.bytes()).contains(&seq);
        assert_eq!(error.kind() == ErrorKind::NotSent, !sent, "{error}");
    });
}

/// The clock of the connection does not run: its caller ends the call by its own clock, beside the reply and the
/// thread that wakes it.
pub fn a_caller_that_keeps_its_own_deadline() {
    check(2, || {
        let (calls, _record) = connection();
        let now = Instant::now();
        let seq = begin(&calls, Some(now)).unwrap();
        let lookout = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || calls.wake_due(now))
        };
        let reading = {
            let calls = Arc::clone(&calls);
            thread::spawn(move || calls.complete(&mut vec![reply(seq)]))
        };
        match outcome(&calls, seq) {
            Ok(replied) => assert_eq!(replied, seq),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unknown, "{error}"),
        }
        lookout.join().unwrap();
        reading.join().unwrap();
        assert_eq!(calls.in_flight(), 0);
    });
}

/// A one-way frame is taken back beside the writer task: it is said not to have left if, and only if, it never does.
pub fn a_oneway_call_that_is_taken_back_beside_the_writer_task() {
    check(2, || {
        let (calls, record) = connection();
        // Keeps the call from writing its frame by itself.
        calls
            .outbox()
            .push(crate::connection::Write::Batched, append(1))
            .unwrap();
        let queued = block_on(poll_fn(|cx| {
            match calls.begin_oneway(cx, |seq, out| append(seq)(out)) {
                Started::Queued(queued) => Poll::Ready(queued),
                _ => Poll::Pending,
            }
        }));
        let writing = writer(&calls);
        let taken_back = calls.take_back_oneway(queued);
        calls.outbox().close();
        writing.join().unwrap();
        let written = seqs(&record.bytes()).len();
        assert_eq!(written, if taken_back { 1 } else { 2 });
    });
}
