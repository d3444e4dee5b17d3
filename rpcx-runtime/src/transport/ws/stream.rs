//! The two directions of a WebSocket as byte streams.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::joined::Joined;
use super::super::socket::Socket;
use super::frames::{Control, FrameReader, Read, Violation};
use super::outgoing::{Half, Outgoing};

/// The code of a close for a frame that must not be.
const PROTOCOL_ERROR: u16 = 1002;

/// Makes a WebSocket of a socket that has been upgraded.
pub(super) fn web_socket(socket: Box<dyn Socket>, client: bool) -> Box<dyn Socket> {
    let identity = socket.identity();
    let (source, sink) = socket.halves();
    let outgoing = Outgoing::new(sink, client);
    let reader = Reader {
        source,
        frames: FrameReader::new(!client),
        outgoing: outgoing.clone(),
        owes: false,
        end: None,
    };
    let halves = (Box::new(reader) as _, Box::new(Writer(outgoing)) as _);
    Box::new(Joined::new(halves, identity))
}

/// What the peer sends.
struct Reader {
    source: Box<dyn AsyncRead + Send + Unpin>,
    frames: FrameReader,
    outgoing: Outgoing,
    /// Whether an answer to the peer waits for room.
    owes: bool,
    /// How the stream has ended, told once what came before is taken.
    end: Option<io::Result<()>>,
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.owes {
            this.pay(cx);
        }
        let start = buf.filled().len();
        loop {
            if let Some(end) = &mut this.end {
                // Told once; whoever asks again finds the end of the stream.
                return Poll::Ready(match buf.filled().len() > start {
                    true => Ok(()),
                    false => std::mem::replace(end, Ok(())),
                });
            }
            let (before, room) = (buf.filled().len(), buf.remaining());
            if room == 0 {
                return Poll::Ready(Ok(()));
            }
            match Pin::new(&mut this.source).poll_read(cx, buf) {
                Poll::Pending if before > start => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => {
                    this.end = Some(Err(error));
                    continue;
                }
                Poll::Ready(Ok(())) => {}
            }
            let came = buf.filled().len() - before;
            if came == 0 {
                this.end = Some(this.ended());
                continue;
            }
            let read = this.frames.read(&mut buf.filled_mut()[before..]);
            buf.set_filled(before + read.payload);
            this.follow(&read, cx);
            // A read that filled its room has more behind it.
            if buf.filled().len() > start && came < room {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl Reader {
    /// Does what the frames ask for beside their payload.
    fn follow(&mut self, read: &Read, cx: &mut Context<'_>) {
        if let Some(pong) = read.pong {
            self.outgoing.lock().pong(pong);
            self.owes = true;
        }
        if let Some(close) = read.close {
            self.outgoing.lock().close(close);
            self.owes = true;
            self.end = Some(Ok(()));
        }
        if let Some(Violation(why)) = read.violation {
            let close = Control::close(PROTOCOL_ERROR, why);
            self.outgoing.lock().close(close);
            self.owes = true;
            let text = format!("the peer broke the WebSocket protocol: {why}");
            self.end = Some(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
        }
        if self.owes {
            self.pay(cx);
        }
    }

    /// Sends what the peer is owed, as far as there is room. The writing half tells of errors.
    fn pay(&mut self, cx: &mut Context<'_>) {
        self.owes = self
            .outgoing
            .lock()
            .poll_control(Half::Reader, cx)
            .is_pending();
    }

    /// The end of the socket, which should have been announced by a close.
    fn ended(&self) -> io::Result<()> {
        match self.frames.is_between_messages() {
            true => Ok(()),
            false => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the stream ended in the middle of a WebSocket message",
            )),
        }
    }
}

/// What the peer gets.
struct Writer(Outgoing);

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.lock().poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().poll_control(Half::Writer, cx)
    }

    /// Says goodbye and ends the sending side.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().poll_shutdown(cx)
    }
}
