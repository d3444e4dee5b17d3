//! How busy a node is, as its client sees it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// How long a slow reply is remembered: after this long without another one it counts a third.
const MEMORY: Duration = Duration::from_secs(10);

/// What a node of which nothing is known yet is taken for while a call is in flight to it, and what a
/// failed call counts as.
const PENALTY: Duration = Duration::from_secs(1);

/// Calls in flight, and an average of the latency that follows peaks at once.
#[derive(Debug)]
pub(in crate::client) struct Load {
    in_flight: AtomicU32,
    failures: AtomicU64,
    /// Nanoseconds; zero if no call has ended yet.
    average: AtomicU64,
    /// When it was changed, in nanoseconds from `born`.
    changed: AtomicU64,
    born: Instant,
}

impl Load {
    pub(in crate::client) fn new() -> Self {
        Self {
            in_flight: AtomicU32::new(0),
            failures: AtomicU64::new(0),
            average: AtomicU64::new(0),
            changed: AtomicU64::new(0),
            born: Instant::now(),
        }
    }

    pub(in crate::client) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(in crate::client) fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    pub(in crate::client) fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(in crate::client) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    pub(in crate::client) fn latency(&self) -> Option<Duration> {
        match self.average.load(Ordering::Relaxed) {
            0 => None,
            nanoseconds => Some(Duration::from_nanos(nanoseconds)),
        }
    }

    /// Nanoseconds on a clock of its own.
    pub(in crate::client) fn now(&self) -> u64 {
        self.born.elapsed().as_nanos() as u64
    }

    /// A call has failed in a way that says something about its node.
    pub(in crate::client) fn fail(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.observe(PENALTY, self.now());
    }

    /// A call that has ended now, on the clock of this, has taken this long. Where two do so at once, one of them may not be
    /// seen.
    pub(in crate::client) fn observe(&self, latency: Duration, now: u64) {
        let since = now.saturating_sub(self.changed.swap(now, Ordering::Relaxed));
        let (old, new) = (
            self.average.load(Ordering::Relaxed) as f64,
            latency.as_nanos() as f64,
        );
        let average = if new >= old {
            new
        } else {
            let kept = (-(since as f64) / MEMORY.as_nanos() as f64).exp();
            old * kept + new * (1.0 - kept)
        };
        self.average
            .store((average as u64).max(1), Ordering::Relaxed);
    }

    /// What another call would have to wait for, compared with other nodes.
    pub(super) fn cost(&self) -> u64 {
        let in_flight = u64::from(self.in_flight());
        let average = match self.average.load(Ordering::Relaxed) {
            0 if in_flight > 0 => PENALTY.as_nanos() as u64,
            average => average,
        };
        average.saturating_mul(in_flight + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn latency_goes_up_at_once_and_comes_down_slowly() {
        let load = Load::new();
        assert_eq!((load.cost(), load.latency()), (0, None));
        load.observe(Duration::from_millis(1), load.now());
        load.observe(Duration::from_millis(100), load.now());
        assert_eq!(load.latency(), Some(Duration::from_millis(100)));
        tokio::time::advance(Duration::from_secs(1)).await;
        load.observe(Duration::from_millis(1), load.now());
        let soon = load.latency().unwrap();
        assert!(soon > Duration::from_millis(85), "{soon:?}");
        tokio::time::advance(Duration::from_secs(60)).await;
        load.observe(Duration::from_millis(1), load.now());
        assert!(load.latency().unwrap() < Duration::from_millis(2));
    }

    #[test]
    fn calls_in_flight_make_a_node_dearer() {
        let load = Load::new();
        load.begin();
        assert!(
            load.cost() > 0,
            "nothing is known, and one call is waiting already"
        );
        load.observe(Duration::from_nanos(10), load.now());
        assert_eq!(load.cost(), 20);
        load.end();
        assert_eq!(load.cost(), 10);
    }
}
