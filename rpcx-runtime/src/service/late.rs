//! A call whose handler did not finish in place.

use std::future::poll_fn;
use std::pin::Pin;

use tokio::time::{Instant, timeout_at};

use super::load::{Ticket, count};
use super::slot::{Run, poll_contained};
use super::{Reply, ReplyHead};
use crate::connection::Write;
use crate::context::Context;
use crate::error::Error;

/// All that a call needs once the connection's own task has moved on.
pub(super) struct LateCall {
    pub(super) handler: Pin<Box<dyn Run>>,
    pub(super) head: ReplyHead,
    pub(super) context: Option<Context>,
    pub(super) deadline: Option<Instant>,
    pub(super) ticket: Ticket,
}

impl LateCall {
    /// Runs the handler to its end. If the deadline comes first, the caller is told so, the
    /// context is cancelled, and the handler runs on without an answer.
    pub(super) async fn run(mut self) {
        if let Some(deadline) = self.deadline {
            let in_time = timeout_at(deadline, self.finish()).await;
            match in_time {
                Ok(frames) => self.send(frames),
                Err(_) => {
                    self.miss_deadline();
                    let _late = self.finish().await;
                }
            }
        } else {
            let frames = self.finish().await;
            self.send(frames);
        }
    }

    async fn finish(&mut self) -> Vec<u8> {
        let mut frames = Vec::new();
        poll_fn(|cx| {
            let mut reply = Reply::new(&mut frames, &self.head, self.context.as_ref());
            poll_contained(self.handler.as_mut(), cx, &mut reply, self.ticket.lane())
        })
        .await;
        frames
    }

    fn miss_deadline(&self) {
        let lane = self.ticket.lane();
        count(&lane.load.counters.deadlines_missed);
        if let Some(context) = &self.context {
            context.cancel();
        }
        let mut frames = Vec::new();
        Reply::new(&mut frames, &self.head, self.context.as_ref())
            .error(Error::unknown("the deadline passed while the method ran"));
        self.send(frames);
    }

    fn send(&self, mut frames: Vec<u8>) {
        let lane = self.ticket.lane();
        // Alone, nothing is gained by waiting for others. A closed connection wants no reply.
        let _ = lane.outbox.push(Write::now_if(lane.calls() <= 1), |out| {
            out.append(&mut frames)
        });
    }
}
