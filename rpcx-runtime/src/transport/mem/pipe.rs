//! Two ends of a connection in memory.
//!
//! Each direction is a piece of memory behind a lock of its own, so that both ends read and write at once.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;

use crate::sync::lock;

/// Bytes that one direction holds before its writer waits.
const ROOM: usize = 64 << 10;

/// One end.
#[derive(Debug)]
pub(super) struct End {
    pub(super) reader: Reader,
    pub(super) writer: Writer,
}

/// A connection: its two ends.
pub(super) fn pipe() -> (End, End) {
    let (there, back) = (Arc::<Direction>::default(), Arc::<Direction>::default());
    let end = |reads: &Arc<Direction>, writes: &Arc<Direction>| End {
        reader: Reader(Arc::clone(reads)),
        writer: Writer(Arc::clone(writes)),
    };
    (end(&back, &there), end(&there, &back))
}

/// What is read of a direction. The writer learns that it was dropped.
#[derive(Debug)]
pub(super) struct Reader(Arc<Direction>);

/// What is written to a direction. The reader finds its end when it was shut down or dropped.
#[derive(Debug)]
pub(super) struct Writer(Arc<Direction>);

type Direction = Mutex<State>;

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    /// How many of them were read.
    read: usize,
    /// Nothing more is written.
    ended: bool,
    /// Nothing more is read.
    abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl State {
    fn room(&self) -> usize {
        ROOM - (self.bytes.len() - self.read)
    }

    /// Takes as much as there is room for.
    fn write(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(self.room());
        if self.bytes.len() + taken > ROOM {
            self.bytes.drain(..self.read);
            self.read = 0;
        }
        self.bytes.extend_from_slice(&bytes[..taken]);
        taken
    }

    fn read(&mut self, buf: &mut ReadBuf<'_>) {
        let unread = &self.bytes[self.read..];
        let taken = unread.len().min(buf.remaining());
        buf.put_slice(&unread[..taken]);
        self.read += taken;
        if self.read == self.bytes.len() {
            self.bytes.clear();
            self.read = 0;
        }
    }
}

fn wait<T>(waker: &mut Option<Waker>, cx: &Context<'_>) -> Poll<T> {
    if !waker.as_ref().is_some_and(|it| it.will_wake(cx.waker())) {
        *waker = Some(cx.waker().clone());
    }
    Poll::Pending
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let turn = ready!(coop::poll_proceed(cx));
        let mut state = lock(&self.0);
        if state.bytes.is_empty() && !state.ended {
            return wait(&mut state.reader, cx);
        }
        state.read(buf);
        let writer = state.writer.take();
        drop(state);
        turn.made_progress();
        wake(writer);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let turn = ready!(coop::poll_proceed(cx));
        let mut state = lock(&self.0);
        if state.ended || state.abandoned {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if state.room() == 0 {
            return wait(&mut state.writer, cx);
        }
        let taken = bufs.iter().map(|buf| state.write(buf)).sum();
        let reader = state.reader.take();
        drop(state);
        turn.made_progress();
        wake(reader);
        Poll::Ready(Ok(taken))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.end();
        Poll::Ready(Ok(()))
    }
}

impl Writer {
    fn end(&self) {
        let mut state = lock(&self.0);
        state.ended = true;
        let reader = state.reader.take();
        drop(state);
        wake(reader);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.abandoned = true;
        state.bytes = Vec::new();
        state.read = 0;
        let writer = state.writer.take();
        drop(state);
        wake(writer);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A byte for each position, so that one that is lost, doubled or moved is seen.
    fn pattern(len: usize) -> Vec<u8> {
        (0..len).map(|at| (at % 251) as u8).collect()
    }

    #[tokio::test]
    async fn bytes_arrive_in_order_whatever_the_pieces() {
        let sent = pattern(10 * ROOM + 7);
        for piece in [1000, ROOM - 1, ROOM, ROOM + 1, 3 * ROOM] {
            let (mut ours, mut theirs) = pipe();
            let bytes = sent.clone();
            let writing = tokio::spawn(async move {
                for part in bytes.chunks(piece) {
                    ours.writer.write_all(part).await.unwrap();
                }
                ours.writer.shutdown().await.unwrap();
                ours
            });
            let (mut received, mut part) = (Vec::new(), vec![0; 777]);
            loop {
                let count = theirs.reader.read(&mut part).await.unwrap();
                if count == 0 {
                    break;
                }
                received.extend_from_slice(&part[..count]);
            }
            assert!(received == sent, "in pieces of {piece}");
            writing.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_direction_holds_what_is_stated_and_no_more() {
        let (mut ours, mut theirs) = pipe();
        let bytes = pattern(ROOM + 1);
        assert_eq!(ours.writer.write(&bytes).await.unwrap(), ROOM);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(
            Pin::new(&mut ours.writer)
                .poll_write(&mut cx, b"x")
                .is_pending()
        );
        let mut one = [0; 1];
        theirs.reader.read_exact(&mut one).await.unwrap();
        assert_eq!(ours.writer.write(b"xy").await.unwrap(), 1);
        assert!(lock(&theirs.reader.0).bytes.len() <= ROOM);
    }

    #[tokio::test]
    async fn slices_are_taken_together() {
        let (mut ours, mut theirs) = pipe();
        let slices = [
            io::IoSlice::new(b"ab"),
            io::IoSlice::new(b""),
            io::IoSlice::new(b"cd"),
        ];
        assert_eq!(ours.writer.write_vectored(&slices).await.unwrap(), 4);
        let mut read = [0; 4];
        theirs.reader.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"abcd");
    }

    #[tokio::test]
    async fn a_reader_gets_what_was_written_before_the_end() {
        let (mut ours, mut theirs) = pipe();
        ours.writer.write_all(b"last").await.unwrap();
        drop(ours);
        let mut rest = Vec::new();
        theirs.reader.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"last");
    }

    #[tokio::test]
    async fn a_writer_that_waits_learns_that_nothing_is_read() {
        let (mut ours, theirs) = pipe();
        let writing = tokio::spawn(async move { ours.writer.write_all(&pattern(2 * ROOM)).await });
        tokio::task::yield_now().await;
        drop(theirs);
        let error = writing.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
