//! The usual way to multiplex, without a codec: frames go through a channel to a writer task, calls wait in
//! a map of oneshot channels, and the server starts a task for each request.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::Peer;
use super::wire::{Caller, Frame, READ};

/// A writer sends what has gathered once it is this much, in bytes.
const BATCH: usize = 64 << 10;

pub(super) struct Floor;

impl Peer for Floor {
    type Client = Connection;

    async fn serve(address: SocketAddr) -> Result<()> {
        let listener = TcpListener::bind(address).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (read, write) = stream.into_split();
            tokio::spawn(serve_one(read, write));
        }
    }

    async fn connect(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (read, write) = stream.into_split();
        Ok(Connection::new(read, write))
    }
}

#[derive(Clone)]
pub(super) struct Connection(Arc<Shared>);

impl Connection {
    /// Over the two directions of a stream.
    pub(super) fn new(
        read: impl AsyncRead + Send + Unpin + 'static,
        write: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        let (frames, queue) = mpsc::unbounded_channel();
        tokio::spawn(write_all(write, queue));
        let shared = Arc::new(Shared {
            frames,
            sequence: AtomicU64::new(0),
            waiting: Mutex::default(),
        });
        tokio::spawn(read_replies(read, Arc::clone(&shared)));
        Self(shared)
    }
}

struct Shared {
    frames: mpsc::UnboundedSender<BytesMut>,
    sequence: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Bytes>>>,
}

impl Shared {
    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Bytes>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Caller for Connection {
    async fn call(&self, method: u8, payload: Bytes) -> Result<Bytes> {
        let sequence = self.0.sequence.fetch_add(1, Ordering::Relaxed);
        let (sender, reply) = oneshot::channel();
        self.0.waiting().insert(sequence, sender);
        let mut frame = BytesMut::new();
        Frame {
            sequence,
            method,
            payload,
        }
        .put(&mut frame);
        self.0
            .frames
            .send(frame)
            .ok()
            .context("the writer has ended")?;
        reply.await.context("the connection has ended")
    }
}

async fn read_replies(mut read: impl AsyncRead + Unpin, shared: Arc<Shared>) {
    let mut buffer = BytesMut::with_capacity(READ);
    while let Ok(read_now) = read.read_buf(&mut buffer).await {
        if read_now == 0 {
            break;
        }
        while let Ok(Some(frame)) = Frame::take(&mut buffer) {
            if let Some(sender) = shared.waiting().remove(&frame.sequence) {
                // a caller that went away needs no reply
                let _ = sender.send(frame.payload);
            }
        }
        buffer.reserve(READ / 4);
    }
    shared.waiting().clear();
}

/// Serves one stream by its two directions.
pub(super) async fn serve_one(
    mut read: impl AsyncRead + Unpin,
    write: impl AsyncWrite + Send + Unpin + 'static,
) -> io::Result<()> {
    let (frames, queue) = mpsc::unbounded_channel();
    tokio::spawn(write_all(write, queue));
    let mut buffer = BytesMut::with_capacity(READ);
    while read.read_buf(&mut buffer).await? > 0 {
        while let Some(frame) = Frame::take(&mut buffer)? {
            let frames = frames.clone();
            tokio::spawn(async move {
                let mut out = BytesMut::new();
                frame.answer().put(&mut out);
                // the writer ends with the connection, and no caller waits for the reply then
                let _ = frames.send(out);
            });
        }
        buffer.reserve(READ / 4);
    }
    Ok(())
}

async fn write_all(
    mut write: impl AsyncWrite + Unpin,
    mut queue: mpsc::UnboundedReceiver<BytesMut>,
) -> io::Result<()> {
    let mut out = BytesMut::with_capacity(BATCH);
    while let Some(first) = queue.recv().await {
        out.extend_from_slice(&first);
        while out.len() < BATCH {
            let Ok(next) = queue.try_recv() else { break };
            out.extend_from_slice(&next);
        }
        write.write_all(&out).await?;
        out.clear();
    }
    Ok(())
}
