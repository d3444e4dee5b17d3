//! A call on its way: begun over the connection that is open, and carried on from there.

use std::task::Context;

use super::Response;
use super::attempt::{Attempt, Sending};
use super::channel::Target;
use super::deadline::{Deadline, TimeLimit};
use super::message::Message;
use super::retry::may_retry;
use crate::error::Error;

/// A message and how hard it may be tried.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) message: Message,
    pub(super) idempotent: bool,
    /// How often it is tried at most.
    pub(super) attempts: u32,
    pub(super) limit: TimeLimit,
    /// Known when the call is begun.
    pub(super) deadline: Deadline,
}

/// What came of beginning a call.
pub(super) enum Begun {
    /// It is on its way.
    Sent(Attempt),
    /// There is no open connection, or no room on it.
    Waits,
    Done(Result<Response, Error>),
}

impl Outgoing {
    /// Sends the message if that can be done at once.
    #[inline]
    pub(super) fn begin(&mut self, cx: &Context<'_>) -> Begun {
        if let Err(error) = self.prepare() {
            return Begun::Done(Err(error));
        }
        if let Target::Peer(peer) = self.message.stub.channel().target() {
            return Begun::Done(self.message.push(peer));
        }
        if let Err(error) = self.start_clock() {
            return Begun::Done(Err(error));
        }
        let channel = self.message.stub.channel();
        channel.budget().earn();
        let Some(connection) = channel.open_connection() else {
            return Begun::Waits;
        };
        let deadline = self.deadline.at();
        match Attempt::start(connection, &mut self.message, deadline, cx) {
            Sending::Sent(attempt) => Begun::Sent(attempt),
            Sending::Full | Sending::Closed => Begun::Waits,
        }
    }

    /// Whether a first attempt that ended like this need not be the last.
    pub(super) fn may_repeat(&self, error: &Error) -> bool {
        self.attempts > 1 && may_retry(error, self.idempotent)
    }

    /// Decides what can be decided before anything is sent.
    fn prepare(&mut self) -> Result<(), Error> {
        self.limit.check_parent()?;
        self.message.compress()?;
        self.message.check_length()
    }

    fn start_clock(&mut self) -> Result<(), Error> {
        let options = self.message.stub.channel().options();
        self.deadline = self.limit.deadline(options);
        self.tell_deadline()
    }

    /// Tells the server how long the caller still waits.
    pub(super) fn tell_deadline(&mut self) -> Result<(), Error> {
        if let Some(left) = self.deadline.told()? {
            self.message.metadata.set_server_timeout(left);
        }
        Ok(())
    }
}
