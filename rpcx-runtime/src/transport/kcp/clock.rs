//! The time that the state machine of a session is told, in milliseconds.

use tokio::time::Instant;

/// The state machine counts in an `i32`; what is left of it is more than any pause before a segment
/// is sent again.
pub(super) const LATEST: u32 = 1 << 30;

/// From here on a quiet moment is waited for, to start to count again.
const LATE: u32 = LATEST / 2;

/// A moment, and what the clock showed then.
pub(super) struct Clock(Instant, u32);

impl Clock {
    pub(super) fn new(now: Instant, shows: u32) -> Self {
        Self(now, shows)
    }

    /// What it shows; it stops at [`LATEST`].
    pub(super) fn at(&self, now: Instant) -> u32 {
        let passed = now.saturating_duration_since(self.0).as_millis();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        passed.saturating_add(self.1).min(LATEST)
    }

    /// Starts again if it is late. For moments in which nothing waits to be sent again.
    pub(super) fn renew(&mut self, now: Instant) {
        if self.at(now) >= LATE {
            *self = Self(now, 0);
        }
    }

    /// Whether it has stopped.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.at(now) >= LATEST
    }
}
