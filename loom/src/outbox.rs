//! Frames are written once, whole and in order, by any writer; and a task that waits for the
//! outbox is woken.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use loom::future::block_on;
use loom::thread::{self, JoinHandle};

use crate::check;
use crate::connection::{Batch, Outbox, Write};
use crate::frames::{append, request, seqs};
use crate::stream::{Habit, Record, Stream};

const HOUR: Duration = Duration::from_secs(3600);

const ROOM: usize = 1 << 20;

fn outbox(habit: Habit, limit: usize) -> (Arc<Outbox>, Record) {
    let (stream, record) = Stream::new(habit);
    (Outbox::new(Box::new(stream), limit), record)
}

fn writer(outbox: &Arc<Outbox>) -> JoinHandle<io::Result<()>> {
    let outbox = Arc::clone(outbox);
    thread::spawn(move || block_on(outbox.run(HOUR)))
}

/// Waits until a write of the batch has begun.
fn taken(outbox: &Outbox, batch: Batch) -> bool {
    block_on(poll_fn(|cx| outbox.poll_taken(batch, cx))).is_ok()
}

/// Two callers and the writer task. Each frame is written once, and those of one caller in order.
fn pushes(habit: Habit, first: Write, second: Write) {
    let (outbox, record) = outbox(habit, ROOM);
    let writing = writer(&outbox);
    let other = {
        let outbox = Arc::clone(&outbox);
        thread::spawn(move || outbox.push(second, append(10)).is_ok())
    };
    assert!(outbox.push(first, append(1)).is_ok());
    assert!(outbox.push(Write::Batched, append(2)).is_ok());
    assert!(other.join().unwrap());
    outbox.close();
    writing.join().unwrap().unwrap();
    let written = seqs(&record.bytes());
    assert!(
        matches!(written[..], [1, 2, 10] | [1, 10, 2] | [10, 1, 2]),
        "{written:?}"
    );
    assert!(record.is_complete());
}

pub fn callers_and_the_writer_task() {
    check(2, || pushes(Habit::Takes, Write::Now, Write::Now));
}

pub fn callers_that_leave_all_to_the_writer_task() {
    check(2, || pushes(Habit::Takes, Write::Batched, Write::Batched));
}

/// The caller that writes first cannot write all of its frame.
pub fn a_frame_that_is_written_in_two_parts() {
    check(2, || pushes(Habit::Pauses(5), Write::Now, Write::Now));
}

pub fn a_stream_that_has_to_be_flushed_again() {
    check(2, || pushes(Habit::Buffers, Write::Now, Write::Now));
}

/// A caller finds another one writing, and leaves its frame. It is written, though nothing else
/// happens.
pub fn a_frame_that_comes_during_a_direct_write() {
    check(2, || {
        let (outbox, record) = outbox(Habit::Takes, ROOM);
        let writing = writer(&outbox);
        let other = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || outbox.push(Write::Now, append(10)).is_ok())
        };
        let batch = outbox.push(Write::Now, append(1)).unwrap();
        assert!(taken(&outbox, batch));
        assert!(other.join().unwrap());
        outbox.close();
        writing.join().unwrap().unwrap();
        assert_eq!(seqs(&record.bytes()).len(), 2);
    });
}

/// The replies of one read of a server, beside a late reply.
pub fn replies_of_one_read_and_a_late_one() {
    check(2, || {
        let (outbox, record) = outbox(Habit::Pauses(5), ROOM);
        let writing = writer(&outbox);
        let late = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || outbox.push(Write::Now, append(10)).unwrap())
        };
        let mut replies = [request(1), request(2)].concat();
        outbox.write(&mut replies).unwrap();
        assert!(replies.is_empty());
        late.join().unwrap();
        outbox.close();
        writing.join().unwrap().unwrap();
        let written = seqs(&record.bytes());
        assert!(
            matches!(written[..], [1, 2, 10] | [10, 1, 2]),
            "{written:?}"
        );
    });
}

/// A frame that was accepted is written, and one that was refused is not.
fn push_beside_close(when: Write) {
    let (outbox, record) = outbox(Habit::Takes, ROOM);
    let writing = writer(&outbox);
    let pushing = {
        let outbox = Arc::clone(&outbox);
        thread::spawn(move || outbox.push(when, append(1)).is_ok())
    };
    outbox.close();
    let accepted = pushing.join().unwrap();
    writing.join().unwrap().unwrap();
    assert_eq!(seqs(&record.bytes()).len(), usize::from(accepted));
    assert!(record.is_complete());
}

pub fn a_push_beside_a_close() {
    check(3, || push_beside_close(Write::Now));
    check(3, || push_beside_close(Write::Batched));
}

/// An outbox that is given up: what it calls unsent has not left, what it calls taken is not in the
/// queue, and a task that waits for a batch learns of it.
fn push_beside_abort(when: Write) {
    let (outbox, record) = outbox(Habit::Takes, ROOM);
    let writing = writer(&outbox);
    let pushing = {
        let outbox = Arc::clone(&outbox);
        thread::spawn(move || {
            let Ok(batch) = outbox.push(when, append(1)) else {
                return (false, false);
            };
            (true, taken(&outbox, batch))
        })
    };
    outbox.abort();
    let unsent = outbox.take_unsent();
    let (accepted, taken) = pushing.join().unwrap();
    writing.join().unwrap().unwrap();
    let written = seqs(&record.bytes());
    assert_eq!(unsent.contains(&1), accepted && !taken);
    assert_eq!(written.contains(&1), taken);
    assert!(!record.is_complete() || written.is_empty());
}

pub fn a_push_beside_an_abort() {
    check(3, || push_beside_abort(Write::Now));
    check(3, || push_beside_abort(Write::Batched));
}

/// A stream that breaks is reported by the writer task, whichever task has found it broken.
pub fn a_stream_that_breaks() {
    check(2, || {
        let (outbox, record) = outbox(Habit::Breaks(5), ROOM);
        let writing = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || {
                let error = block_on(outbox.run(HOUR)).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
                outbox.abort();
            })
        };
        let pushing = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || outbox.push(Write::Now, append(10)).is_ok())
        };
        if let Ok(batch) = outbox.push(Write::Batched, append(1)) {
            let _either = taken(&outbox, batch);
        }
        pushing.join().unwrap();
        writing.join().unwrap();
        assert_eq!(
            record.bytes().len(),
            5,
            "nothing is written behind a cut frame"
        );
    });
}

/// There is room for one frame, and it is taken. Callers that wait for room get it.
fn waits_for_room(habit: Habit, others: u64) {
    let (outbox, record) = outbox(habit, 1);
    outbox.push(Write::Batched, append(1)).unwrap();
    let writing = writer(&outbox);
    let push = |outbox: &Outbox, seq| {
        block_on(poll_fn(|cx| outbox.poll_room(cx))).unwrap();
        outbox.push(Write::Batched, append(seq)).unwrap();
    };
    let others: Vec<_> = (0..others)
        .map(|other| {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || push(&outbox, 10 + other))
        })
        .collect();
    push(&outbox, 2);
    let count = 2 + others.len();
    for other in others {
        other.join().unwrap();
    }
    outbox.close();
    writing.join().unwrap().unwrap();
    assert_eq!(seqs(&record.bytes()).len(), count);
}

pub fn callers_that_wait_for_room() {
    check(2, || waits_for_room(Habit::Pauses(5), 0));
    check(0, || waits_for_room(Habit::Takes, 1));
}

/// A caller waits for room behind a frame that is taken back before anything is written.
pub fn room_that_a_call_leaves_which_is_given_up() {
    check(2, || {
        let (outbox, record) = outbox(Habit::Takes, 1);
        outbox.push(Write::Batched, append(1)).unwrap();
        let writing = writer(&outbox);
        let waiting = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || {
                block_on(poll_fn(|cx| outbox.poll_room(cx))).unwrap();
                outbox.push(Write::Batched, append(2)).unwrap();
            })
        };
        let removed = outbox.take_back(&[1]) == [1];
        waiting.join().unwrap();
        outbox.close();
        writing.join().unwrap().unwrap();
        let written = seqs(&record.bytes());
        let expected: &[u64] = if removed { &[2] } else { &[1, 2] };
        assert_eq!(written, expected, "taken back and sent, or neither");
    });
}

/// The same with a frame that is only cancelled: it is not sent once a write has not begun, and what
/// waits for room is woken even if there is nothing left to write.
pub fn room_that_a_cancelled_call_leaves() {
    check(1, || {
        let (outbox, record) = outbox(Habit::Takes, 1);
        outbox.push(Write::Batched, append(1)).unwrap();
        outbox.push(Write::Batched, append(2)).unwrap();
        let writing = writer(&outbox);
        let cancelling = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || [1, 2].map(|seq| outbox.cancel(seq)))
        };
        block_on(poll_fn(|cx| outbox.poll_room(cx))).unwrap();
        let batch = outbox.push(Write::Batched, append(3)).unwrap();
        assert!(taken(&outbox, batch));
        cancelling.join().unwrap();
        outbox.close();
        writing.join().unwrap().unwrap();
        let written = seqs(&record.bytes());
        assert!(
            matches!(written[..], [1, 2, 3] | [2, 3] | [3]),
            "{written:?}"
        );
    });
}

/// A task that waits for room learns that there will be none.
pub fn a_caller_that_waits_for_room_until_the_end() {
    check(3, || {
        let (outbox, _record) = outbox(Habit::Takes, 1);
        outbox.push(Write::Batched, append(1)).unwrap();
        let waiting = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || block_on(poll_fn(|cx| outbox.poll_room(cx))).is_err())
        };
        outbox.abort();
        assert!(waiting.join().unwrap());
    });
}

/// The same once more, where nothing but the end can wake it, and for one that asks when it is over.
pub fn room_after_the_end() {
    check(3, || {
        let (outbox, _record) = outbox(Habit::Takes, 1);
        let ending = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || outbox.abort())
        };
        let _accepted = outbox.push(Write::Batched, append(1));
        ending.join().unwrap();
        assert!(block_on(poll_fn(|cx| outbox.poll_room(cx))).is_err());
    });
}

/// A direct write fails, and nothing else ever happens: the writer task says so.
pub fn a_direct_write_that_fails_alone() {
    check(3, || {
        let (outbox, _record) = outbox(Habit::Breaks(5), ROOM);
        let writing = writer(&outbox);
        outbox.push(Write::Now, append(1)).unwrap();
        let error = writing.join().unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert!(outbox.push(Write::Batched, append(2)).is_err());
    });
}

/// A direct write leaves something to be flushed, and nothing follows it.
pub fn a_frame_that_alone_has_to_be_flushed_again() {
    check(3, || {
        let (outbox, record) = outbox(Habit::Buffers, ROOM);
        let writing = writer(&outbox);
        outbox.push(Write::Now, append(1)).unwrap();
        outbox.close();
        writing.join().unwrap().unwrap();
        assert!(record.is_complete());
    });
}

/// A caller waits for room, and no writer task comes by: the one that makes room wakes it.
fn room_without_the_writer_task(give_up: fn(&Outbox)) {
    let (outbox, record) = outbox(Habit::Takes, 1);
    outbox.push(Write::Batched, append(1)).unwrap();
    let waiting = {
        let outbox = Arc::clone(&outbox);
        thread::spawn(move || {
            block_on(poll_fn(|cx| outbox.poll_room(cx))).unwrap();
            outbox.push(Write::Batched, append(2)).unwrap();
        })
    };
    give_up(&outbox);
    waiting.join().unwrap();
    outbox.close();
    block_on(outbox.run(HOUR)).unwrap();
    assert_eq!(seqs(&record.bytes()), [2]);
}

pub fn room_that_is_made_while_the_writer_task_is_away() {
    check(3, || {
        room_without_the_writer_task(|outbox| assert_eq!(outbox.take_back(&[1]), [1]));
    });
    check(3, || {
        room_without_the_writer_task(|outbox| outbox.cancel(1))
    });
}

/// So many frames are queued that one which is cancelled stays for a while: it is said not to leave if, and only if, it
/// never does.
pub fn a_cancelled_frame_that_is_swept_later() {
    check(2, || {
        let (outbox, record) = outbox(Habit::Takes, ROOM);
        let batches = [1, 2, 3, 4, 5].map(|seq| outbox.push(Write::Batched, append(seq)).unwrap());
        let writing = writer(&outbox);
        let left = [1, 2].map(|seq| !outbox.cancel_unless_taken(batches[seq - 1], seq as u64));
        outbox.close();
        writing.join().unwrap().unwrap();
        let written = seqs(&record.bytes());
        assert_eq!(
            [1, 2].map(|seq| written.contains(&seq)),
            left,
            "{written:?}"
        );
        assert_eq!(written[written.len() - 3..], [3, 4, 5]);
    });
}

/// An outbox that is given up lets go of its stream, though its writer task is away and a caller holds the outbox; a direct
/// write that is under way lets go of it when it ends.
pub fn the_stream_of_an_outbox_that_is_given_up() {
    check(3, || {
        let (outbox, record) = outbox(Habit::Takes, ROOM);
        let pushing = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || {
                let _accepted = outbox.push(Write::Now, append(1));
                outbox
            })
        };
        outbox.abort();
        let _held = pushing.join().unwrap();
        assert!(record.is_dropped());
    });
}

/// Closed, given up, and closed again: what was given up stays so, and a task that waits for a batch learns of it.
pub fn a_close_beside_an_abort() {
    check(3, || {
        let (outbox, record) = outbox(Habit::Takes, ROOM);
        let batch = outbox.push(Write::Batched, append(1)).unwrap();
        let waiting = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || taken(&outbox, batch))
        };
        let closing = {
            let outbox = Arc::clone(&outbox);
            thread::spawn(move || outbox.close())
        };
        outbox.abort();
        closing.join().unwrap();
        assert!(!waiting.join().unwrap());
        block_on(outbox.run(HOUR)).unwrap();
        assert_eq!(record.bytes(), []);
    });
}
