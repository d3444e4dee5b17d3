//! The bytes on their way to the network.
//!
//! All tasks append whole frames to one buffer. A task that finds the stream idle and has nothing to
//! wait for writes at once; otherwise the writer task, once woken, lets every task that is ready
//! add its frame first and then writes all of them with one call. So a lone caller pays one write
//! and no hop between tasks, and many callers share their writes.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::sink::{Sink, Written, within, write_all, write_ready};
use super::{Queue, queue};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, MutexGuard, Notify, lock};

/// The writing half of a connection.
pub(crate) struct Outbox {
    state: Mutex<State>,
    work: Notify,
    limit: usize,
    /// Set while more than the limit is queued, so that the usual look needs no lock.
    crowded: AtomicBool,
}

struct State {
    /// Whole frames of which no byte was handed to the stream.
    queued: Queue,
    /// What a direct writer could not get rid of: the rest of a frame, and frames behind it.
    rest: Queue,
    /// The stream still holds bytes that it was given.
    unflushed: bool,
    /// An empty buffer with its memory, swapped with `queued` by direct writers.
    spare: Queue,
    /// `None` while a task is writing.
    sink: Option<Sink>,
    turn: Turn,
    /// How often `queued` was taken to be written.
    taken: u64,
    end: End,
    /// What a direct writer ran into; the writer task reports it.
    failed: Option<io::Error>,
    waiting: Vec<Waker>,
}

/// Which task looks at `queued` next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// None: there is nothing in it.
    Idle,
    /// A caller that is writing from its own task.
    Direct,
    /// The writer task, which has been woken.
    Writer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    /// Write what is queued, then shut down.
    Closing,
    Closed,
}

/// When a frame is written that finds the stream idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// At once, by the task that pushes it.
    Now,
    /// By the writer task, together with the frames of all tasks that are ready to run.
    Batched,
}

impl Write {
    /// A task that is alone on its connection gains nothing by waiting for the frames of others.
    #[inline]
    pub(crate) fn now_if(alone: bool) -> Self {
        if alone { Self::Now } else { Self::Batched }
    }
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
        Arc::new(Self {
            state: Mutex::new(State {
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
            }),
            work: Notify::new(),
            limit,
            crowded: AtomicBool::new(false),
        })
    }

    /// Lets `append` add whole frames. With `now` they are written by the calling task if the
    /// stream is idle. The result is for [`poll_taken`](Self::poll_taken).
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
        self.note_crowd(&state);
        let batch = Batch(state.taken);
        if state.turn != Turn::Idle || state.queued.is_empty() {
            return Ok(batch);
        }
        if when == Write::Now {
            let State { queued, spare, .. } = &mut *state;
            std::mem::swap(queued, spare);
            state.taken += 1;
            let mut frames = std::mem::take(&mut state.spare);
            self.write_now(state, &mut frames);
            lock(&self.state).spare = frames;
        } else {
            state.turn = Turn::Writer;
            drop(state);
            self.work.notify_one();
        }
        Ok(batch)
    }

    /// Waits until a task has begun to write the frames of a batch.
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
            self.write_now(state, &mut replies);
            std::mem::swap(replies.tail(), frames);
        } else {
            state.queued.append(frames);
            self.note_crowd(&state);
            drop(state);
            queue::shrink(frames);
        }
        Ok(())
    }

    /// Writes from the calling task. What the stream does not take is left to the writer task.
    fn write_now(&self, mut state: MutexGuard<'_, State>, frames: &mut Queue) {
        let Some(mut sink) = state.sink.take() else {
            // Idle means that the sink is here; without it the writer task is the one to ask. What is
            // queued was taken, so that nothing is in its place.
            std::mem::swap(&mut state.queued, frames);
            return;
        };
        state.turn = Turn::Direct;
        drop(state);
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
                self.note_crowd(&state);
            }
            Err(error) => {
                frames.clear();
                state.failed = Some(error);
            }
        }
        if state.is_done() {
            state.turn = Turn::Idle;
        } else {
            state.turn = Turn::Writer;
            drop(state);
            self.work.notify_one();
        }
    }

    fn note_crowd(&self, state: &State) {
        if state.is_crowded(self.limit) {
            self.crowded.store(true, Ordering::Release);
        }
    }

    /// Waits while more than the limit is queued.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<Result<(), Closed>> {
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

    /// Takes back a frame of which no byte has been written. False if a write has begun.
    pub(crate) fn remove(&self, seq: u64) -> bool {
        let (removed, waiting) = {
            let mut state = lock(&self.state);
            let removed = state.queued.remove(seq);
            // The writer task wakes those that wait for room when it takes the queue. It does not
            // take a queue that is empty, so what this makes room for has to be woken here.
            let room = removed && state.end == End::Open && !state.is_crowded(self.limit);
            if room {
                self.crowded.store(false, Ordering::Release);
            }
            let waiting = room.then(|| std::mem::take(&mut state.waiting));
            (removed, waiting)
        };
        waiting.into_iter().flatten().for_each(Waker::wake);
        removed
    }

    /// The sequence numbers of the frames of which no byte was written. They are dropped.
    pub(crate) fn take_unsent(&self) -> Vec<u64> {
        let queued = std::mem::take(&mut lock(&self.state).queued);
        queued.seqs()
    }

    /// Writes what is queued and then tells the peer that nothing more comes.
    pub(crate) fn close(&self) {
        self.end(End::Closing);
    }

    /// Drops what is queued, and the stream.
    pub(crate) fn abort(&self) {
        self.end(End::Closed);
    }

    fn end(&self, end: End) {
        let (waiting, _unused) = {
            let mut state = lock(&self.state);
            if state.end != End::Closed {
                state.end = end;
            }
            self.crowded.store(true, Ordering::Release);
            // Handlers that run on hold the outbox, and must not hold the stream open.
            let unused = state.sink.take_if(|_| end == End::Closed);
            (std::mem::take(&mut state.waiting), unused)
        };
        waiting.into_iter().for_each(Waker::wake);
        self.work.notify_one();
    }

    /// The writer task: runs until the connection is closed or the stream fails.
    ///
    /// `stall` bounds how long the stream may refuse to take a byte.
    pub(crate) async fn run(&self, stall: Duration) -> io::Result<()> {
        let mut frames = Queue::default();
        loop {
            match self.take_turn(&mut frames)? {
                Work::None => {
                    self.work.notified().await;
                    // Every task that is ready adds its frame before the write.
                    tokio::task::yield_now().await;
                }
                Work::Write(mut sink) => {
                    let written = write_all(&mut sink, &mut frames, stall).await;
                    lock(&self.state).put_back(sink);
                    written?;
                    frames.clear();
                }
                Work::Shutdown(mut sink) => {
                    return within(stall, sink.shutdown()).await;
                }
                Work::Stop => return Ok(()),
            }
        }
    }

    fn take_turn(&self, frames: &mut Queue) -> io::Result<Work> {
        let mut state = lock(&self.state);
        if let Some(error) = state.failed.take() {
            state.end = End::Closed;
            return Err(error);
        }
        if state.turn == Turn::Direct {
            return Ok(Work::None);
        }
        let Some(sink) = state.sink.take() else {
            return Ok(Work::Stop);
        };
        if state.end == End::Closed {
            return Ok(Work::Stop);
        }
        if !state.has_work() {
            state.turn = Turn::Idle;
            if state.end == End::Closing {
                state.end = End::Closed;
                return Ok(Work::Shutdown(sink));
            }
            state.sink = Some(sink);
            return Ok(Work::None);
        }
        state.turn = Turn::Writer;
        state.unflushed = false;
        if state.rest.is_empty() {
            state.taken += 1;
            std::mem::swap(&mut state.queued, frames);
        } else {
            std::mem::swap(&mut state.rest, frames);
        }
        self.crowded
            .store(state.is_crowded(self.limit), Ordering::Release);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
        Ok(Work::Write(sink))
    }
}

enum Work {
    None,
    Write(Sink),
    Shutdown(Sink),
    Stop,
}

impl State {
    fn wake_later(&mut self, waker: &Waker) {
        if !self.waiting.iter().any(|waiting| waiting.will_wake(waker)) {
            self.waiting.push(waker.clone());
        }
    }

    /// After a write. A stream that was given up meanwhile is dropped.
    fn put_back(&mut self, sink: Sink) {
        if self.end != End::Closed {
            self.sink = Some(sink);
        }
    }

    fn is_crowded(&self, limit: usize) -> bool {
        self.queued.len() + self.rest.len() > limit
    }

    fn has_work(&self) -> bool {
        !self.queued.is_empty() || !self.rest.is_empty() || self.unflushed
    }

    /// After a direct write: whether the writer task can stay asleep.
    fn is_done(&self) -> bool {
        !self.has_work() && self.failed.is_none() && self.end == End::Open
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
            .push(when, |out| out.tail().extend(frame(seq, length)))
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
        for seq in 1..=100 {
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
    async fn only_frames_that_nobody_began_to_write_are_unsent() {
        let (ours, _theirs) = tokio::io::duplex(8);
        let outbox = Outbox::new(Box::new(ours), 1 << 20);
        push(&outbox, Write::Now, 1, 100);
        push(&outbox, Write::Now, 2, 100);
        push(&outbox, Write::Batched, 3, 100);
        assert!(!outbox.remove(1), "its first bytes are out");
        assert!(outbox.remove(2));
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
        assert!(outbox.remove(1));
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
}
