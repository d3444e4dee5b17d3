//! When a call is made again, and how often at most.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorKind};
use crate::sync::lock;

/// How often one call is tried.
pub(super) const ATTEMPTS: u32 = 3;

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Retries earned by one call, and by one second: a fifth of the calls and ten a second may be
/// made again, so that a server in trouble is not buried under second tries.
const PER_CALL: f64 = 0.2;
const PER_SECOND: f64 = 10.0;
const MOST: f64 = 100.0;

/// Whether a call that ended like this may be made again.
///
/// What may have run is repeated only if running it twice does no harm.
pub(super) fn may_retry(error: &Error, idempotent: bool) -> bool {
    error.is_retryable() || (idempotent && error.kind() == ErrorKind::Unknown)
}

/// A random pause of up to twice as long for each attempt made.
pub(super) fn pause(attempt: u32) -> Duration {
    let ceiling = FIRST_PAUSE
        .saturating_mul(1 << attempt.min(16))
        .min(LONGEST_PAUSE);
    ceiling.mul_f64(fastrand::f64())
}

/// The retries a channel has left.
#[derive(Debug)]
pub(super) struct Budget(Mutex<(f64, Instant)>);

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new((PER_SECOND, Instant::now())))
    }
}

impl Budget {
    /// One more call is made.
    pub(super) fn earn(&self) {
        let mut budget = lock(&self.0);
        budget.0 = (budget.0 + PER_CALL).min(MOST);
    }

    /// Whether one retry may be made.
    pub(super) fn spend(&self) -> bool {
        let mut budget = lock(&self.0);
        let now = Instant::now();
        let earned = now.saturating_duration_since(budget.1).as_secs_f64() * PER_SECOND;
        *budget = ((budget.0 + earned).min(MOST), now);
        let may = budget.0 >= 1.0;
        if may {
            budget.0 -= 1.0;
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn retries_run_out_and_come_back() {
        let budget = Budget::default();
        let spent = (0..100).filter(|_| budget.spend()).count();
        assert_eq!(spent, 10);
        (0..5).for_each(|_| budget.earn());
        assert!(
            budget.spend() && !budget.spend(),
            "five calls earn one retry"
        );
        tokio::time::advance(Duration::from_millis(110)).await;
        assert!(
            budget.spend() && !budget.spend(),
            "a tenth of a second earns one"
        );
    }

    #[test]
    fn what_may_have_run_is_repeated_only_if_idempotent() {
        assert!(may_retry(&Error::not_sent(""), false));
        assert!(!may_retry(&Error::unknown(""), false));
        assert!(may_retry(&Error::unknown(""), true));
        assert!(!may_retry(&Error::service(""), true));
    }
}
