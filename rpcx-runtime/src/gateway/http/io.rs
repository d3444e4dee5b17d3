//! The stream under a connection of HTTP, with the clocks that hyper does not have.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::{Activity, Doing};
use super::ahead::Ahead;
use crate::pace::after;

type Reader = Box<dyn AsyncRead + Send + Unpin>;
type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// How long, and for how many bytes, a peer is listened to that is told no more.
const LINGER: Duration = Duration::from_secs(1);
const LAST_BYTES: usize = 1 << 20;

/// Pieces of at most as many bytes together are written as one. hyper gives head and body apart, and for the system a
/// vectored write of two small pieces is a fifth dearer than a write of one.
const JOINED: usize = 1024;

/// How long a connection may take for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    /// To send a head that has begun; `None` where heads are not one after the other.
    pub(super) head: Option<Duration>,
    /// To begin the next request.
    pub(super) idle: Duration,
    /// To take a byte of what is written.
    pub(super) stall: Duration,
}

/// Both directions of a stream.
pub(super) struct HttpIo {
    reader: Reader,
    writer: Writer,
    /// What was read before HTTP was known to be spoken.
    front: Bytes,
    activity: Arc<Activity>,
    clocks: Clocks,
    /// The requests that had begun when a byte came last, and whether the next head comes since. Times are taken when
    /// something has to be waited for: most heads come in one piece, and most responses go in one.
    begun: u64,
    head: bool,
    head_since: Option<Instant>,
    /// Since when no byte was written.
    wrote: Option<Instant>,
    stalled: bool,
    reading: Alarm,
    writing: Alarm,
    /// Until when, once this side has ended, and how many bytes were dropped since.
    lingers: Option<(Instant, usize)>,
}

/// A clock that is there once it is needed.
#[derive(Default)]
struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    /// Whom it wakes.
    told: Option<Waker>,
}

impl Alarm {
    /// Wakes the task at some time: when it was to be woken, or else after `period`. Most times no clock has to be read for it.
    fn ring(&mut self, period: Duration, cx: &mut Context<'_>) {
        let is_told = |told: &Waker| told.will_wake(cx.waker());
        let waits = self.sleep.as_ref().is_some_and(|sleep| !sleep.is_elapsed());
        if !waits || !self.told.as_ref().is_some_and(is_told) {
            let _rings_later = self.poll(after(Instant::now(), period), cx);
        }
    }

    fn poll(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if sleep.deadline() > at {
            sleep.as_mut().reset(at);
            self.told = None;
        }
        let is_told = |told: &Waker| told.will_wake(cx.waker());
        if !sleep.is_elapsed() && self.told.as_ref().is_some_and(is_told) {
            return Poll::Pending;
        }
        self.told = Some(cx.waker().clone());
        // With each request the time moves on. A clock that rings too early is set again then, and not for each of them.
        while sleep.deadline() < at {
            ready!(sleep.as_mut().poll(cx));
            sleep.as_mut().reset(at);
        }
        sleep.as_mut().poll(cx)
    }
}

/// What a reader has waited for too long.
enum Late {
    Head,
    Request,
    Peer,
}

impl HttpIo {
    pub(super) fn new(
        (reader, writer): (Reader, Writer),
        front: Bytes,
        activity: Arc<Activity>,
        clocks: Clocks,
    ) -> Self {
        let head = !front.is_empty();
        Self {
            reader,
            writer,
            front,
            activity,
            clocks,
            begun: 0,
            head,
            head_since: None,
            wrote: None,
            stalled: false,
            reading: Alarm::default(),
            writing: Alarm::default(),
            lingers: None,
        }
    }

    /// Has these bytes read once more, before all others.
    pub(super) fn put_back(&mut self, pieces: &[&[u8]]) {
        self.front = [&pieces.concat(), &*self.front].concat().into();
    }

    /// Its reading half, which can be read ahead from now on.
    pub(super) fn ahead(&mut self) -> Ahead {
        let reader = std::mem::replace(&mut self.reader, Box::new(tokio::io::empty()));
        let ahead = Ahead::of(reader);
        self.reader = Box::new(ahead.clone());
        ahead
    }

    /// The halves again; what is not parsed, `read` and all before it, is in front.
    pub(super) fn into_halves(self, read: &[u8]) -> (Reader, Writer, Bytes) {
        let mut front = BytesMut::from(read);
        front.extend_from_slice(&self.front);
        (self.reader, self.writer, front.freeze())
    }

    /// Notes that bytes have come.
    fn heard(&mut self) {
        let begun = self.activity.begun();
        if begun != self.begun {
            (self.begun, self.head, self.head_since) = (begun, false, None);
        }
        self.head = self.head || self.activity.is_quiet();
    }

    /// Until when something has to come, and what.
    fn deadline(&mut self) -> Option<(Instant, Late)> {
        match self.activity.doing() {
            Doing::Running => None,
            // Where one response follows another, it is on its way until a write of it has to wait, which has its own clock.
            Doing::Sending if self.clocks.head.is_some() && !self.stalled => None,
            Doing::Sending => {
                let since = *self.wrote.get_or_insert_with(Instant::now);
                Some((after(since, self.clocks.stall), Late::Peer))
            }
            Doing::Nothing(quiet) => {
                let comes = self.head && self.begun == self.activity.begun();
                match self.clocks.head.filter(|_| comes) {
                    Some(head) => {
                        let since = *self.head_since.get_or_insert_with(Instant::now);
                        Some((after(since, head), Late::Head))
                    }
                    None => Some((after(quiet, self.clocks.idle), Late::Request)),
                }
            }
        }
    }

    /// Ends the stream if it has waited for too long.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.activity.waits();
        let Some((at, late)) = self.deadline() else {
            // hyper does not read again when a response has gone, so the clock rings meanwhile.
            let again = self.clocks.idle.min(self.clocks.stall);
            self.reading.ring(again, cx);
            return Poll::Pending;
        };
        ready!(self.reading.poll(at, cx));
        Poll::Ready(match late {
            // It is ended in good order and, where that takes long, as if the client had closed it.
            Late::Request => {
                self.activity.idle.set();
                ready!(self.reading.poll(after(at, LINGER), cx));
                Ok(())
            }
            Late::Head => Err(late_error("the head of a request came too slowly")),
            Late::Peer => Err(late_error("the peer takes nothing of its response")),
        })
    }

    /// Notes what became of a write, and ends the stream if the peer takes nothing.
    fn wrote<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            (self.wrote, self.stalled) = (None, false);
            return written;
        }
        if !std::mem::replace(&mut self.stalled, true) {
            self.wrote = None;
        }
        let since = *self.wrote.get_or_insert_with(Instant::now);
        ready!(self.writing.poll(after(since, self.clocks.stall), cx));
        Poll::Ready(Err(late_error("the peer takes nothing of its response")))
    }
}

fn late_error(text: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, text)
}

/// Copies all pieces behind each other, if there are several and they have room; returns how long they are.
fn joined(pieces: &[io::IoSlice<'_>], room: &mut [u8; JOINED]) -> Option<usize> {
    if pieces.len() < 2 {
        return None;
    }
    let mut length = 0;
    for piece in pieces {
        let end = length + piece.len();
        room.get_mut(length..end)?.copy_from_slice(piece);
        length = end;
    }
    Some(length)
}

impl AsyncRead for HttpIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.front.has_remaining() {
            let length = this.front.len().min(buf.remaining());
            buf.put_slice(&this.front.split_to(length));
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        match Pin::new(&mut this.reader).poll_read(cx, buf) {
            Poll::Pending => this.poll_late(cx),
            Poll::Ready(Ok(())) if buf.filled().len() > before => {
                this.heard();
                // One that sends a byte now and then has no more time.
                let waited = this.head_since.and_then(|_| this.deadline());
                match waited {
                    Some((at, Late::Head)) if at <= Instant::now() => this.poll_late(cx),
                    _ => Poll::Ready(Ok(())),
                }
            }
            ended => ended,
        }
    }
}

impl AsyncWrite for HttpIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.writer).poll_write(cx, buf);
        self.wrote(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut room = [0; JOINED];
        let writer = Pin::new(&mut self.writer);
        let written = match joined(bufs, &mut room) {
            Some(length) => writer.poll_write(cx, &room[..length]),
            None => writer.poll_write_vectored(cx, bufs),
        };
        self.wrote(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.writer.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.writer).poll_flush(cx);
        self.wrote(flushed, cx)
    }

    /// Ends both directions: what still comes is dropped for a while, because a socket that is closed
    /// with bytes unread is reset, and takes the last response with it.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingers.is_none() {
            ready!(Pin::new(&mut this.writer).poll_shutdown(cx))?;
        }
        let (until, dropped) = this
            .lingers
            .get_or_insert_with(|| (after(Instant::now(), LINGER), 0));
        let mut room = [0; 4096];
        while *dropped < LAST_BYTES {
            let mut buf = ReadBuf::new(&mut room);
            let Poll::Ready(read) = Pin::new(&mut this.reader).poll_read(cx, &mut buf) else {
                return this.reading.poll(*until, cx).map(Ok);
            };
            *dropped += buf.filled().len();
            if read.is_err() || buf.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::IoSlice;

    use super::*;

    #[test]
    fn small_pieces_are_one_and_large_ones_are_left() {
        let mut room = [0; JOINED];
        let join = |pieces: &[&[u8]], room: &mut [u8; JOINED]| {
            let pieces: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
            joined(&pieces, room).map(|length| room[..length].to_vec())
        };
        assert_eq!(
            join(&[b"head", b"", b"body"], &mut room).unwrap(),
            b"headbody"
        );
        assert_eq!(join(&[b"alone"], &mut room), None);
        let head = [1; JOINED - 1];
        assert_eq!(join(&[&head, &[2]], &mut room).unwrap().len(), JOINED);
        assert_eq!(join(&[&head, &[2, 3]], &mut room), None);
    }
}
