//! Calls that begin at times of their own and do not wait for the replies of those before them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::sync::Semaphore;

/// How often calls become due. Those of one tick are meant to begin together.
const TICK: Duration = Duration::from_millis(1);

/// Says when each call is meant to begin.
///
/// A thread of its own keeps the time, since timers of tokio are a millisecond late at most and a latency is counted
/// from the time at which the call was meant to begin.
pub(super) struct Pacer {
    /// Calls in a second.
    rate: f64,
    begin: OnceLock<Instant>,
    due: Semaphore,
    taken: AtomicU64,
    stopped: AtomicBool,
}

impl Pacer {
    /// # Errors
    /// The rate is not a number of calls, or no thread could be had.
    pub(super) fn start(rate: f64) -> Result<Arc<Self>> {
        ensure!(
            rate.is_finite() && rate >= 1.0,
            "`--rate {rate}`: at least one call in a second is wanted"
        );
        let pacer = Arc::new(Self {
            rate,
            begin: OnceLock::new(),
            due: Semaphore::new(0),
            taken: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        });
        let run = Arc::clone(&pacer);
        thread::Builder::new()
            .name("pacer".to_owned())
            .spawn(move || run.keep_time())?;
        Ok(pacer)
    }

    fn keep_time(&self) {
        let begin = *self.begin.get_or_init(Instant::now);
        let mut given = 0;
        for tick in 1_u32.. {
            let now = begin + TICK * tick;
            thread::sleep(now.saturating_duration_since(Instant::now()));
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            let due = (self.rate * (TICK * tick).as_secs_f64()) as usize;
            self.due.add_permits(due - given);
            given = due;
        }
    }

    /// Waits for the next call to be due, and says since when it is. `None` once the pacer has stopped.
    pub(super) async fn next(&self) -> Option<Instant> {
        self.due.acquire().await.ok()?.forget();
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let begin = *self.begin.get()?;
        let ticks = ((number + 1) as f64 / self.rate / TICK.as_secs_f64()).ceil();
        Some(begin + TICK.mul_f64(ticks))
    }

    /// No call is due any more.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.due.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_are_due_at_the_rate_and_in_order() {
        let pacer = Pacer::start(2_000.0).unwrap();
        let mut before = None;
        for number in 1..=20 {
            let due = pacer.next().await.unwrap();
            assert!(due <= Instant::now() && before <= Some(due));
            let begin = *pacer.begin.get().unwrap();
            assert!(
                due >= begin + Duration::from_micros(500) * number,
                "{number}"
            );
            before = Some(due);
        }
        pacer.stop();
        assert_eq!(pacer.next().await, None, "nothing is due after the end");
    }

    #[test]
    fn a_rate_is_a_number_of_calls() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Pacer::start(rate).is_err(), "{rate}");
        }
    }
}
