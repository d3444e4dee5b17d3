//! The bytes to the peer: data from the writing half, answers to pings and closes from the reading
//! half. Both halves share this.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker, ready};

use tokio::io::AsyncWrite;

use super::frames::{Control, ControlKind, append, control_frame, data_header};
use super::mask::{Mask, Masks};
use crate::sync::lock;

/// What a client masks at once.
const CHUNK: usize = 64 << 10;

/// The code of a close without a reason.
const NORMAL: u16 = 1000;

/// Who polls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Half {
    Reader,
    Writer,
}

/// The way out of a WebSocket.
#[derive(Clone)]
pub(super) struct Outgoing(Arc<Mutex<State>>);

impl Outgoing {
    /// `client` says whether frames are masked.
    pub(super) fn new(sink: Box<dyn AsyncWrite + Send + Unpin>, client: bool) -> Self {
        Self(Arc::new(Mutex::new(State {
            sink,
            staged: Vec::new(),
            written: 0,
            left: 0,
            pong: None,
            close: None,
            echo: None,
            ended: false,
            masks: client.then(|| Box::new(Masks::new())),
            waiting: [None, None],
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

/// What is on its way out.
pub(super) struct State {
    sink: Box<dyn AsyncWrite + Send + Unpin>,
    /// Headers, control frames and masked data, to be written before anything else.
    staged: Vec<u8>,
    written: usize,
    /// Payload of the frame whose header is out, for the next writes.
    left: usize,
    /// At most one each, so that a peer that pings and does not read costs nothing.
    pong: Option<Control>,
    close: Option<Control>,
    /// What the peer's close is answered with, once everything else is out.
    echo: Option<Control>,
    /// A close is out: nothing may follow.
    ended: bool,
    /// Those of a client; a server has none.
    masks: Option<Box<Masks>>,
    /// The halves that wait for the sink: it remembers only the last that asked.
    waiting: [Option<Waker>; 2],
}

impl State {
    /// Answers a ping; an earlier answer that is not on its way yet is dropped.
    pub(super) fn pong(&mut self, payload: Control) {
        self.pong = Some(payload);
    }

    /// Closes, unless that has been said already.
    pub(super) fn close(&mut self, payload: Control) {
        self.close.get_or_insert(payload);
    }

    /// The peer sends no more. A client, which has nothing to say to that, answers at once; a server
    /// has replies to send first, and answers when it shuts down.
    pub(super) fn peer_closed(&mut self, answer: Control) {
        match self.masks {
            Some(_) => self.close(answer),
            None => self.echo = Some(answer),
        }
    }

    /// Whether this side has said that it sends no more.
    pub(super) fn has_closed(&self) -> bool {
        self.ended || self.close.is_some()
    }

    /// Writes the control frames that wait, as far as they may go now.
    pub(super) fn poll_control(
        &mut self,
        half: Half,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_as(half, cx, |state, cx| {
            ready!(state.poll_staged(cx))?;
            Pin::new(&mut state.sink).poll_flush(cx)
        })
    }

    /// Writes data: as much as was taken, in a frame of its own or in the one that was begun.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_as(Half::Writer, cx, |state, cx| {
            ready!(state.poll_staged(cx))?;
            if state.ended {
                let text = "the WebSocket is closed";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::BrokenPipe, text)));
            }
            if data.is_empty() {
                return Poll::Ready(Ok(0));
            }
            match state.masks.is_none() && state.sink.is_write_vectored() {
                true => state.poll_pass(cx, data),
                false => state.copy(cx, data),
            }
        })
    }

    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_as(Half::Writer, cx, |state, cx| {
            if !state.ended {
                let answer = state.echo.take();
                state.close(answer.unwrap_or_else(|| Control::close(NORMAL, "")));
            }
            // In the middle of a frame there is no place for a close.
            ready!(state.poll_staged(cx))?;
            Pin::new(&mut state.sink).poll_shutdown(cx)
        })
    }

    /// Polls so that the other half is woken too, if it waits.
    fn poll_as<T>(
        &mut self,
        half: Half,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Self, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let (own, other) = match half {
            Half::Reader => (0, 1),
            Half::Writer => (1, 0),
        };
        let outcome = match &self.waiting[other] {
            None => poll(self, cx),
            Some(other) => {
                let both = Both(cx.waker().clone(), other.clone());
                poll(self, &mut Context::from_waker(&Arc::new(both).into()))
            }
        };
        self.waiting[own] = outcome.is_pending().then(|| cx.waker().clone());
        outcome
    }

    /// Writes what is staged, and between two frames the control frames that wait.
    fn poll_staged(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            while self.written < self.staged.len() {
                let staged = &self.staged[self.written..];
                match ready!(Pin::new(&mut self.sink).poll_write(cx, staged))? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    written => self.written += written,
                }
            }
            self.staged.clear();
            self.written = 0;
            if self.left > 0 || self.ended || !self.stage_control()? {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn stage_control(&mut self) -> io::Result<bool> {
        if let Some(pong) = self.pong.take() {
            let mask = self.mask()?;
            control_frame(ControlKind::Pong, &pong, mask, &mut self.staged);
        }
        if let Some(close) = self.close.take() {
            let mask = self.mask()?;
            control_frame(ControlKind::Close, &close, mask, &mut self.staged);
            self.ended = true;
        }
        Ok(!self.staged.is_empty())
    }

    fn mask(&mut self) -> io::Result<Option<Mask>> {
        self.masks.as_mut().map(|masks| masks.next()).transpose()
    }

    /// Masked data has to be copied once. What the sink does not take stays staged.
    fn copy(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let data = &data[..data.len().min(CHUNK)];
        let mask = self.mask()?;
        data_header(data.len(), mask, &mut self.staged);
        append(data, mask, &mut self.staged);
        match self.poll_staged(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(data.len())),
        }
    }

    /// Data that is not masked goes out from where it lies, together with its header.
    fn poll_pass(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        if self.left == 0 {
            data_header(data.len(), None, &mut self.staged);
            let header = self.staged.len();
            let slices = [io::IoSlice::new(&self.staged), io::IoSlice::new(data)];
            let written = match Pin::new(&mut self.sink).poll_write_vectored(cx, &slices) {
                Poll::Ready(written) => written?,
                Poll::Pending => {
                    // Nothing was said, so the next write may be another one.
                    self.staged.clear();
                    return Poll::Pending;
                }
            };
            let payload = written.saturating_sub(header);
            self.left = data.len() - payload;
            if payload > 0 {
                self.staged.clear();
                return Poll::Ready(Ok(payload));
            }
            self.written = written;
            ready!(self.poll_staged(cx))?;
        }
        let data = &data[..data.len().min(self.left)];
        let written = ready!(Pin::new(&mut self.sink).poll_write(cx, data))?;
        self.left -= written;
        Poll::Ready(Ok(written))
    }
}

/// Wakes both halves.
struct Both(Waker, Waker);

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
        self.1.wake_by_ref();
    }
}
