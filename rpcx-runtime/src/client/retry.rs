//! Whether a call may be made again, how often at most, and when.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorKind, Result};
use crate::pace::{Backoff, TokenBucket};
use crate::sync::lock;

/// Seconds in which the retries earned by time add up: no more than this can be made at once.
const BURST: f64 = 10.0;

/// Which calls a channel makes again, and how fast.
///
/// Only what cannot have run is repeated: a call of which no byte was sent, or that the server
/// says it has not run because it is overloaded or shutting down. A method that is idempotent is
/// also repeated when nothing is known about its outcome. All attempts share the deadline of the call.
///
/// ```
/// # use std::time::Duration;
/// use rpcx::{Backoff, Channel, Retry};
///
/// let retry = Retry::new()
///     .attempts(5)
///     .backoff(Backoff::new(Duration::from_millis(5), Duration::from_millis(500)));
/// let channel = Channel::builder().address("tcp@127.0.0.1:8972").retry(retry).build_lazy()?;
/// # Ok::<(), rpcx::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "settings do nothing until a channel has them"]
pub struct Retry {
    attempts: u32,
    backoff: Backoff,
    per_call: f64,
    per_second: f64,
}

impl Retry {
    /// The defaults: three attempts; pauses of up to 20 ms that double up to 1 s, all of them
    /// random; and a budget of a fifth of the calls and ten a second.
    pub const fn new() -> Self {
        Self {
            attempts: 3,
            backoff: Backoff::new(Duration::from_millis(20), Duration::from_secs(1)),
            per_call: 0.2,
            per_second: 10.0,
        }
    }

    /// No call is made twice.
    pub const fn never() -> Self {
        Self::new().attempts(1)
    }

    /// How often one call is tried at most, the first time included. Default: 3. Zero counts as one.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// The pauses between attempts.
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How many retries all calls of the channel have together: `per_call` earned by each call, and
    /// `per_second` by time, so that a server in trouble is not buried under second tries. What is
    /// not used adds up to ten seconds' worth, or to what fifty calls earn if that is more.
    /// Default: 0.2 and 10.
    ///
    /// What the calls of the last ten seconds have earned beyond that is for calls that were lost with their connection and can
    /// go to another node: a node that dies takes all its calls with it at once, and the others are well.
    ///
    /// A retry that finds no budget is not made; the call ends with the error of its last attempt. A call of
    /// which nothing was sent needs none: it was no work for a server, and the pauses bound its attempts. Nor does
    /// one whose node has said that [another one](crate::Rejection::Elsewhere) has to take it: no node is asked twice then, and
    /// [`attempts`](Self::attempts) are the most.
    pub const fn budget(mut self, per_call: f64, per_second: f64) -> Self {
        self.per_call = per_call;
        self.per_second = per_second;
        self
    }

    pub(super) fn most_attempts(&self) -> u32 {
        self.attempts
    }

    /// The pause after this many attempts.
    pub(super) fn pause(&self, attempts: u32) -> Duration {
        self.backoff.pause(attempts)
    }

    pub(super) fn check(&self) -> Result<()> {
        let counts = |rate: f64| rate.is_finite() && rate >= 0.0;
        if counts(self.per_call) && counts(self.per_second) {
            return Ok(());
        }
        Err(Error::setup(format!(
            "the retry budget has to be finite and not negative: {} for each call, {} a second",
            self.per_call, self.per_second
        )))
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a call that ended like this may be made again.
///
/// What may have run is repeated only if running it twice does no harm.
pub(super) fn may_retry(error: &Error, idempotent: bool) -> bool {
    error.is_retryable() || (idempotent && error.kind() == ErrorKind::Unknown)
}

/// The retries a channel has left.
#[derive(Debug)]
pub(super) struct Budget {
    per_call: f64,
    /// Calls since the last look: counted apart, so that a call that goes well takes no lock.
    calls: AtomicU32,
    left: Mutex<Left>,
}

#[derive(Debug)]
struct Left {
    tokens: TokenBucket,
    /// What calls have earned beyond those.
    reserve: f64,
    /// Calls of about the last [`BURST`].
    recent: f64,
    looked: Instant,
}

impl Budget {
    /// For calls that are sent to a second server: one in twenty, and ten at once.
    pub(super) fn of_hedges() -> Self {
        Self::of(0.05, TokenBucket::full(0.0, 10.0))
    }

    pub(super) fn new(retry: &Retry) -> Self {
        let (per_call, per_second) = (retry.per_call, retry.per_second);
        let most = (per_second * BURST).max(per_call * 50.0).max(1.0);
        let tokens = TokenBucket::full(per_second, most).holding(per_second);
        Self::of(per_call, tokens)
    }

    fn of(per_call: f64, tokens: TokenBucket) -> Self {
        let left = Left {
            tokens,
            reserve: 0.0,
            recent: 0.0,
            looked: Instant::now(),
        };
        Self {
            per_call,
            calls: AtomicU32::new(0),
            left: Mutex::new(left),
        }
    }

    /// One more call is made.
    #[inline]
    pub(super) fn earn(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether one retry may be made.
    pub(super) fn spend(&self) -> bool {
        self.look().tokens.take()
    }

    /// Whether a call that was lost with its connection may be made again at another node.
    pub(super) fn spend_for_lost(&self) -> bool {
        let mut left = self.look();
        if left.tokens.take() {
            return true;
        }
        let is_left = left.reserve >= 1.0;
        left.reserve -= if is_left { 1.0 } else { 0.0 };
        is_left
    }

    /// What is left, with what was earned since.
    fn look(&self) -> MutexGuard<'_, Left> {
        let mut left = lock(&self.left);
        let now = Instant::now();
        let elapsed = now.saturating_duration_since(left.looked).as_secs_f64();
        left.looked = now;
        let calls = f64::from(self.calls.swap(0, Ordering::Relaxed));
        // Of calls it is only known that they were made since the last look: as if evenly.
        let kept = (1.0 - elapsed / BURST).max(0.0);
        left.recent = left.recent * kept + calls * (BURST / elapsed).min(1.0);
        let beyond = left.tokens.add(calls * self.per_call);
        left.reserve = (left.reserve + beyond).min(left.recent * self.per_call);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(budget: &Budget) -> usize {
        (0..1000).take_while(|_| budget.spend()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn retries_run_out_and_come_back() {
        let budget = Budget::new(&Retry::new());
        assert_eq!(spent(&budget), 10);
        (0..5).for_each(|_| budget.earn());
        assert_eq!(spent(&budget), 1, "five calls earn one retry");
        tokio::time::advance(Duration::from_millis(110)).await;
        assert_eq!(spent(&budget), 1, "a tenth of a second earns one");
        (0..10_000).for_each(|_| budget.earn());
        assert_eq!(spent(&budget), 100, "no more than ten seconds' worth");
    }

    #[tokio::test(start_paused = true)]
    async fn a_budget_of_nothing_lets_nothing_be_repeated() {
        let budget = Budget::new(&Retry::new().budget(0.0, 0.0));
        (0..10_000).for_each(|_| budget.earn());
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(spent(&budget), 0);
        let calls_alone = Budget::new(&Retry::new().budget(1.0, 0.0));
        (0..3).for_each(|_| calls_alone.earn());
        assert_eq!(spent(&calls_alone), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn lost_calls_have_what_the_last_ten_seconds_have_earned() {
        let lost = |budget: &Budget| (0..10_000).take_while(|_| budget.spend_for_lost()).count();
        let calls = |budget: &Budget, count| (0..count).for_each(|_| budget.earn());
        let budget = Budget::new(&Retry::new());
        calls(&budget, 10_000);
        assert_eq!(spent(&budget), 100, "other retries have what they had");
        assert_eq!(lost(&budget), 2000 + 10 - 100, "a fifth in all");
        assert_eq!(lost(&budget), 0);
        calls(&budget, 10_000);
        assert!(budget.spend());
        tokio::time::advance(Duration::from_secs(8)).await;
        let rest = lost(&budget);
        assert!(
            (890..=900).contains(&rest),
            "{rest}: older calls do not count"
        );
        tokio::time::advance(Duration::from_secs(3600)).await;
        calls(&budget, 10);
        assert_eq!(lost(&budget), 100);
    }

    #[test]
    fn a_budget_that_is_no_number_is_refused() {
        for (per_call, per_second) in [(f64::NAN, 1.0), (-1.0, 1.0), (0.1, f64::INFINITY)] {
            let error = Retry::new()
                .budget(per_call, per_second)
                .check()
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Setup);
            assert!(error.message().contains("retry budget"), "{error}");
        }
        assert!(Retry::new().check().is_ok());
    }

    #[test]
    fn what_may_have_run_is_repeated_only_if_idempotent() {
        assert!(may_retry(&Error::not_sent(""), false));
        assert!(!may_retry(&Error::unknown(""), false));
        assert!(may_retry(&Error::unknown(""), true));
        assert!(!may_retry(&Error::service(""), true));
    }
}
