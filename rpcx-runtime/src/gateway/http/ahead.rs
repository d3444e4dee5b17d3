//! What comes behind a request that has yet to be answered. hyper does not read while it holds a part of the next request,
//! and so would not see that the client has gone: a handler would run on for it, and keep its place.

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::sync::lock;

/// Further requests that are read while one waits, in bytes: what a client sends beyond that, it has to hold.
pub(super) const MOST: usize = 16 << 10;

/// Why a connection ends whose client waits no longer.
const GONE: &str = "the client has gone before its response";

pub(super) fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, GONE)
}

/// A stream that can be read ahead of its reader. All clones are of one stream, and belong to one task.
#[derive(Clone)]
pub(super) struct Ahead(Arc<Mutex<Source>>);

struct Source {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    /// What was read ahead.
    front: BytesMut,
    /// The reader waits for bytes. The task is woken for it then, and it sees the end by itself.
    is_waiting: bool,
}

impl Ahead {
    pub(super) fn of(reader: Box<dyn AsyncRead + Send + Unpin>) -> Self {
        Self(Arc::new(Mutex::new(Source {
            reader,
            front: BytesMut::new(),
            is_waiting: false,
        })))
    }

    /// Ready once the client has gone, as far as that can be seen behind [`MOST`] bytes.
    pub(super) fn poll_gone(&self, cx: &mut Context<'_>) -> Poll<()> {
        let source = &mut *lock(&self.0);
        while !source.is_waiting && source.front.len() < MOST {
            match pin!(source.reader.read_buf(&mut source.front)).poll(cx) {
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        Poll::Pending
    }
}

impl AsyncRead for Ahead {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let source = &mut *lock(&self.0);
        if source.front.has_remaining() {
            let length = source.front.len().min(buf.remaining());
            buf.put_slice(&source.front.split_to(length));
            return Poll::Ready(Ok(()));
        }
        let read = Pin::new(&mut source.reader).poll_read(cx, buf);
        source.is_waiting = read.is_pending();
        read
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Waker;

    use tokio::io::AsyncWriteExt;

    use super::*;

    fn is_gone(ahead: &Ahead) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        ahead.poll_gone(&mut cx).is_ready()
    }

    #[tokio::test]
    async fn what_is_read_ahead_is_read_once_and_in_order() {
        let (mut client, stream) = tokio::io::duplex(64 << 10);
        let ahead = Ahead::of(Box::new(stream));
        let mut reader = ahead.clone();
        for part in [&b"one, "[..], b"two, "] {
            client.write_all(part).await.unwrap();
            assert!(!is_gone(&ahead));
        }
        client.write_all(b"three").await.unwrap();
        let mut all = [0; 15];
        reader.read_exact(&mut all).await.unwrap();
        assert_eq!(&all, b"one, two, three");
    }

    #[tokio::test]
    async fn the_end_is_seen_behind_what_fits_and_no_more_is_read() {
        for (length, seen) in [(0, true), (MOST / 2, true), (3 * MOST, false)] {
            let (mut client, stream) = tokio::io::duplex(64 << 10);
            let ahead = Ahead::of(Box::new(stream));
            client.write_all(&vec![7; length]).await.unwrap();
            drop(client);
            assert_eq!(is_gone(&ahead), seen, "{length} bytes");
            assert!(lock(&ahead.0).front.len() < 2 * MOST);
            let mut all = Vec::new();
            ahead.clone().read_to_end(&mut all).await.unwrap();
            assert_eq!(all, vec![7; length]);
        }
    }

    /// It is woken for its bytes, which must not be taken away from it.
    #[tokio::test]
    async fn a_reader_that_waits_is_left_what_comes() {
        let (mut client, stream) = tokio::io::duplex(1024);
        let ahead = Ahead::of(Box::new(stream));
        let mut reader = ahead.clone();
        let mut room = [0; 8];
        let mut buf = ReadBuf::new(&mut room);
        let waits = poll_fn(|cx| Poll::Ready(Pin::new(&mut reader).poll_read(cx, &mut buf)));
        assert!(waits.await.is_pending());
        client.write_all(b"body").await.unwrap();
        assert!(!is_gone(&ahead) && lock(&ahead.0).front.is_empty());
        assert_eq!(reader.read(&mut room).await.unwrap(), 4);
    }
}
