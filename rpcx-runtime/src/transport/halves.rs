//! A socket of two directions that are apart already.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::socket::{Halves, Socket};
use crate::context::Identity;

/// What a upgrade makes of a socket whose directions it treats each in its own way.
pub(super) struct SplitSocket {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: Box<dyn AsyncWrite + Send + Unpin>,
    identity: Option<Arc<Identity>>,
}

impl SplitSocket {
    /// The halves of a socket whose identity was `identity`.
    pub(super) fn new((reader, writer): Halves, identity: Option<Arc<Identity>>) -> Self {
        Self {
            reader,
            writer,
            identity,
        }
    }
}

/// Puts bytes that were read too far back in front of a socket.
pub(super) fn with_front(front: Box<[u8]>, socket: Box<dyn Socket>) -> Box<dyn Socket> {
    if front.is_empty() {
        return socket;
    }
    let identity = socket.identity();
    let (reader, writer) = socket.halves();
    let reader = Box::new(Fronted {
        front: io::Cursor::new(front),
        reader,
    });
    Box::new(SplitSocket::new((reader, writer), identity))
}

/// A reader with bytes in front of it, which are kept no longer than until they are read: the
/// connection may live for days.
struct Fronted {
    front: io::Cursor<Box<[u8]>>,
    reader: Box<dyn AsyncRead + Send + Unpin>,
}

impl AsyncRead for Fronted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.front.get_ref().is_empty() {
            return Pin::new(&mut this.reader).poll_read(cx, buf);
        }
        let read = Pin::new(&mut this.front).poll_read(cx, buf);
        if this.front.position() == this.front.get_ref().len() as u64 {
            this.front = io::Cursor::default();
        }
        read
    }
}

impl Socket for SplitSocket {
    fn halves(self: Box<Self>) -> Halves {
        (self.reader, self.writer)
    }

    fn identity(&self) -> Option<Arc<Identity>> {
        self.identity.clone()
    }
}

impl AsyncRead for SplitSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reader).poll_read(cx, buf)
    }
}

impl AsyncWrite for SplitSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.writer).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn what_was_read_too_far_is_not_kept_once_it_is_read() {
        let mut fronted = Fronted {
            front: io::Cursor::new((*b"front").into()),
            reader: Box::new(&b"behind"[..]),
        };
        let mut piece = [0; 3];
        assert_eq!(fronted.read(&mut piece).await.unwrap(), 3);
        assert_eq!(
            fronted.front.get_ref().len(),
            5,
            "two bytes are still to be read"
        );
        assert_eq!(fronted.read(&mut piece).await.unwrap(), 2);
        assert!(fronted.front.get_ref().is_empty());
        let mut rest = String::new();
        fronted.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "behind");
    }
}
