//! One request over one connection.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::Instant;

use super::Response;
use super::message::{Greeting, Message};
use crate::connection::client::{ConnectionHandle, Started};
use crate::connection::{Batch, Queue};
use crate::error::Error;

/// A request that is on its way. Dropping it gives the call up.
#[derive(Debug)]
pub(super) struct Attempt {
    connection: Arc<ConnectionHandle>,
    awaited: Awaited,
}

/// What ends an attempt.
#[derive(Clone, Copy, Debug)]
enum Awaited {
    /// The reply with this sequence number.
    Reply(u64),
    /// That a one-way frame is written.
    Writing(Batch),
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
    /// Sends the message, unless the connection is full or gone.
    #[inline]
    pub(super) fn start(
        connection: Arc<ConnectionHandle>,
        message: &mut Message,
        deadline: Option<Instant>,
        cx: &Context<'_>,
    ) -> Sending {
        let greeting = match connection.is_new() {
            true => Greeting::Announce,
            false => Greeting::Nothing,
        };
        let oneway = message.method.options.oneway;
        let append = |seq, out: &mut Queue| message.append(seq, greeting, out);
        let started = if oneway {
            connection.start_oneway(cx, append).map(Awaited::Writing)
        } else {
            connection.start(cx, deadline, append).map(Awaited::Reply)
        };
        match started {
            Started::Queued(awaited) => Sending::Sent(Self {
                connection,
                awaited,
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
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<Response, Error>> {
        let outcome = match self.awaited {
            Awaited::Reply(seq) => {
                let frame = ready!(self.connection.poll(seq, cx));
                let limit = self.connection.inflate_limit();
                frame.and_then(|frame| Response::read(frame, limit))
            }
            Awaited::Writing(batch) => {
                ready!(self.connection.poll_taken(batch, cx)).map(|()| Response::of_oneway())
            }
            Awaited::Nothing => Err(Error::unknown("the call was polled after it had ended")),
        };
        self.awaited = Awaited::Nothing;
        Poll::Ready(outcome)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Awaited::Reply(seq) = self.awaited {
            self.connection.give_up(seq);
        }
    }
}
