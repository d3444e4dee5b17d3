//! The two ends of a session that its user holds.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::session::Session;
use crate::transport::{Address, Stream};

/// Closes the session when both halves are gone.
struct Owner(Arc<Session>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.drop_halves();
    }
}

struct Reader(Arc<Owner>);

struct Writer(Arc<Owner>);

/// The stream of a session; dropping it closes the session.
pub(super) fn stream(session: Arc<Session>, peer: Address) -> Stream {
    let owner = Arc::new(Owner(session));
    let mut stream = Stream::new(Reader(Arc::clone(&owner)), Writer(owner), peer);
    stream.ends = false;
    stream
}

impl AsyncRead for Reader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.0.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.0.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.0.poll_flush()
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.0.poll_shutdown(cx)
    }
}
