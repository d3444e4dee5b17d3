//! The middle of many times, in one number.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How far a time moves the estimate.
const STEP: f64 = 1.1;

/// An estimate of the median: each time moves it up or down by a tenth, so that one in two is above it in the end.
/// From the first time on it is within a tenth of where half of them are after about 50 for each factor of 100.
#[derive(Debug, Default)]
pub(super) struct Median(AtomicU64);

impl Median {
    /// Where several do so at once, some of them may not be seen.
    pub(super) fn observe(&self, time: Duration) {
        let time = (time.as_nanos() as u64).max(1);
        let middle = self.0.load(Ordering::Relaxed);
        let moved = match middle {
            0 => time as f64,
            middle if time > middle => middle as f64 * STEP,
            middle if time < middle => middle as f64 / STEP,
            same => same as f64,
        };
        self.0.store((moved as u64).max(1), Ordering::Relaxed);
    }

    /// How many times as long it is as another one. None if one of them is not known.
    pub(super) fn over(&self, other: &Self) -> Option<f64> {
        let one = self.0.load(Ordering::Relaxed);
        let other = other.0.load(Ordering::Relaxed);
        (one > 0 && other > 0).then(|| one as f64 / other as f64)
    }

    pub(super) fn set(&self, other: &Self) {
        self.0
            .store(other.0.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_in_the_middle_and_stays_there() {
        let (slow, mixed) = (Median::default(), Median::default());
        assert_eq!(slow.over(&mixed), None);
        for number in 0..200u32 {
            mixed.observe(Duration::from_micros(if number % 3 == 0 {
                100_000
            } else {
                1000
            }));
            slow.observe(Duration::from_micros(100_000));
        }
        let times = slow.over(&mixed).unwrap();
        assert!((70.0..140.0).contains(&times), "{times}");
        slow.set(&mixed);
        assert_eq!(slow.over(&mixed), Some(1.0));
    }
}
