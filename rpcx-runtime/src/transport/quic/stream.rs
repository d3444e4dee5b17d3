//! The two directions of the one stream of a connection.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use quinn::{Connection, ConnectionError, ReadError, RecvStream, SendStream, StoppedError};
use quinn::{VarInt, WriteError};
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::super::tls::identity;
use super::super::{Address, BoxFuture, Stream};
use super::close_reason::{close_reason, is_clean_close};
use super::window::Window;

/// How long a connection stays after this side has written its last byte and reads no more. Go
/// drops bytes that it has received and not yet read when the connection is closed, so its end of
/// the stream is waited for.
const LINGER: Duration = Duration::from_secs(1);

type Opened = Result<(SendStream, RecvStream, Window), ConnectionError>;
type Stopped = Result<Option<VarInt>, StoppedError>;

/// The stream that a client has opened; `window` is the most that the peer may send ahead.
pub(super) fn opened(
    connection: &Connection,
    halves: (SendStream, RecvStream),
    window: u32,
) -> Halves {
    let finished = Arc::new(AtomicBool::new(false));
    Halves {
        writer: Writer {
            state: Writing::Open(halves.0),
            finished: Arc::clone(&finished),
        },
        reader: Reader {
            state: Reading::Open(halves.1, Window::new(connection, window)),
            finished,
            runtime: Handle::current(),
        },
        connection: connection.clone(),
    }
}

/// The stream that the client of an accepted connection opens with its first bytes. Until then it
/// is a silent connection like those of other networks, and the server's limits are for it too.
pub(super) fn accepted(connection: Connection, window: u32) -> Halves {
    let finished = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = oneshot::channel();
    let accepting = connection.clone();
    Halves {
        writer: Writer {
            state: Writing::Waits(receiver),
            finished: Arc::clone(&finished),
        },
        reader: Reader {
            state: Reading::Waits {
                opened: Box::pin(async move {
                    let (send, receive) = accepting.accept_bi().await?;
                    Ok((send, receive, Window::new(&accepting, window)))
                }),
                sender: Some(sender),
            },
            finished,
            runtime: Handle::current(),
        },
        connection,
    }
}

/// A stream in the making.
pub(super) struct Halves {
    reader: Reader,
    writer: Writer,
    connection: Connection,
}

impl Halves {
    /// With the identity that the peer has proved in the handshake.
    pub(super) fn into_stream(self, peer: Address) -> Stream {
        let proved = self.connection.peer_identity();
        let chain = proved.and_then(|proved| proved.downcast::<Vec<CertificateDer<'_>>>().ok());
        let mut stream = Stream::new(self.reader, self.writer, peer);
        stream.identity = chain.and_then(|chain| identity(&chain));
        stream
    }
}

struct Reader {
    state: Reading,
    /// All that this side had to say has arrived.
    finished: Arc<AtomicBool>,
    runtime: Handle,
}

enum Reading {
    Waits {
        opened: BoxFuture<'static, Opened>,
        sender: Option<oneshot::Sender<SendStream>>,
    },
    Open(RecvStream, Window),
    Ended,
}

impl Reader {
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Reading::Waits { opened, sender } = &mut self.state else {
            return Poll::Ready(Ok(()));
        };
        let outcome = ready!(opened.as_mut().poll(cx));
        let sender = sender.take();
        self.state = Reading::Ended;
        match outcome {
            Ok((send, receive, window)) => {
                self.state = Reading::Open(receive, window);
                if let Some(sender) = sender {
                    // Without a writer there is no answer.
                    let _ = sender.send(send);
                }
                Poll::Ready(Ok(()))
            }
            Err(error) if is_clean_close(&error) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(close_reason(&error))),
        }
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let reader = self.get_mut();
        ready!(reader.poll_open(cx))?;
        let Reading::Open(receive, window) = &mut reader.state else {
            return Poll::Ready(Ok(()));
        };
        let before = buffer.filled().len();
        match ready!(receive.poll_read_buf(cx, buffer)) {
            Ok(()) => {
                window.after_read(buffer.filled().len() - before);
                if buffer.filled().len() == before && buffer.remaining() > 0 {
                    reader.state = Reading::Ended;
                }
                Poll::Ready(Ok(()))
            }
            Err(ReadError::ConnectionLost(error)) => {
                reader.state = Reading::Ended;
                // In the middle of a frame the end is an error to a reader of frames.
                Poll::Ready(match is_clean_close(&error) {
                    true => Ok(()),
                    false => Err(close_reason(&error)),
                })
            }
            Err(error) => Poll::Ready(Err(error.into())),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.finished.load(Ordering::Acquire) {
            return;
        }
        if let Reading::Open(mut receive, _) = std::mem::replace(&mut self.state, Reading::Ended) {
            self.runtime.spawn(async move {
                let rest =
                    async { while let Ok(Some(_)) = receive.read_chunk(usize::MAX, true).await {} };
                let _ended = tokio::time::timeout(LINGER, rest).await;
            });
        }
    }
}

struct Writer {
    state: Writing,
    finished: Arc<AtomicBool>,
}

enum Writing {
    /// The reader passes the stream on when the client has opened it.
    Waits(oneshot::Receiver<SendStream>),
    Open(SendStream),
    /// Waits for the acknowledgement of everything, and holds the connection.
    Finishing(BoxFuture<'static, Stopped>),
    Ended,
}

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let writer = self.get_mut();
        if let Writing::Waits(receiver) = &mut writer.state {
            let send = ready!(Pin::new(receiver).poll(cx)).map_err(|_| closed())?;
            writer.state = Writing::Open(send);
        }
        let Writing::Open(send) = &mut writer.state else {
            return Poll::Ready(Err(closed()));
        };
        Pin::new(send).poll_write(cx, bytes).map_err(failed)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What quinn has taken it sends on its own.
        Poll::Ready(Ok(()))
    }

    /// Done when the peer has acknowledged every byte, and the end: only then may the connection
    /// be closed.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let writer = self.get_mut();
        let stopped = match &mut writer.state {
            Writing::Finishing(stopped) => stopped,
            Writing::Ended => return Poll::Ready(Ok(())),
            Writing::Waits(_) | Writing::Open(_) => match writer.finish() {
                Some(stopped) => stopped,
                None => return Poll::Ready(Ok(())),
            },
        };
        let outcome = ready!(stopped.as_mut().poll(cx));
        writer.state = Writing::Ended;
        match outcome {
            Ok(_) => {
                writer.finished.store(true, Ordering::Release);
                Poll::Ready(Ok(()))
            }
            Err(error) => Poll::Ready(Err(failed(error.into()))),
        }
    }
}

impl Writer {
    /// Ends the stream; what is to be waited for. Without a stream there is nothing to end.
    fn finish(&mut self) -> Option<&mut BoxFuture<'static, Stopped>> {
        let mut send = match std::mem::replace(&mut self.state, Writing::Ended) {
            Writing::Waits(mut receiver) => receiver.try_recv().ok()?,
            Writing::Open(send) => send,
            Writing::Finishing(_) | Writing::Ended => return None,
        };
        // An error means that the peer has stopped the stream; then nothing is waited for.
        let _ = send.finish();
        self.state = Writing::Finishing(Box::pin(send.stopped()));
        match &mut self.state {
            Writing::Finishing(stopped) => Some(stopped),
            _ => None,
        }
    }
}

fn closed() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

fn failed(error: WriteError) -> io::Error {
    match error {
        WriteError::ConnectionLost(error) => close_reason(&error),
        other => other.into(),
    }
}
