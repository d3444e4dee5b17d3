//! When a connection that carries nothing is closed. Knows no clock but what it is told.

use std::time::Duration;

use tokio::time::Instant;

use crate::pace::after;

/// A connection is looked at this often within its time, so that it is closed no later than a quarter after it.
const LOOKS: u32 = 4;

/// What has gone over a connection so far: replies and pushes, and calls without a reply.
pub(super) type Traffic = (u64, u64);

/// Watches whether a connection is used.
#[derive(Debug)]
pub(super) struct Idle {
    time: Duration,
    since: Instant,
    looked: Instant,
    seen: Traffic,
}

impl Idle {
    pub(super) fn new(time: Duration, now: Instant) -> Self {
        Self {
            time,
            since: now,
            looked: now,
            seen: (0, 0),
        }
    }

    /// When to look again.
    pub(super) fn next(&self) -> Instant {
        let step = (self.time / LOOKS).max(Duration::from_millis(1));
        after(self.since, self.time).min(after(self.looked, step))
    }

    /// Whether it has carried nothing for long enough. `busy`: a call is in flight.
    pub(super) fn is_over(&mut self, now: Instant, traffic: Traffic, busy: bool) -> bool {
        if busy || traffic != self.seen {
            (self.seen, self.since) = (traffic, now);
        }
        self.looked = now;
        now >= after(self.since, self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The second at which it is over, for traffic at these.
    fn over(traffic: &[u64], busy: std::ops::Range<u64>) -> f64 {
        let start = Instant::now();
        let mut idle = Idle::new(8 * SECOND, start);
        loop {
            let now = idle.next();
            let at = now.duration_since(start).as_secs_f64();
            let came = traffic
                .iter()
                .filter(|second| **second as f64 <= at)
                .count();
            if idle.is_over(now, (came as u64, 0), busy.contains(&(at as u64))) {
                return at;
            }
        }
    }

    #[test]
    fn a_connection_is_over_when_nothing_has_come_for_its_time() {
        assert_eq!(over(&[], 0..0), 8.0);
        assert_eq!(over(&[1], 0..0), 10.0);
        assert!((27.0..=30.0).contains(&over(&[5, 10, 15, 20], 0..0)));
        assert!((104.0..=110.0).contains(&over(&[], 0..100)));
    }
}
