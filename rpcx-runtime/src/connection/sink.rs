//! Writing to a stream: what it takes at once, or all of it.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use super::Queue;
use super::queue::MOST;

/// The writing half of a stream.
pub(super) type Sink = Box<dyn AsyncWrite + Send + Unpin>;

/// How far a direct write came.
pub(super) enum Written {
    All,
    /// The stream took all and has not passed all on (TLS).
    Unflushed,
    /// What was taken is gone from the front. It may take more: a direct write takes no longer than a turn.
    Part,
}

pub(super) fn write_ready(
    sink: &mut Sink,
    frames: &mut Queue,
    cx: &mut Context<'_>,
) -> io::Result<Written> {
    let mut written = 0;
    while !frames.is_empty() {
        if written >= MOST {
            return Ok(Written::Part);
        }
        match frames.poll_write(sink, cx) {
            Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(Ok(count)) => written += count,
            Poll::Ready(Err(error)) => return Err(error),
            Poll::Pending => return Ok(Written::Part),
        }
    }
    match Pin::new(&mut *sink).poll_flush(cx) {
        Poll::Ready(flushed) => flushed.map(|()| Written::All),
        Poll::Pending => Ok(Written::Unflushed),
    }
}

/// How fast a stream has to take what is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WritePace {
    /// How long it may refuse to take a byte.
    pub(crate) stall: Duration,
    /// Bytes a second that it has to take after that time.
    pub(crate) rate: usize,
}

impl From<Duration> for WritePace {
    fn from(stall: Duration) -> Self {
        Self { stall, rate: 0 }
    }
}

impl WritePace {
    /// So much was written since then.
    fn check(self, since: Instant, written: usize) -> io::Result<()> {
        if self.rate == 0 {
            return Ok(());
        }
        let earned = Duration::from_secs_f64(written as f64 / self.rate as f64);
        let took = since.elapsed();
        if took <= self.stall.saturating_add(earned) {
            return Ok(());
        }
        let (took, least) = (took.as_secs(), self.rate);
        let text =
            format!("the peer took {written} bytes in {took} s, the least is {least} a second");
        Err(io::Error::new(io::ErrorKind::TimedOut, text))
    }
}

/// `pieces` counts what was taken when more was left: signs of life of a peer that is slow.
pub(super) async fn write_all(
    sink: &mut Sink,
    frames: &mut Queue,
    pace: WritePace,
    pieces: &AtomicUsize,
) -> io::Result<()> {
    let (began, mut written, mut turn) = (Instant::now(), 0, 0);
    while !frames.is_empty() {
        let write = poll_fn(|cx| frames.poll_write(sink, cx));
        let count = within(pace.stall, write).await?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        written += count;
        if !frames.is_empty() {
            pieces.fetch_add(1, Ordering::Relaxed);
            pace.check(began, written)?;
            turn += count;
            if turn >= MOST {
                // A large frame is on its way, and there are others.
                turn = 0;
                tokio::task::yield_now().await;
            }
        }
    }
    within(pace.stall, sink.flush()).await
}

pub(super) async fn within<T>(
    stall: Duration,
    action: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    match tokio::time::timeout(stall, action).await {
        Ok(outcome) => outcome,
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("the peer took no byte for {} ms", stall.as_millis()),
        )),
    }
}
