//! How far a client's connection is on the way to its end.
//!
//! ```text
//!           leave()              no slot is given out        fail()
//!   Open ------------> GoingAway ------------------> Draining ------> Closed
//!     \                    \                                            ^
//!      \____________________\_________________ fail() _________________/
//! ```
//!
//! * `Open`: takes calls.
//! * `GoingAway`: the server has asked for it, or the channel has. Callers look for another
//!   connection, but one that looked before may still get a slot.
//! * `Draining`: the set of calls can only shrink. The end of the last one closes the outbox.
//! * `Closed`: nothing is read or written any more, and every call has its outcome.
//!
//! A state is never left backwards. `GoingAway` is a state of its own because an empty table of
//! calls means that the last call has ended only once no more can enter it: a connection that was
//! closed for an empty table while `GoingAway` would cut off the call that got the last slot.

use crate::sync::atomic::{AtomicU8, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    Open,
    GoingAway,
    Draining,
    Closed,
}

/// The state of a connection, as its tasks share it.
#[derive(Debug)]
pub(super) struct Life(AtomicU8);

impl Life {
    pub(super) fn new() -> Self {
        Self(AtomicU8::new(State::Open as u8))
    }

    #[inline]
    pub(super) fn is(&self, state: State) -> bool {
        self.0.load(Ordering::Acquire) == state as u8
    }

    /// Goes from one state to the next. One that has been left already stays left: in a connection
    /// that was lost meanwhile, nothing is to be drained.
    pub(super) fn advance(&self, from: State, to: State) {
        let (done, failed) = (Ordering::AcqRel, Ordering::Acquire);
        let _ = self.0.compare_exchange(from as u8, to as u8, done, failed);
    }

    /// Goes to `Closed`. True for the one caller that has to do what this entails.
    pub(super) fn close(&self) -> bool {
        let before = self.0.swap(State::Closed as u8, Ordering::AcqRel);
        before != State::Closed as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_never_left_backwards() {
        let life = Life::new();
        life.advance(State::GoingAway, State::Draining);
        assert!(life.is(State::Open));
        life.advance(State::Open, State::GoingAway);
        life.advance(State::GoingAway, State::Draining);
        assert!(life.is(State::Draining));
        assert!(
            life.close() && !life.close(),
            "only one caller ends the calls"
        );
        life.advance(State::Open, State::GoingAway);
        assert!(life.is(State::Closed));
    }
}
