//! A socket of two directions that are apart already.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::socket::{Halves, Socket};
use crate::context::Identity;

/// What a layer makes of a socket whose directions it treats each in its own way.
pub(super) struct Joined {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: Box<dyn AsyncWrite + Send + Unpin>,
    identity: Option<Arc<Identity>>,
}

impl Joined {
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
pub(super) fn with_front(front: BytesMut, socket: Box<dyn Socket>) -> Box<dyn Socket> {
    if front.is_empty() {
        return socket;
    }
    let identity = socket.identity();
    let (reader, writer) = socket.halves();
    let reader = Box::new(io::Cursor::new(front).chain(reader));
    Box::new(Joined::new((reader, writer), identity))
}

impl Socket for Joined {
    fn halves(self: Box<Self>) -> Halves {
        (self.reader, self.writer)
    }

    fn identity(&self) -> Option<Arc<Identity>> {
        self.identity.clone()
    }
}

impl AsyncRead for Joined {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reader).poll_read(cx, buf)
    }
}

impl AsyncWrite for Joined {
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
