//! Nodes that answer heartbeats sooner are taken more often.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::stride::Stride;

/// The weights of Go rpcx: by the milliseconds of an answer.
const BEST: u32 = 191;
const GOOD: u64 = 10;
const FAIR: u64 = 200;
const POOR: u64 = 1000;

/// Weighted round robin by what was measured last.
#[derive(Debug)]
pub(in crate::client) struct Pinged {
    stride: ArcSwap<Stride>,
    /// Whether measuring has begun.
    started: AtomicBool,
}

impl Pinged {
    /// Nothing is known of any of them yet.
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            stride: ArcSwap::from_pointee(Stride::new(std::iter::repeat_n(1, nodes))),
            started: AtomicBool::new(false),
        }
    }

    pub(super) fn next(&self) -> usize {
        self.stride.load().next()
    }

    /// Whether the caller is the one that has to begin to measure.
    pub(in crate::client) fn starts(&self) -> bool {
        !self.started.load(Ordering::Relaxed) && !self.started.swap(true, Ordering::Relaxed)
    }

    /// These are the answers, in the order of the nodes.
    pub(in crate::client) fn set(&self, answers: &[Option<Duration>]) {
        let weights = answers.iter().map(|answer| answer.map_or(0, weight));
        self.stride.store(Stride::new(weights).into());
    }
}

fn weight(answer: Duration) -> u32 {
    let milliseconds = u64::try_from(answer.as_millis()).unwrap_or(u64::MAX);
    if milliseconds <= GOOD {
        BEST
    } else if milliseconds <= FAIR {
        BEST - (milliseconds - GOOD) as u32
    } else {
        u32::from(milliseconds < POOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_go() {
        let weights = [0, 10, 11, 100, 200, 201, 999, 1000, 60_000];
        let weights = weights.map(|milliseconds| weight(Duration::from_millis(milliseconds)));
        assert_eq!(weights, [191, 191, 190, 101, 1, 1, 1, 0, 0]);
    }

    #[test]
    fn a_node_that_answers_sooner_is_taken_more_often() {
        let pinged = Pinged::new(3);
        assert!(pinged.starts() && !pinged.starts());
        let answer = |milliseconds| Some(Duration::from_millis(milliseconds));
        pinged.set(&[answer(1), answer(106), None]);
        let mut shares = [0; 3];
        (0..10_000).for_each(|_| shares[pinged.next()] += 1);
        assert!((6400..6950).contains(&shares[0]), "{shares:?}");
        assert!(shares[2] < 20, "{shares:?}");
    }
}
