//! Times in which a server did not run: its process was stopped, or its threads were blocked.
//!
//! A caller says how long it waits, and not until when, as clocks differ. A request that has waited in the
//! socket meanwhile would get that time once more, and run though its caller has given up.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// How often the clock of a server ticks.
pub(crate) const TICK: Duration = Duration::from_secs(1);

/// How late it is when the server is busy.
const LATE: Duration = Duration::from_secs(1);

/// After a stall, how long what has waited may take to be read.
const CATCHING_UP: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Stalls {
    began: Instant,
    /// Milliseconds from then to the last tick. Zero without a clock.
    ticked: AtomicU64,
    number: AtomicU32,
    /// Milliseconds of the last one, and from the beginning to its end.
    length: AtomicU64,
    ended: AtomicU64,
}

impl Stalls {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            ticked: AtomicU64::new(0),
            number: AtomicU32::new(0),
            length: AtomicU64::new(0),
            ended: AtomicU64::new(0),
        }
    }

    /// Told by the clock.
    pub(crate) fn tick(&self, now: Instant) {
        let ticked = milliseconds(now.saturating_duration_since(self.began)).max(1);
        if let Some(stall) = self.gap(now) {
            self.length.store(milliseconds(stall), Ordering::Relaxed);
            self.ended.store(ticked, Ordering::Relaxed);
            self.number.fetch_add(1, Ordering::Relaxed);
        }
        self.ticked.store(ticked, Ordering::Relaxed);
    }

    /// How many there were. A connection that has nothing to read has seen them all.
    #[inline]
    pub(crate) fn number(&self) -> u32 {
        self.number.load(Ordering::Relaxed)
    }

    /// How long a request may have waited that is read now, over a connection that had nothing to read
    /// when there were `seen` of them.
    pub(crate) fn waited(&self, seen: Option<u32>, now: Instant) -> Duration {
        if let Some(stall) = self.gap(now) {
            return stall;
        }
        let is_behind = seen.is_some_and(|seen| seen != self.number());
        if !is_behind || self.since(&self.ended, now) > CATCHING_UP {
            return Duration::ZERO;
        }
        Duration::from_millis(self.length.load(Ordering::Relaxed))
    }

    fn since(&self, then: &AtomicU64, now: Instant) -> Duration {
        let then = Duration::from_millis(then.load(Ordering::Relaxed));
        let now = now.saturating_duration_since(self.began);
        now.saturating_sub(then)
    }

    /// The stall that is just over, as far as the clock has not noticed it yet.
    fn gap(&self, now: Instant) -> Option<Duration> {
        if self.ticked.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let late = self.since(&self.ticked, now).saturating_sub(TICK);
        (late > LATE).then_some(late)
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_after_a_stall_has_waited_for_as_long() {
        let stalls = Stalls::new();
        let at = |seconds: f64| stalls.began + Duration::from_secs_f64(seconds);
        assert_eq!(
            stalls.waited(Some(0), at(100.0)),
            Duration::ZERO,
            "no clock"
        );
        stalls.tick(at(100.0));
        stalls.tick(at(101.5));
        assert_eq!(
            (stalls.number(), stalls.waited(Some(0), at(102.5))),
            (0, Duration::ZERO)
        );
        // Before the clock has noticed, and after that.
        let stall = Duration::from_secs(9);
        assert_eq!(stalls.waited(Some(0), at(111.5)), stall);
        stalls.tick(at(111.5));
        assert_eq!(stalls.waited(Some(0), at(111.6)), stall);
        assert_eq!(
            stalls.waited(Some(1), at(111.6)),
            Duration::ZERO,
            "it has seen it"
        );
        assert_eq!(stalls.waited(None, at(111.6)), Duration::ZERO);
        stalls.tick(at(112.5));
        stalls.tick(at(113.5));
        assert_eq!(
            stalls.waited(Some(0), at(114.0)),
            Duration::ZERO,
            "it is new"
        );
    }
}
