//! One caller: calls, and takes the time, until it is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::pacer::Pacer;
use crate::measure::Histogram;
use crate::message::Template;
use crate::mode::Operation;
use crate::peer::Client;

const WARM: u8 = 0;
const MEASURE: u8 = 1;
const STOP: u8 = 2;

/// A caller gives up after so many failures in all: a broken peer is reported, not waited for.
const FAILURES: u64 = 100;

/// What all callers of a run share.
pub(super) struct Progress {
    phase: AtomicU8,
    errors: AtomicU64,
    left: AtomicU64,
    /// When calls begin, if not at the end of those before them.
    pacer: Option<Arc<Pacer>>,
}

impl Progress {
    /// With a number of `calls` every one of them is measured; otherwise nothing is before
    /// [`measure`](Self::measure).
    pub(super) fn new(calls: Option<u64>, pacer: Option<Arc<Pacer>>) -> Arc<Self> {
        Arc::new(Self {
            phase: AtomicU8::new(if calls.is_some() { MEASURE } else { WARM }),
            errors: AtomicU64::new(0),
            left: AtomicU64::new(calls.unwrap_or(u64::MAX)),
            pacer,
        })
    }

    pub(super) fn measure(&self) {
        self.phase.store(MEASURE, Ordering::Relaxed);
    }

    pub(super) fn stop(&self) {
        self.phase.store(STOP, Ordering::Relaxed);
        if let Some(pacer) = &self.pacer {
            pacer.stop();
        }
    }

    /// Counts a failure, and says how many there were before.
    fn failed(&self, error: &anyhow::Error) -> u64 {
        let errors = self.errors.fetch_add(1, Ordering::Relaxed);
        if errors == 0 {
            eprintln!("the first error: {error:#}");
        }
        errors
    }

    /// Calls that failed so far.
    pub(super) fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }
}

pub(super) async fn caller<C: Client>(
    client: C,
    template: &'static Template,
    operation: Operation,
    progress: Arc<Progress>,
) -> Histogram {
    let mut latencies = Histogram::default();
    let mut number = 0_i32;
    let mut before = Instant::now();
    loop {
        if let Some(pacer) = &progress.pacer {
            let Some(due) = pacer.next().await else {
                return latencies;
            };
            before = due;
        }
        let phase = progress.phase.load(Ordering::Relaxed);
        if phase == STOP || !take_one(&progress.left) {
            return latencies;
        }
        number = number.wrapping_add(1);
        let outcome = call(&client, template, operation, number).await;
        let after = Instant::now();
        match outcome {
            Ok(()) if phase == MEASURE => {
                latencies.record((after - before).as_nanos() as u64);
            }
            Ok(()) => {}
            Err(error) => {
                if progress.failed(&error) >= FAILURES {
                    return latencies;
                }
            }
        }
        before = after;
    }
}

/// Fetches large replies, with a pause behind each, until it is told to stop. Says how many came while it was measured.
pub(super) async fn fetcher<C: Client>(client: C, pause: Duration, progress: Arc<Progress>) -> u64 {
    let mut fetched = 0;
    loop {
        let phase = progress.phase.load(Ordering::Relaxed);
        if phase == STOP {
            return fetched;
        }
        match client.fetch().await {
            Ok(()) => fetched += u64::from(phase == MEASURE),
            Err(error) => {
                progress.failed(&error);
                return fetched;
            }
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

fn take_one(left: &AtomicU64) -> bool {
    // without a limit the counter is never written, so that the callers do not share a cache line
    match left.load(Ordering::Relaxed) {
        u64::MAX => true,
        _ => left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok(),
    }
}

async fn call<C: Client>(
    client: &C,
    template: &'static Template,
    operation: Operation,
    number: i32,
) -> Result<()> {
    match operation {
        Operation::Say => client.say(template).await,
        Operation::Blob => client.blob(template).await,
        Operation::Mul => {
            let product = client.mul(number, 3).await?;
            if product != number.wrapping_mul(3) {
                bail!("{number} times 3 became {product}");
            }
            Ok(())
        }
    }
}
