//! Messages that a server sends without having been asked.
//!
//! On the wire they are one-way requests that come from the server's side, under sequence numbers
//! that the server counts. (Source: Go rpcx, server_response.go and client.go.)

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};

use super::{Outbox, Write};
use crate::context::PushWay;
use crate::protocol::Frame;

/// Takes what a server pushes. Called by the task that reads, so it must not wait.
pub(crate) trait Pushed: Send + Sync + 'static {
    fn pushed(&self, frame: Frame);
}

/// The server's side of one connection, as a way to push.
#[derive(Debug)]
pub(crate) struct Pusher {
    outbox: Arc<Outbox>,
    seq: AtomicU64,
}

impl Pusher {
    pub(crate) fn new(outbox: Arc<Outbox>) -> Arc<Self> {
        Arc::new(Self {
            outbox,
            seq: AtomicU64::new(1),
        })
    }
}

impl PushWay for Pusher {
    fn push(&self, append: &mut dyn FnMut(u64, &mut Vec<u8>)) -> Result<(), &'static str> {
        // A handler must not wait for a peer that does not read, and its messages must not pile
        // up either.
        let room = self.outbox.poll_room(&Context::from_waker(Waker::noop()));
        if room.is_pending() {
            return Err("the peer reads too slowly");
        }
        let seq = self.seq.fetch_add(1, Ordering::Relaxed);
        match self
            .outbox
            .push(Write::Batched, |out| append(seq, out.tail()))
        {
            Ok(_) => Ok(()),
            Err(_) => Err("the connection is closed"),
        }
    }
}
