//! The client's half: a slab of calls and one buffer, behind one lock.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use anyhow::Result;
use bytes::{Bytes, BytesMut};
use slab::Slab;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Notify;

use super::super::wire::{Caller, Frame, READ};

#[derive(Clone)]
pub(in super::super) struct Connection(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    socket: OwnedWriteHalf,
    /// Wakes the writer task.
    work: Notify,
}

#[derive(Default)]
struct State {
    calls: Slab<Call>,
    out: BytesMut,
    /// A task will look at `out` again.
    writing: bool,
}

enum Call {
    Waiting(Waker),
    Done(Bytes),
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        let (read, socket) = stream.into_split();
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            socket,
            work: Notify::new(),
        });
        tokio::spawn(read_replies(read, Arc::clone(&shared)));
        tokio::spawn(write_late(Arc::clone(&shared)));
        Self(shared)
    }
}

impl Caller for Connection {
    async fn call(&self, method: u8, payload: Bytes) -> Result<Bytes> {
        let key = poll_fn(|cx| Poll::Ready(self.0.send(method, payload.clone(), cx))).await;
        let mut sent_now = true;
        let reply = poll_fn(|cx| {
            // the reply cannot be here yet in the poll that sent the request
            if mem::take(&mut sent_now) {
                Poll::Pending
            } else {
                self.0.poll(key, cx)
            }
        });
        Ok(reply.await)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, method: u8, payload: Bytes, cx: &Context<'_>) -> usize {
        let mut state = self.state();
        let key = state.calls.insert(Call::Waiting(cx.waker().clone()));
        Frame {
            sequence: key as u64,
            method,
            payload,
        }
        .put(&mut state.out);
        if !mem::replace(&mut state.writing, true) {
            // alone: no other task could add to this write. Else the writer yields first and gathers.
            if state.calls.len() == 1 {
                self.write_now(state);
            } else {
                self.work.notify_one();
            }
        }
        key
    }

    /// From the calling task; what the socket does not take is left to the writer task.
    fn write_now(&self, mut state: MutexGuard<'_, State>) {
        let mut out = mem::take(&mut state.out);
        drop(state);
        let written = self.socket.try_write(&out).unwrap_or(0);
        let mut state = self.state();
        let _ = out.split_to(written);
        out.extend_from_slice(&state.out);
        state.out = out;
        state.writing = !state.out.is_empty();
        if state.writing {
            self.work.notify_one();
        }
    }

    fn poll(&self, key: usize, cx: &Context<'_>) -> Poll<Bytes> {
        let mut state = self.state();
        match &mut state.calls[key] {
            Call::Waiting(waker) => {
                waker.clone_from(cx.waker());
                Poll::Pending
            }
            Call::Done(reply) => {
                let reply = mem::take(reply);
                state.calls.remove(key);
                Poll::Ready(reply)
            }
        }
    }
}

async fn write_late(shared: Arc<Shared>) -> io::Result<()> {
    let mut out = BytesMut::with_capacity(READ);
    loop {
        shared.work.notified().await;
        tokio::task::yield_now().await;
        loop {
            {
                let mut state = shared.state();
                state.writing = !state.out.is_empty();
                mem::swap(&mut state.out, &mut out);
            }
            if out.is_empty() {
                break;
            }
            write(&shared.socket, &out).await?;
            out.clear();
        }
    }
}

async fn write(socket: &OwnedWriteHalf, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => socket.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn read_replies(mut read: OwnedReadHalf, shared: Arc<Shared>) -> io::Result<()> {
    let mut buffer = BytesMut::with_capacity(READ);
    let mut wakers = Vec::with_capacity(64);
    while read.read_buf(&mut buffer).await? > 0 {
        {
            let mut state = shared.state();
            while let Some(frame) = Frame::take(&mut buffer)? {
                let Some(call) = state.calls.get_mut(frame.sequence as usize) else {
                    continue;
                };
                if let Call::Waiting(waker) = mem::replace(call, Call::Done(frame.payload)) {
                    wakers.push(waker);
                }
            }
        }
        wakers.drain(..).for_each(Waker::wake);
        buffer.reserve(READ / 4);
    }
    Ok(())
}
