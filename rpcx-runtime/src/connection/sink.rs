//! Writing to a stream: what it takes at once, or all of it.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::Queue;

/// The writing half of a stream.
pub(super) type Sink = Box<dyn AsyncWrite + Send + Unpin>;

/// How far a direct write came.
pub(super) enum Written {
    All,
    /// The stream took all and has not passed all on (TLS).
    Unflushed,
    /// What was taken is gone from the front.
    Part,
}

pub(super) fn write_ready(
    sink: &mut Sink,
    frames: &mut Queue,
    cx: &mut Context<'_>,
) -> io::Result<Written> {
    while !frames.is_empty() {
        match frames.poll_write(sink, cx) {
            Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(error)) => return Err(error),
            Poll::Pending => return Ok(Written::Part),
        }
    }
    match Pin::new(&mut *sink).poll_flush(cx) {
        Poll::Ready(flushed) => flushed.map(|()| Written::All),
        Poll::Pending => Ok(Written::Unflushed),
    }
}

pub(super) async fn write_all(
    sink: &mut Sink,
    frames: &mut Queue,
    stall: Duration,
) -> io::Result<()> {
    while !frames.is_empty() {
        let write = poll_fn(|cx| frames.poll_write(sink, cx));
        if within(stall, write).await? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    within(stall, sink.flush()).await
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
