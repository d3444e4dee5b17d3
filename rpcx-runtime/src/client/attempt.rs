//! One request over one connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, timeout_at};

use super::Response;
use super::connection::ConnectionHandle;
use super::endpoint::{Endpoint, Picked, Visit};
use super::message::{Greeting, Message};
use super::response::Reading;
use super::run::{Outcome, polled_after_end};
use crate::connection::{Queue, QueuedOneway, Started};
use crate::error::Error;
use crate::layer::Reached;

/// A request that is on its way. Dropping it gives the call up.
#[derive(Debug)]
pub(super) struct Attempt {
    connection: Arc<ConnectionHandle>,
    awaited: Awaited,
    /// The payload of the reply stays as it came.
    raw: bool,
    /// None in a channel that does not select.
    visit: Option<Visit>,
}

/// What ends an attempt.
#[derive(Clone, Copy, Debug)]
enum Awaited {
    /// The reply with this sequence number.
    Reply(u64),
    /// That a one-way frame is written.
    Writing(QueuedOneway),
    Nothing,
}

/// What came of trying to send.
pub(super) enum Sending {
    Sent(Attempt),
    /// The connection is at a limit; the task is woken when there is room.
    Full,
    /// The connection takes no calls any more, and nothing was sent.
    Closed,
}

impl Attempt {
    /// Sends the message, unless the connection is full or gone. What was picked can be tried again then.
    #[inline]
    pub(super) fn start(
        picked: &mut Picked,
        message: &mut Message,
        deadline: Option<Instant>,
        cx: &Context<'_>,
    ) -> Sending {
        let connection = &picked.connection;
        let greeting = match connection.is_new() {
            true => Greeting::Announce,
            false => Greeting::Nothing,
        };
        let options = message.method.options();
        let (oneway, raw) = (options.oneway, options.raw);
        let append = |seq, out: &mut Queue| message.append(seq, greeting, out);
        let started = if oneway {
            connection.start_oneway(cx, append).map(Awaited::Writing)
        } else {
            connection.start(cx, deadline, append).map(Awaited::Reply)
        };
        match started {
            Started::Queued(awaited) => Sending::Sent(Self {
                connection: Arc::clone(connection),
                awaited,
                raw,
                visit: picked.visit.take(),
            }),
            Started::Full => Sending::Full,
            Started::Closed => Sending::Closed,
        }
    }

    /// Whether the task that sent it will be woken without having polled it.
    #[inline]
    pub(super) fn is_registered(&self) -> bool {
        matches!(self.awaited, Awaited::Reply(_))
    }

    #[inline]
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Outcome> {
        let outcome = match self.awaited {
            Awaited::Reply(seq) => match self.connection.poll(seq, cx) {
                Poll::Ready(Ok(frame)) => {
                    Response::read(frame, self.reading(), self.connection.formats())
                }
                Poll::Ready(Err(error)) => Err(error.into()),
                Poll::Pending => {
                    self.connection.end_if_late(seq);
                    return Poll::Pending;
                }
            },
            Awaited::Writing(queued) => match ready!(self.connection.poll_taken(queued, cx)) {
                Ok(()) => Ok(Response::of_oneway()),
                Err(error) => Err(error.into()),
            },
            Awaited::Nothing => Err(polled_after_end().into()),
        };
        self.awaited = Awaited::Nothing;
        if let Some(visit) = &self.visit {
            visit.ended(&outcome);
        }
        Poll::Ready(outcome)
    }

    /// Whether it is a one-way frame that is not being written yet.
    pub(super) fn is_queued(&self) -> bool {
        matches!(self.awaited, Awaited::Writing(_))
    }

    /// Waits for a one-way frame to be written, but no longer than until its deadline.
    pub(super) async fn written_until(mut self, deadline: Instant) -> Outcome {
        if let Ok(outcome) = timeout_at(deadline, poll_fn(|cx| self.poll(cx))).await {
            return outcome;
        }
        if let Awaited::Writing(queued) = self.awaited
            && self.connection.take_back_oneway(queued)
        {
            let text = "the deadline passed while the call waited to be sent";
            return Err(Error::not_sent(text).into());
        }
        // A write of it has begun.
        poll_fn(|cx| self.poll(cx)).await
    }

    fn reading(&self) -> Reading {
        if self.raw {
            Reading::AsItCame
        } else {
            Reading::Inflated(self.connection.inflate_limit())
        }
    }

    /// Where it went.
    pub(super) fn reached(&self) -> &Arc<Reached> {
        self.connection.reached()
    }

    /// Where it was made, in a channel that selects.
    pub(super) fn endpoint(&self) -> Option<Arc<Endpoint>> {
        self.visit.as_ref().map(Visit::endpoint)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        match self.awaited {
            Awaited::Reply(seq) => self.connection.give_up(seq),
            Awaited::Writing(queued) => self.connection.give_up_oneway(queued),
            Awaited::Nothing => {}
        }
    }
}
