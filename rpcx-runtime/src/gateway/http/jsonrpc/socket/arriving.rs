//! What has arrived of a message that is not whole.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

use super::super::super::entry::Entry;
use super::time_for;
use crate::connection::Limits;
use crate::context::Peer;
use crate::dispatch::{Admission, Arriving};
use crate::pace::after;
use crate::sync::lock;

/// The bytes since the last message, counted as held.
#[derive(Clone)]
pub(super) struct Arrived(Arc<Mutex<Part>>);

struct Part {
    admission: Arc<Admission>,
    peer: Arc<Peer>,
    held: Arriving,
    bytes: usize,
    began: Option<Instant>,
    /// Why the server could not hold them.
    full: Option<&'static str>,
}

impl Arrived {
    pub(super) fn new(entry: &Entry) -> Self {
        let admission = Arc::clone(&entry.dispatch.admission);
        Self(Arc::new(Mutex::new(Part {
            held: Arriving::new(&admission),
            admission,
            peer: Arc::clone(&entry.peer),
            bytes: 0,
            began: None,
            full: None,
        })))
    }

    /// What is held of a message that is whole now, or why it could not be.
    pub(super) fn take(&self) -> Result<Arriving, &'static str> {
        let mut part = lock(&self.0);
        let new = Arriving::new(&part.admission);
        let held = std::mem::replace(&mut part.held, new);
        (part.bytes, part.began) = (0, None);
        match part.full.take() {
            Some(full) => Err(full),
            None => Ok(held),
        }
    }

    /// When the message that has begun is late.
    pub(super) fn late(&self, limits: &Limits) -> Option<Instant> {
        let part = lock(&self.0);
        let time = time_for(part.bytes, limits);
        part.began.map(|began| after(began, time))
    }

    /// Counts more bytes.
    ///
    /// # Errors
    /// A part of a message that the server cannot hold: to drop it is to end the connection.
    fn add(&self, bytes: usize) -> io::Result<()> {
        let mut part = lock(&self.0);
        let part = &mut *part;
        part.bytes += bytes;
        part.began.get_or_insert_with(Instant::now);
        if part.full.is_none() {
            part.full = part.held.add(bytes, &part.peer).err();
        }
        match part.full {
            // A message that came in one piece can still be answered.
            Some(full) if part.bytes > bytes => Err(io::Error::other(full)),
            _ => Ok(()),
        }
    }
}

/// A reader that counts.
pub(super) struct Metered {
    inner: Box<dyn AsyncRead + Send + Unpin>,
    arrived: Arrived,
}

impl Metered {
    pub(super) fn new(inner: Box<dyn AsyncRead + Send + Unpin>, arrived: Arrived) -> Self {
        Self { inner, arrived }
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        let came = buf.filled().len() - before;
        Poll::Ready(match came {
            0 => Ok(()),
            came => self.arrived.add(came),
        })
    }
}
