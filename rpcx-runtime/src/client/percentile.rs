//! How long the slow calls of a method take.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::sync::lock;

/// As many have to end before anything is known.
const ENOUGH: u32 = 32;

/// Methods beyond this have one estimate together: raw calls may name any.
const MOST_METHODS: usize = 256;

/// How far one observation moves the estimate, as a share of it.
const STEP: f64 = 1.0 / 16.0;

/// An estimate of the 95th percentile of the last latencies: each that is longer moves it up, and each
/// other one down, by a nineteenth of that. All state is two numbers.
#[derive(Debug, Default)]
pub(super) struct Percentile95 {
    /// Nanoseconds.
    estimate: AtomicU64,
    seen: AtomicU32,
}

impl Percentile95 {
    /// None as long as too little is known.
    pub(super) fn get(&self) -> Option<Duration> {
        let enough = self.seen.load(Ordering::Relaxed) >= ENOUGH;
        enough.then(|| Duration::from_nanos(self.estimate.load(Ordering::Relaxed)))
    }

    /// Where two calls end at once, one of them may not be seen.
    pub(super) fn observe(&self, latency: Duration) {
        let new = latency.as_nanos().min(u128::from(u64::MAX)) as u64;
        let estimate = self.estimate.load(Ordering::Relaxed);
        let moved = match self.seen.load(Ordering::Relaxed) < ENOUGH {
            true => {
                self.seen.fetch_add(1, Ordering::Relaxed);
                estimate.max(new)
            }
            false if new > estimate => estimate + (estimate as f64 * STEP * 0.95) as u64 + 1,
            false => estimate - (estimate as f64 * STEP * 0.05) as u64,
        };
        self.estimate.store(moved.max(1), Ordering::Relaxed);
    }
}

/// That of each method of a service.
#[derive(Debug, Default)]
pub(super) struct Latencies {
    methods: Mutex<HashMap<Box<str>, Arc<Percentile95>>>,
    others: Arc<Percentile95>,
}

impl Latencies {
    pub(super) fn of(&self, method: &str) -> Arc<Percentile95> {
        let mut methods = lock(&self.methods);
        if let Some(known) = methods.get(method) {
            return Arc::clone(known);
        }
        if methods.len() >= MOST_METHODS {
            return Arc::clone(&self.others);
        }
        Arc::clone(methods.entry(method.into()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_near_the_percentile_and_follows_it() {
        let percentile = Percentile95::default();
        let mut seed = fastrand::Rng::with_seed(7);
        let mut observe = |count: u32, most: u64| {
            for _ in 0..count {
                percentile.observe(Duration::from_micros(seed.u64(1..=most)));
            }
            percentile.get()
        };
        assert_eq!(observe(10, 1000), None);
        let first = observe(5000, 1000).unwrap().as_micros();
        assert!((850..1100).contains(&first), "{first}");
        let slower = observe(5000, 20_000).unwrap().as_micros();
        assert!((17_000..22_000).contains(&slower), "{slower}");
        let faster = observe(5000, 100).unwrap().as_micros();
        assert!((85..110).contains(&faster), "{faster}");
    }

    #[test]
    fn the_number_of_methods_is_bounded() {
        let latencies = Latencies::default();
        for number in 0..2000 {
            latencies
                .of(&format!("Method{number}"))
                .observe(Duration::from_secs(1));
        }
        assert_eq!(lock(&latencies.methods).len(), MOST_METHODS);
        assert!(latencies.of("Another").get().is_some());
        assert!(latencies.of("Method1").get().is_none());
    }
}
