//! A stream that notes what it is given.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// What the stream does beside taking bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    Takes,
    /// It takes so many bytes, then none at the next attempt, and all from then on.
    Pauses(usize),
    /// It has to be flushed twice.
    Buffers,
    /// It takes so many bytes and is broken then.
    Breaks(usize),
}

/// What the stream was given. Not one of loom's mutexes: only the outbox decides which task writes when.
#[derive(Clone, Default)]
pub(crate) struct Record(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    flushed: usize,
    shut: bool,
    dropped: bool,
}

impl Record {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().bytes.clone()
    }

    /// Nothing holds the stream any more.
    pub(crate) fn is_dropped(&self) -> bool {
        self.0.lock().unwrap().dropped
    }

    /// Everything was flushed, and then the stream was shut down.
    pub(crate) fn is_complete(&self) -> bool {
        let seen = self.0.lock().unwrap();
        seen.shut && seen.flushed == seen.bytes.len()
    }
}

pub(crate) struct Stream {
    habit: Habit,
    record: Record,
}

impl Stream {
    pub(crate) fn new(habit: Habit) -> (Self, Record) {
        let record = Record::default();
        let stream = Self {
            habit,
            record: record.clone(),
        };
        (stream, record)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.record.0.lock().unwrap().dropped = true;
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = match self.habit {
            Habit::Takes | Habit::Buffers => bytes.len(),
            Habit::Pauses(0) => {
                self.habit = Habit::Takes;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Habit::Breaks(0) => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Habit::Pauses(left) | Habit::Breaks(left) => left,
        };
        let count = bytes.len().min(left);
        if let Habit::Pauses(left) | Habit::Breaks(left) = &mut self.habit {
            *left -= count;
        }
        let mut seen = self.record.0.lock().unwrap();
        assert!(!seen.shut, "written to after the end");
        seen.bytes.extend(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.habit == Habit::Buffers {
            self.habit = Habit::Takes;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut seen = self.record.0.lock().unwrap();
        seen.flushed = seen.bytes.len();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.record.0.lock().unwrap().shut = true;
        Poll::Ready(Ok(()))
    }
}
