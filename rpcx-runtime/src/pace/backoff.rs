//! Pauses that grow.

use std::time::Duration;

/// More doublings than this reach every sensible ceiling.
const MOST_DOUBLINGS: u32 = 16;

/// How long to wait after a failure: twice as long after each further one, up to a ceiling, and
/// with a random part, so that many that failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    jitter: f64,
}

impl Backoff {
    /// Pauses of at most `first` after the first failure and at most `longest` after many. All of a
    /// pause is random, see [`jitter`](Self::jitter). A `longest` below `first` counts for both.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            jitter: 1.0,
        }
    }

    /// The share of a pause that is random, from 0 to 1: with 0 a pause is as long as its ceiling,
    /// with 0.5 at least half as long, with 1 anything from zero. Default: 1, which spreads callers
    /// best. What is not in this range counts as its nearer end, and what is no number as 1.
    #[must_use]
    pub const fn jitter(mut self, share: f64) -> Self {
        self.jitter = if share.is_nan() {
            1.0
        } else {
            share.clamp(0.0, 1.0)
        };
        self
    }

    /// The pause after this many failures in a row; none at all after none.
    pub fn pause(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(1) else {
            return Duration::ZERO;
        };
        let ceiling = self
            .first
            .saturating_mul(1 << doublings.min(MOST_DOUBLINGS))
            .min(self.longest);
        let random = fastrand::f64() * self.jitter;
        ceiling.saturating_sub(ceiling.mul_f64(random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_millis(100);

    #[test]
    fn pauses_double_up_to_the_ceiling() {
        let backoff = Backoff::new(FIRST, LONGEST).jitter(0.0);
        let pauses = [0, 1, 2, 3, 4, 5, u32::MAX].map(|failures| backoff.pause(failures));
        assert_eq!(
            pauses.map(|pause| pause.as_millis()),
            [0, 10, 20, 40, 80, 100, 100]
        );
    }

    #[test]
    fn the_random_part_is_as_large_as_it_says() {
        for (share, least) in [(0.5, 50), (1.0, 0), (7.0, 0), (f64::NAN, 0), (-1.0, 100)] {
            let backoff = Backoff::new(FIRST, LONGEST).jitter(share);
            let many = if cfg!(miri) { 60 } else { 1000 };
            let pauses: Vec<_> = (0..many).map(|_| backoff.pause(9).as_millis()).collect();
            let (shortest, longest) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
            assert!(
                (least..=least + 20).contains(shortest),
                "{share}: {shortest}"
            );
            assert!((80..=100).contains(longest), "{share}: {longest}");
        }
    }

    #[test]
    fn absurd_durations_do_no_harm() {
        let forever = Backoff::new(Duration::MAX, Duration::MAX).jitter(0.0);
        assert_eq!(forever.pause(u32::MAX), Duration::MAX);
        let turned = Backoff::new(LONGEST, FIRST).jitter(0.0);
        assert_eq!(turned.pause(1), FIRST);
    }
}
