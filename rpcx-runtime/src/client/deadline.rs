//! How long a call may take.

use std::time::Duration;

use tokio::time::Instant;

use super::options::ChannelOptions;
use crate::context::Context;
use crate::error::Error;

/// What a call was told about its time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TimeLimit {
    timeout: Timeout,
    /// When the call that this one belongs to ends.
    parent: Option<Instant>,
    parent_ended: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum Timeout {
    /// That of the channel.
    #[default]
    Unset,
    After(Duration),
    Never,
}

/// When a call ends at the latest.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deadline {
    Never,
    /// The server is not told: it would not start a call whose time has passed.
    Kept(Instant),
    /// The server is told how much time is left.
    Told(Instant),
}

impl TimeLimit {
    pub(super) fn new(timeout: Option<Duration>) -> Self {
        Self {
            timeout: timeout.map_or(Timeout::Unset, Timeout::After),
            ..Self::default()
        }
    }

    pub(super) fn set(&mut self, timeout: Duration) {
        self.timeout = Timeout::After(timeout);
    }

    pub(super) fn remove(&mut self) {
        self.timeout = Timeout::Never;
    }

    /// Ends no later than the call that is served with `context`.
    pub(super) fn belong_to(&mut self, context: &Context) {
        self.parent = earlier(self.parent, context.deadline());
        self.parent_ended |= context.is_cancelled();
    }

    pub(super) fn check_parent(&self) -> Result<(), Error> {
        match self.parent_ended {
            true => Err(Error::not_sent("the parent call was cancelled")),
            false => Ok(()),
        }
    }

    /// Counted from now.
    pub(super) fn deadline(&self, options: &ChannelOptions) -> Deadline {
        let own = match self.timeout {
            Timeout::After(timeout) => after(timeout),
            Timeout::Unset | Timeout::Never => None,
        };
        if let Some(at) = earlier(own, self.parent) {
            return Deadline::Told(at);
        }
        match (self.timeout, options.patience) {
            (Timeout::Never, _) | (_, None) => Deadline::Never,
            (_, Some(patience)) => after(patience).map_or(Deadline::Never, Deadline::Kept),
        }
    }
}

impl Deadline {
    pub(super) fn at(self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::Kept(at) | Self::Told(at) => Some(at),
        }
    }

    /// The time that is left, if the server is told. An error if there is none.
    pub(super) fn told(self) -> Result<Option<Duration>, Error> {
        let Self::Told(at) = self else {
            return Ok(None);
        };
        match at.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(Some(left)),
            _ => Err(passed_before_sending()),
        }
    }

    /// Whether it comes within this time from now.
    pub(super) fn is_within(self, time: Duration) -> bool {
        let left = |at: Instant| at.saturating_duration_since(Instant::now());
        self.at().is_some_and(|at| left(at) <= time)
    }
}

pub(super) fn passed_before_sending() -> Error {
    Error::not_sent("the deadline passed before the call was sent")
}

/// A time that is too far away to be counted is none.
fn after(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
