//! The writing half of a connection: frames of many tasks, written by one of them at a time.
//!
//! Every task appends whole frames to one queue. A task that finds the stream idle, and has no reason
//! to wait, writes its frame itself: a *direct write*. Otherwise the *writer task* is woken; it lets
//! every task that is ready append its frame first, and then writes all of them with one call. So a
//! lone caller pays for one write and no switch of tasks, and many callers share their writes.
//!
//! # Which task writes
//! [`Turn`] says which task looks at the queue next. It changes under the lock only:
//!
//! ```text
//!                 push(Now), write()
//!        +-------------------------------> Direct
//!        |        all written               |
//!      Idle <-------------------------------+
//!       ^ |                                 | something is left, or came meanwhile,
//!       | |       push(Batched)             | or the write failed: notify
//!       | +-----------------> Writer <------+
//!       |      notify           |
//!       +-----------------------+
//!          nothing left to write
//! ```
//!
//! What makes this safe:
//! * **No frame overtakes another.** `Idle` means that nothing is queued and no frame is half written.
//!   Only then does a task write directly; in every other state it appends, and leaves.
//! * **No frame is forgotten.** A task that appends and leaves has seen `Direct` or `Writer` under the
//!   lock. A direct writer takes the lock again after its write, and hands over what has come; the
//!   writer task asks for more until there is none, under the lock, before it sleeps. A notification
//!   that comes before it sleeps is kept by [`Notify`].
//! * **No frame is written twice.** The stream is owned by the task that writes; it is taken out of the
//!   state, together with the frames, under the lock.
//! * **No task waits for ever.** A task that waits has checked what it waits for and left its waker
//!   under one lock; whatever changes the answer takes the wakers under the same lock.
//!
//! `loom/src/outbox.rs` runs this in every order of its steps.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll, Waker};

use tokio::io::AsyncWriteExt;

use super::memory::Held;
use super::outbox_state::{State, UNCOUNTED, Work};
use super::sink::{Sink, WritePace, Written, within, write_all, write_ready};
use super::turn::{End, Turn, Write};
use super::{Queue, queue};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, MutexGuard, Notify, lock};

/// The writing half of a connection.
pub(crate) struct Outbox {
    state: Mutex<State>,
    /// There is something for the writer task to do.
    work: Notify,
    limit: usize,
    /// Queues up to this size need no attention.
    small: usize,
    /// More than the limit is queued, or nothing is accepted any more. A hint, so that a push into
    /// an outbox with room needs no second lock; only changed under the lock.
    crowded: AtomicBool,
    /// Pieces of long writes that the stream has taken. Not of `sync`: nothing depends on its order.
    pieces: AtomicUsize,
}

/// The frames that are taken to be written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch(u64);

/// The connection takes no more frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed;

impl Outbox {
    /// `limit` is how many bytes may be queued before [`poll_room`](Self::poll_room) waits.
    pub(crate) fn new(sink: Sink, limit: usize) -> Arc<Self> {
        Self::counted(sink, limit, Held::default())
    }

    /// The same with a budget that the queue is counted against.
    pub(crate) fn counted(sink: Sink, limit: usize, held: Held) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State::new(sink, held)),
            work: Notify::new(),
            limit,
            small: limit.min(UNCOUNTED),
            crowded: AtomicBool::new(false),
            pieces: AtomicUsize::new(0),
        })
    }

    /// Lets `append` add whole frames. The result is for [`poll_taken`](Self::poll_taken).
    #[inline]
    pub(crate) fn push(
        &self,
        when: Write,
        append: impl FnOnce(&mut Queue),
    ) -> Result<Batch, Closed> {
        let mut state = lock(&self.state);
        if state.end != End::Open {
            return Err(Closed);
        }
        append(&mut state.queued);
        self.note_crowd(&mut state);
        let batch = Batch(state.taken);
        if state.turn != Turn::Idle || state.queued.is_empty() {
            return Ok(batch);
        }
        if when == Write::Now {
            // Idle: what is queued are the frames of this push and no others.
            let State { queued, spare, .. } = &mut *state;
            std::mem::swap(queued, spare);
            state.taken += 1;
            let mut frames = std::mem::take(&mut state.spare);
            let state = self.write_now(state, &mut frames);
            state.unwrap_or_else(|| lock(&self.state)).spare = frames;
        } else {
            state.turn = Turn::Writer;
            drop(state);
            self.work.notify_one();
        }
        Ok(batch)
    }

    /// Waits until a write has begun that includes the frames of a batch.
    pub(crate) fn poll_taken(&self, batch: Batch, cx: &Context<'_>) -> Poll<Result<(), Closed>> {
        let mut state = lock(&self.state);
        if state.taken > batch.0 {
            return Poll::Ready(Ok(()));
        }
        if state.end == End::Closed {
            return Poll::Ready(Err(Closed));
        }
        state.wake_later(cx.waker());
        Poll::Pending
    }

    /// Writes `frames`, the replies of one read, and leaves the buffer empty for the next.
    pub(crate) fn write(&self, frames: &mut Vec<u8>) -> Result<(), Closed> {
        let mut state = lock(&self.state);
        if state.end != End::Open {
            return Err(Closed);
        }
        if state.turn == Turn::Idle {
            let mut replies = Queue::from(std::mem::take(frames));
            drop(self.write_now(state, &mut replies));
            std::mem::swap(replies.tail(), frames);
        } else {
            state.queued.append(frames);
            self.note_crowd(&mut state);
            drop(state);
            queue::shrink(frames);
        }
        Ok(())
    }

    /// A direct write. What the stream does not take at once is left to the writer task: the caller
    /// has a call to wait for, or requests to read. The result is the state if the outbox is idle again.
    fn write_now<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        frames: &mut Queue,
    ) -> Option<MutexGuard<'a, State>> {
        let Some(mut sink) = state.sink.take() else {
            // Cannot be: in an open outbox that is idle the sink is in its place. If it were not, the
            // frames would have to stay in theirs.
            std::mem::swap(&mut state.queued, frames);
            return None;
        };
        state.turn = Turn::Direct;
        // Not under the lock: a write is a system call, and others have frames to append.
        drop(state);
        // This task does not wait for the stream, so it must not be woken by it. The writer task
        // polls it again, with its own waker.
        let mut cx = Context::from_waker(Waker::noop());
        let outcome = write_ready(&mut sink, frames, &mut cx);
        let mut state = lock(&self.state);
        state.put_back(sink);
        match outcome {
            Ok(Written::All) => frames.clear(),
            Ok(Written::Unflushed) => {
                frames.clear();
                state.unflushed = true;
            }
            Ok(Written::Part) => {
                std::mem::swap(&mut state.rest, frames);
                self.note_crowd(&mut state);
            }
            Err(error) => {
                frames.clear();
                state.failed = Some(error);
            }
        }
        // Frames that have come meanwhile have not woken the writer task: this was their turn.
        if state.is_done() {
            state.turn = Turn::Idle;
            return Some(state);
        }
        state.turn = Turn::Writer;
        drop(state);
        self.work.notify_one();
        None
    }

    #[inline]
    fn note_crowd(&self, state: &mut State) {
        if state.waiting_bytes() > self.small {
            self.note_much(state);
        }
    }

    #[cold]
    fn note_much(&self, state: &mut State) {
        state.count();
        if state.is_crowded(self.limit) {
            self.crowded.store(true, Ordering::Release);
        }
    }

    /// How many pieces of long writes the stream has taken.
    pub(crate) fn pieces(&self) -> usize {
        self.pieces.load(Ordering::Relaxed)
    }

    /// Bytes that the peer has not taken, as far as this side knows.
    pub(crate) fn unsent(&self) -> usize {
        let state = lock(&self.state);
        state.waiting_bytes() + state.writing
    }

    /// Waits while more than the limit is queued.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<Result<(), Closed>> {
        // May be out of date either way. If it misses a crowd, one frame more is queued; if it sees
        // one that is gone, the lock tells.
        if !self.crowded.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        let mut state = lock(&self.state);
        if state.end != End::Open {
            return Poll::Ready(Err(Closed));
        }
        if !state.is_crowded(self.limit) {
            return Poll::Ready(Ok(()));
        }
        state.wake_later(cx.waker());
        Poll::Pending
    }

    /// Takes back frames of which no byte has been written, and says which they were. `seqs` and the
    /// result are sorted.
    pub(crate) fn take_back(&self, seqs: &[u64]) -> Vec<u64> {
        let (removed, waiting) = {
            let mut state = lock(&self.state);
            let removed = state.sweep(seqs);
            (removed, self.take_waiting_if_room(&mut state))
        };
        waiting.into_iter().for_each(Waker::wake);
        removed
    }

    /// The frame of this call need not be sent. If a write of it has begun, it is; if not, it never
    /// leaves.
    ///
    /// It is taken out sooner or later: not at once, so that to give up all of n calls takes time in
    /// proportion to n, and at the latest before it would be written. Until then it takes up room.
    pub(crate) fn cancel(&self, seq: u64) {
        let waiting = self.cancel_in(&mut lock(&self.state), seq);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// The same of a frame of this batch, and says whether it never leaves.
    pub(crate) fn cancel_unless_taken(&self, batch: Batch, seq: u64) -> bool {
        let waiting = {
            let mut state = lock(&self.state);
            if state.taken > batch.0 || state.end == End::Closed {
                return false;
            }
            self.cancel_in(&mut state, seq)
        };
        waiting.into_iter().for_each(Waker::wake);
        true
    }

    /// Gives those that wait for room, if there is some now.
    fn cancel_in(&self, state: &mut State, seq: u64) -> Vec<Waker> {
        if state.queued.is_empty() {
            return Vec::new();
        }
        state.cancelled.push(seq);
        if state.cancelled.len() < state.sweep_at {
            return Vec::new();
        }
        state.sweep(&[]);
        self.take_waiting_if_room(state)
    }

    /// After frames were taken out. The writer task, which makes room otherwise, may have nothing to
    /// do now, and does not come by.
    fn take_waiting_if_room(&self, state: &mut State) -> Vec<Waker> {
        if state.end != End::Open || state.is_crowded(self.limit) {
            return Vec::new();
        }
        self.crowded.store(false, Ordering::Release);
        std::mem::take(&mut state.waiting)
    }

    /// The sequence numbers, sorted, of the frames of which no byte was written. They are dropped.
    /// After [`abort`](Self::abort) no write begins, so what is unsent stays unsent.
    pub(crate) fn take_unsent(&self) -> Vec<u64> {
        let queued = std::mem::take(&mut lock(&self.state).queued);
        let mut seqs = queued.seqs();
        seqs.sort_unstable();
        seqs
    }

    /// Accepts no more frames; writes what is queued and then tells the peer that nothing follows.
    pub(crate) fn close(&self) {
        self.end(End::Closing);
    }

    /// Accepts no more frames, and drops the stream. A write that has begun may go on for a moment;
    /// its frames count as sent.
    pub(crate) fn abort(&self) {
        self.end(End::Closed);
    }

    fn end(&self, end: End) {
        let (waiting, _unused) = {
            let mut state = lock(&self.state);
            if state.end != End::Closed {
                state.end = end;
            }
            // Sends those that ask for room to the lock, where they learn of the end.
            self.crowded.store(true, Ordering::Release);
            // Dropped here and not with the outbox: handlers that run on hold the outbox, and must
            // not hold the stream open.
            let unused = state.sink.take_if(|_| end == End::Closed);
            (std::mem::take(&mut state.waiting), unused)
        };
        waiting.into_iter().for_each(Waker::wake);
        self.work.notify_one();
    }

    /// Whether this side has ended it.
    pub(crate) fn is_ended(&self) -> bool {
        lock(&self.state).end != End::Open
    }

    /// The writer task: runs until the connection is closed or the stream fails. The caller has to
    /// [`abort`](Self::abort) after a failure, which wakes the tasks that wait.
    ///
    /// `pace` bounds how slow the stream may be.
    pub(crate) async fn run(&self, pace: impl Into<WritePace>) -> io::Result<()> {
        let pace = pace.into();
        let mut frames = Queue::default();
        loop {
            match self.take_turn(&mut frames)? {
                Work::None => {
                    self.work.notified().await;
                    // To the end of the run queue: every task that is ready appends its frame before
                    // the write.
                    tokio::task::yield_now().await;
                }
                Work::Write(mut sink) => {
                    let written = write_all(&mut sink, &mut frames, pace, &self.pieces).await;
                    lock(&self.state).put_back(sink);
                    written?;
                    frames.clear();
                }
                Work::Shutdown(mut sink) => {
                    return within(pace.stall, sink.shutdown()).await;
                }
                Work::Stop => return Ok(()),
            }
        }
    }

    fn take_turn(&self, frames: &mut Queue) -> io::Result<Work> {
        let mut state = lock(&self.state);
        state.writing = 0;
        let work = state.next_work(frames)?;
        if let Work::Write(_) = work {
            state.writing = frames.len();
        }
        state.count();
        self.crowded
            .store(state.is_crowded(self.limit), Ordering::Release);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
        Ok(work)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("queued_bytes", &lock(&self.state).queued.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::protocol::{Codec, FrameEncoder, Header, Metadata};

    fn frame(seq: u64, length: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mut frame = FrameEncoder::new(&mut out, Header::request(seq, Codec::RAW));
        frame.names(b"A", b"B");
        frame.metadata(&Metadata::new());
        frame.payload(&vec![seq as u8; length]);
        frame.finish().unwrap();
        out
    }

    fn push(outbox: &Outbox, when: Write, seq: u64, length: usize) {
        outbox
            .push(when, |out| {
                out.tail().extend_from_slice(&frame(seq, length))
            })
            .unwrap();
    }

    #[tokio::test]
    async fn a_lone_frame_is_written_by_its_caller() {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        let outbox = Outbox::new(Box::new(ours), 100);
        push(&outbox, Write::Now, 1, 10);
        let mut received = vec![0; frame(1, 10).len()];
        theirs.read_exact(&mut received).await.unwrap();
        assert_eq!(received, frame(1, 10), "and no writer task was there");
    }

    #[tokio::test]
    async fn frames_arrive_whole_and_in_order_through_a_narrow_stream() {
        let (ours, mut theirs) = tokio::io::duplex(7);
        let outbox = Outbox::new(Box::new(ours), 1 << 20);
        let writer = {
            let outbox = Arc::clone(&outbox);
            tokio::spawn(async move { outbox.run(Duration::from_secs(5)).await })
        };
        let mut expected = Vec::new();
        let reader = tokio::spawn(async move {
            let mut received = Vec::new();
            theirs.read_to_end(&mut received).await.unwrap();
            received
        });
        let frames = if cfg!(miri) { 12 } else { 100 };
        for seq in 1..=frames {
            push(
                &outbox,
                if seq % 3 == 0 {
                    Write::Now
                } else {
                    Write::Batched
                },
                seq,
                seq as usize,
            );
            expected.extend(frame(seq, seq as usize));
            if seq % 10 == 0 {
                let mut batch = frame(1000 + seq, 5);
                expected.extend(&batch);
                outbox.write(&mut batch).unwrap();
                assert!(batch.is_empty());
                tokio::task::yield_now().await;
            }
        }
        outbox.close();
        writer.await.unwrap().unwrap();
        assert_eq!(reader.await.unwrap(), expected);
        assert_eq!(outbox.push(Write::Now, |_| {}), Err(Closed));
    }

    #[tokio::test]
    async fn only_frames_of_which_no_byte_is_written_are_unsent() {
        let (ours, _theirs) = tokio::io::duplex(8);
        let outbox = Outbox::new(Box::new(ours), 1 << 20);
        push(&outbox, Write::Now, 1, 100);
        push(&outbox, Write::Now, 2, 100);
        push(&outbox, Write::Batched, 3, 100);
        let removed = outbox.take_back(&[1, 2]);
        assert_eq!(removed, [2], "the first bytes of 1 are out");
        assert_eq!(outbox.take_unsent(), [3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_takes_nothing_is_given_up() {
        let (ours, _theirs) = tokio::io::duplex(8);
        let outbox = Outbox::new(Box::new(ours), 1 << 20);
        push(&outbox, Write::Batched, 1, 100);
        let error = outbox.run(Duration::from_secs(3)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(error.to_string().contains("3000 ms"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_takes_little_is_given_up() {
        let (ours, mut theirs) = tokio::io::duplex(8);
        let outbox = Outbox::new(Box::new(ours), 1 << 20);
        push(&outbox, Write::Batched, 1, 10_000);
        tokio::spawn(async move {
            // Eight bytes each second: it never stalls.
            while theirs.read_exact(&mut [0; 8]).await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let pace = WritePace {
            stall: Duration::from_secs(3),
            rate: 16,
        };
        let error = outbox.run(pace).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(
            error.to_string().contains("the least is 16 a second"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn what_is_queued_is_counted_until_it_is_written() {
        let budget = crate::connection::MemoryBudget::new(1 << 30);
        let (ours, mut theirs) = tokio::io::duplex(1 << 10);
        let outbox = Outbox::counted(Box::new(ours), 1 << 20, Held::new(budget.clone()));
        push(&outbox, Write::Batched, 1, 10_000);
        assert_eq!(budget.used(), 0, "each connection may have as much");
        push(&outbox, Write::Batched, 2, 100_000);
        assert!(budget.used() > 100_000);
        let running = Arc::clone(&outbox);
        tokio::spawn(async move { running.run(Duration::from_secs(5)).await });
        theirs.read_exact(&mut [0; 50_000]).await.unwrap();
        assert!(budget.used() > 100_000, "the write has not ended");
        theirs.read_exact(&mut [0; 60_000]).await.unwrap();
        while budget.used() > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn a_batch_is_taken_or_lost() {
        let (ours, _theirs) = tokio::io::duplex(1024);
        let outbox = Outbox::new(Box::new(ours), 1 << 20);
        let cx = Context::from_waker(Waker::noop());
        let append = |seq| move |out: &mut Queue| out.tail().extend(frame(seq, 10));
        let written = outbox.push(Write::Now, append(1)).unwrap();
        assert_eq!(outbox.poll_taken(written, &cx), Poll::Ready(Ok(())));
        let queued = outbox.push(Write::Batched, append(2)).unwrap();
        assert_eq!(outbox.poll_taken(queued, &cx), Poll::Pending);
        outbox.abort();
        assert_eq!(outbox.poll_taken(queued, &cx), Poll::Ready(Err(Closed)));
    }

    #[tokio::test]
    async fn a_frame_that_is_taken_back_makes_room() {
        let (ours, _theirs) = tokio::io::duplex(8);
        let outbox = Outbox::new(Box::new(ours), 50);
        push(&outbox, Write::Batched, 1, 100);
        let waiting = {
            let outbox = Arc::clone(&outbox);
            tokio::spawn(async move { poll_fn(|cx| outbox.poll_room(cx)).await })
        };
        tokio::task::yield_now().await;
        assert_eq!(outbox.take_back(&[1]), [1]);
        waiting.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn room_is_waited_for() {
        let (ours, mut theirs) = tokio::io::duplex(8);
        let outbox = Outbox::new(Box::new(ours), 50);
        push(&outbox, Write::Batched, 1, 100);
        let cx = Context::from_waker(Waker::noop());
        assert!(outbox.poll_room(&cx).is_pending());
        let running = Arc::clone(&outbox);
        tokio::spawn(async move { running.run(Duration::from_secs(5)).await });
        let room = poll_fn(|cx| outbox.poll_room(cx));
        let read = async { theirs.read_exact(&mut [0; 100]).await };
        let (room, _) = tokio::join!(room, read);
        room.unwrap();
    }

    #[tokio::test]
    async fn a_cancelled_frame_is_never_written() {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        let outbox = Outbox::new(Box::new(ours), 1 << 20);
        for seq in 1..=5 {
            push(&outbox, Write::Batched, seq, 10);
        }
        // The first is swept at once, the others later.
        for seq in [2, 3, 5] {
            outbox.cancel(seq);
        }
        outbox.close();
        outbox.run(Duration::from_secs(5)).await.unwrap();
        drop(outbox);
        let mut received = Vec::new();
        theirs.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, [frame(1, 10), frame(4, 10)].concat());
    }

    /// It took seconds for 16,000 calls, in which nothing else of the connection went on.
    #[test]
    fn to_cancel_many_calls_looks_at_each_frame_a_few_times() {
        let (ours, _theirs) = tokio::io::duplex(8);
        let outbox = Outbox::new(Box::new(ours), 1 << 20);
        let calls = if cfg!(miri) { 64 } else { 4096 };
        for seq in 1..=calls {
            push(&outbox, Write::Batched, seq, 10);
        }
        (1..=calls).for_each(|seq| outbox.cancel(seq));
        let state = lock(&outbox.state);
        assert!(state.queued.is_empty() && state.cancelled.is_empty());
        assert!(state.looked_at <= 4 * calls as usize, "{}", state.looked_at);
    }
}
