//! The receive buffer: small while little comes, larger while much does.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What a connection reads into over which little has come, enough for some small frames. While it waits it holds none of it:
/// with 10,000 of them it is what the process weighs.
const FIRST: usize = 512;

/// The same once that is used up.
const SMALL: usize = 4 << 10;

/// What one read asks for at most while nothing larger is announced.
const LARGE: usize = 64 << 10;

/// A read makes do with this part of what one may ask for. Small frames then lie behind each other in one piece of
/// memory, where a new one would be made for each reply that its caller has not looked at by the next read.
const ENOUGH: usize = 4;

/// Towards the end of an announced frame a buffer grows by so many times what of it has arrived, or
/// up to twice that: a large frame is moved once or twice, and a length that is only announced
/// reserves little. What is reserved and not yet received is memory that was never touched.
const AHEAD: usize = 15;

/// What one read asks for at most. Some streams write zeros to all that they are offered before they
/// read a part of it.
const MOST: usize = 256 << 10;

/// So many bytes that were there at once are enough for one turn: 0.1 ms for the system that copies them.
const TURN: usize = 256 << 10;

/// Bytes that were received and not yet decoded.
#[derive(Debug)]
pub(crate) struct ReadBuffer {
    pub(crate) bytes: BytesMut,
    step: usize,
    missing: usize,
    /// It was made for a large frame.
    large: bool,
    /// Bytes that were read into first buffers.
    little: usize,
    /// Bytes that were read since others have had their turn.
    since: usize,
}

impl ReadBuffer {
    pub(crate) fn new() -> Self {
        Self {
            bytes: BytesMut::new(),
            step: FIRST,
            missing: 0,
            large: false,
            little: 0,
            since: 0,
        }
    }

    /// Whether so much was read that others should have their turn. Beside a frame of many megabytes there are small ones, on
    /// other connections of the same thread. Counts anew then.
    pub(crate) fn is_turn_of_others(&mut self) -> bool {
        let over = self.since >= TURN;
        if over {
            self.since = 0;
        }
        over
    }

    /// Little comes: what is empty is not kept.
    pub(crate) fn rest(&mut self) {
        if self.bytes.is_empty() {
            *self = Self::new();
        }
    }

    /// Says how many bytes the frame that has begun still lacks.
    pub(crate) fn expect(&mut self, missing: usize) {
        self.missing = missing;
    }

    /// Reads what is there. Zero bytes mean the end of the stream.
    pub(crate) async fn fill(
        &mut self,
        reader: &mut (dyn AsyncRead + Send + Unpin),
    ) -> io::Result<usize> {
        poll_fn(|cx| self.poll_fill(reader, cx)).await
    }

    /// The same as [`fill`](Self::fill). A poll that is pending leaves nothing behind but the waker.
    pub(crate) fn poll_fill(
        &mut self,
        reader: &mut (dyn AsyncRead + Send + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.bytes.len().saturating_add(self.missing) > self.step {
            self.make_room(ahead(self.bytes.len(), self.missing));
        } else if self.bytes.capacity() - self.bytes.len() < self.missing.max(self.step / ENOUGH) {
            // A first buffer that is used up was not the last.
            if self.bytes.capacity() > 0 {
                self.step = self.step.max(SMALL);
            }
            self.bytes.reserve(self.step);
        }
        let room = (self.bytes.capacity() - self.bytes.len()).min(MOST);
        let mut offered = (&mut self.bytes).limit(room);
        let read = pin!(reader.read_buf(&mut offered)).poll(cx)?;
        match read {
            Poll::Ready(read) => self.since += read,
            Poll::Pending => self.since = 0,
        }
        match read {
            // A read that filled its room had more behind it; one that used little needs less.
            Poll::Ready(read) if read == room => self.step = (self.step * 4).min(LARGE),
            // As much as a first buffer holds, in several of them, calls for one that is kept.
            Poll::Ready(read) if self.step == FIRST => {
                self.little += read;
                if self.little >= FIRST {
                    self.step = SMALL;
                }
            }
            Poll::Ready(read) if read < self.step / 8 && self.step > SMALL => self.step /= 2,
            // A connection that is quiet does not keep it.
            Poll::Pending if (self.large || self.step == FIRST) && self.bytes.is_empty() => {
                (self.bytes, self.large) = (BytesMut::new(), false);
            }
            _ => {}
        }
        read.map(Ok)
    }

    /// Room for `ahead` bytes of a large frame and no more: in a larger buffer the next frame would
    /// begin behind this one, and have to be moved out of it while a handler still reads this one.
    fn make_room(&mut self, ahead: usize) {
        if self.bytes.capacity() - self.bytes.len() < ahead {
            let mut larger = BytesMut::with_capacity(self.bytes.len() + ahead);
            larger.extend_from_slice(&self.bytes);
            (self.bytes, self.large) = (larger, true);
        }
    }
}

/// How much to reserve for a frame of which `arrived` bytes are here. The rest of it, unless that is
/// much: what falls just short of the end would be moved once more for a few bytes.
fn ahead(arrived: usize, missing: usize) -> usize {
    let ahead = arrived.saturating_mul(AHEAD);
    match missing / 2 <= ahead {
        true => missing,
        false => ahead,
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::io::AsyncWriteExt;

    use super::*;

    /// Fills a buffer from `bytes`, of which the frame that is announced lacks more than come.
    async fn grown(bytes: &[u8], announced: usize) -> (usize, usize) {
        let (mut reader, mut buffer) = (bytes, ReadBuffer::new());
        let (mut moves, mut largest) = (0, 0);
        while buffer.fill(&mut reader).await.unwrap() > 0 {
            buffer.expect(announced - buffer.bytes.len());
            if buffer.bytes.capacity() > largest {
                (moves, largest) = (moves + 1, buffer.bytes.capacity());
            }
        }
        (moves, largest)
    }

    #[tokio::test]
    async fn a_large_frame_is_moved_seldom() {
        for frame in [1 << 20, (1 << 20) + 100, 5 << 20] {
            let (moves, largest) = grown(&vec![0; frame], frame).await;
            assert!(moves <= 5, "{moves} times");
            assert_eq!(largest, frame);
        }
    }

    /// Requests are dropped before the next read, as a rule, and then a buffer is its own again.
    #[tokio::test]
    async fn the_buffer_of_a_large_frame_is_used_again_and_not_kept() {
        let (mut sender, mut reader) = tokio::io::duplex(1 << 21);
        let mut buffer = ReadBuffer::new();
        for _ in 0..3 {
            sender.write_all(&vec![0; 1 << 20]).await.unwrap();
            while buffer.bytes.len() < 1 << 20 {
                buffer.fill(&mut reader).await.unwrap();
                buffer.expect((1 << 20) - buffer.bytes.len());
            }
            assert_eq!(buffer.bytes.capacity(), 1 << 20);
            drop(buffer.bytes.split());
            buffer.expect(0);
        }
        let mut cx = Context::from_waker(Waker::noop());
        assert!(buffer.poll_fill(&mut reader, &mut cx).is_pending());
        assert!(
            buffer.bytes.capacity() <= LARGE,
            "{}",
            buffer.bytes.capacity()
        );
        sender.write_all(b"more").await.unwrap();
        assert_eq!(buffer.fill(&mut reader).await.unwrap(), 4);
    }

    /// Ten small frames, a rest, and ten more.
    #[tokio::test]
    async fn a_buffer_begins_small_and_is_small_again_after_a_rest() {
        let (mut sender, mut reader) = tokio::io::duplex(1 << 10);
        let mut buffer = ReadBuffer::new();
        for _ in 0..2 {
            let mut largest = 0;
            for _ in 0..10 {
                sender.write_all(&[0; 100]).await.unwrap();
                assert_eq!(buffer.fill(&mut reader).await.unwrap(), 100);
                largest = largest.max(buffer.bytes.capacity());
                drop(buffer.bytes.split());
                buffer.expect(0);
            }
            assert!((SMALL / 2..=SMALL).contains(&largest), "{largest}");
            buffer.rest();
            let mut cx = Context::from_waker(Waker::noop());
            assert!(buffer.poll_fill(&mut reader, &mut cx).is_pending());
            assert_eq!(buffer.bytes.capacity(), 0);
        }
        buffer.bytes.extend_from_slice(b"a part of a frame");
        buffer.rest();
        assert_eq!(buffer.bytes, "a part of a frame");
    }

    /// A connection that waits holds nothing, unless there was a use for it.
    #[tokio::test]
    async fn a_first_buffer_is_held_as_long_as_something_is_in_it() {
        let (mut sender, mut reader) = tokio::io::duplex(1 << 10);
        let mut buffer = ReadBuffer::new();
        let mut cx = Context::from_waker(Waker::noop());
        for received in (100..).step_by(100).take(10) {
            sender.write_all(&[0; 60]).await.unwrap();
            assert_eq!(buffer.fill(&mut reader).await.unwrap(), 60);
            assert!(buffer.poll_fill(&mut reader, &mut cx).is_pending());
            sender.write_all(&[0; 40]).await.unwrap();
            assert_eq!(buffer.fill(&mut reader).await.unwrap(), 40);
            drop(buffer.bytes.split());
            assert!(buffer.poll_fill(&mut reader, &mut cx).is_pending());
            let kept = buffer.bytes.capacity();
            assert_eq!(kept > 0, received >= FIRST, "{kept} after {received}");
        }
    }

    #[tokio::test]
    async fn a_length_that_is_only_announced_reserves_little() {
        let (_, largest) = grown(&[0; 10], 64 << 20).await;
        assert_eq!(largest, FIRST);
        let (_, largest) = grown(&[0; 100_000], 64 << 20).await;
        assert!(largest <= (1 + 2 * AHEAD) * 100_000, "{largest} bytes");
    }
}
