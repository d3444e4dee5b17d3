//! Weighted round robin without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

/// Each node is passed as often as the heaviest one, and taken in as many of these rounds as its weight
/// says, spread over them. All state is one counter.
#[derive(Debug)]
pub(in crate::client) struct Stride {
    /// Each weight as a share of the greatest, which is [`FULL`].
    shares: Box<[u32]>,
    sequence: AtomicU64,
}

/// The share of the greatest weight.
const FULL: u32 = 1 << 16;

impl Stride {
    /// For these weights, of which there is at least one. Zero counts as little as possible and not as
    /// nothing: if all are zero, all are equal.
    pub(super) fn new(weights: impl Iterator<Item = u32>) -> Self {
        let weights: Vec<_> = weights.map(u64::from).collect();
        let most = weights.iter().copied().max().unwrap_or(1).max(1);
        let all_zero = weights.iter().all(|weight| *weight == 0);
        let share = |weight: &u64| {
            let share = weight * u64::from(FULL) / most;
            if all_zero {
                FULL
            } else {
                (share as u32).max(1)
            }
        };
        Self {
            shares: weights.iter().map(share).collect(),
            sequence: AtomicU64::new(fastrand::u64(..1 << 32)),
        }
    }

    pub(super) fn next(&self) -> usize {
        let count = self.shares.len() as u64;
        // The heaviest node is taken in every round, so this ends after one.
        loop {
            let number = self.sequence.fetch_add(1, Ordering::Relaxed);
            let (at, round) = ((number % count) as usize, number / count);
            let share = u64::from(self.shares[at]);
            // Nodes of the same weight have their turns in different rounds.
            let shifted = round.wrapping_add(number % count * 7919) & u64::from(FULL - 1);
            let before = shifted * share / u64::from(FULL);
            let after = (shifted + 1) * share / u64::from(FULL);
            if after > before {
                return at;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_taken_as_often_as_its_weight_says_and_spread() {
        let stride = Stride::new([5, 1, 1, 3].into_iter());
        let mut taken = [0u32; 4];
        let mut last = usize::MAX;
        let mut repeated = 0;
        for _ in 0..10_000 {
            let at = stride.next();
            taken[at] += 1;
            repeated += u32::from(std::mem::replace(&mut last, at) == at);
        }
        for (taken, expected) in taken.iter().zip([5000i64, 1000, 1000, 3000]) {
            assert!(
                (i64::from(*taken) - expected).abs() < 60,
                "{taken}, not {expected}"
            );
        }
        // Half of all are of the first one: it may have to follow itself where two others meet.
        assert!(repeated < 2500, "{repeated}");
    }

    #[test]
    fn zero_is_little_and_all_zero_is_equal() {
        let little = Stride::new([0, 1000].into_iter());
        let rare = (0..100_000).filter(|_| little.next() == 0).count();
        assert!((1..100).contains(&rare), "{rare}");
        let equal = Stride::new([0, 0].into_iter());
        let half = (0..1000).filter(|_| equal.next() == 0).count();
        assert_eq!(half, 500);
    }
}
