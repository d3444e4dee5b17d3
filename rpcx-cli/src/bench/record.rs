//! What became of the calls.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::{Counter, Histogram};
use rpcx::client::RawReply;

use crate::outcome;

/// The longest time that is told from longer ones: an hour, in nanoseconds.
const LONGEST: u64 = 3_600_000_000_000;

/// Calls of different tasks are counted apart, so that they do not wait for each other.
const SHARDS: usize = 16;

/// The longest measurement whose seconds are told apart.
const SECONDS: usize = 3600;

/// Different texts of errors that are kept.
const TEXTS: usize = 8;

/// The moments of one call.
pub(super) struct Made {
    pub(super) intended: Instant,
    pub(super) started: Instant,
    pub(super) ended: Instant,
}

/// Counts calls.
pub(super) struct Recorder {
    warm_up: Duration,
    begin: OnceLock<Instant>,
    shards: [Mutex<Counts>; SHARDS],
}

/// What is counted, all times in nanoseconds.
#[derive(Clone)]
pub(super) struct Counts {
    pub(super) from_intended: Histogram<u64>,
    pub(super) from_start: Histogram<u64>,
    /// From the moment at which a call was to begin to that at which it did: what the program itself adds.
    pub(super) late: Histogram<u64>,
    /// By the name of the outcome, with its exit code.
    pub(super) outcomes: BTreeMap<&'static str, (u8, u64)>,
    pub(super) texts: BTreeMap<String, u64>,
    pub(super) seconds: Vec<Second>,
    /// The sum of `from_intended`, for the mean without the steps of the histogram.
    pub(super) sum: u128,
}

/// One second, by the end of its calls.
#[derive(Clone)]
pub(super) struct Second {
    pub(super) failed: u64,
    /// Coarse and small: there is one for each second and shard.
    pub(super) latency: Histogram<u32>,
}

fn histogram<C: Counter>(digits: u8) -> Histogram<C> {
    // The bounds are constants, and fit.
    Histogram::new_with_max(LONGEST, digits).expect("bounds that fit")
}

impl Counts {
    pub(super) fn new() -> Self {
        Self {
            from_intended: histogram(3),
            from_start: histogram(3),
            late: histogram(3),
            outcomes: BTreeMap::new(),
            texts: BTreeMap::new(),
            seconds: Vec::new(),
            sum: 0,
        }
    }

    pub(super) fn calls(&self) -> u64 {
        self.outcomes.values().map(|(_, count)| count).sum()
    }

    fn add(&mut self, other: &Self) {
        let same = "all histograms have the same bounds";
        self.from_intended.add(&other.from_intended).expect(same);
        self.from_start.add(&other.from_start).expect(same);
        self.late.add(&other.late).expect(same);
        for (name, (code, count)) in &other.outcomes {
            self.outcomes.entry(name).or_insert((*code, 0)).1 += count;
        }
        for (text, count) in &other.texts {
            *self.texts.entry(text.clone()).or_default() += count;
        }
        for (at, second) in other.seconds.iter().enumerate() {
            let own = self.second(at);
            own.failed += second.failed;
            own.latency.add(&second.latency).expect(same);
        }
        self.sum += other.sum;
    }

    fn second(&mut self, at: usize) -> &mut Second {
        while self.seconds.len() <= at {
            self.seconds.push(Second {
                failed: 0,
                latency: histogram(1),
            });
        }
        &mut self.seconds[at]
    }
}

impl Recorder {
    pub(super) fn new(warm_up: Duration) -> Self {
        Self {
            warm_up,
            begin: OnceLock::new(),
            shards: std::array::from_fn(|_| Mutex::new(Counts::new())),
        }
    }

    pub(super) fn begin(&self, now: Instant) {
        self.begin.get_or_init(|| now);
    }

    /// Counts a call, unless it belongs to the warm-up.
    pub(super) fn record(&self, turn: usize, made: &Made, result: rpcx::Result<RawReply>) {
        let measured = *self.begin.get_or_init(Instant::now) + self.warm_up;
        if made.intended < measured {
            return;
        }
        let nanos = |from: Instant, to: Instant| {
            let time = to.saturating_duration_since(from).as_nanos();
            u64::try_from(time).unwrap_or(LONGEST).clamp(1, LONGEST)
        };
        let latency = nanos(made.intended, made.ended);
        let shard = &self.shards[turn % SHARDS];
        let mut counts = shard.lock().unwrap_or_else(PoisonError::into_inner);
        counts.from_intended.saturating_record(latency);
        counts
            .from_start
            .saturating_record(nanos(made.started, made.ended));
        counts
            .late
            .saturating_record(nanos(made.intended, made.started));
        counts.sum += u128::from(latency);
        let at = made.ended.saturating_duration_since(measured).as_secs() as usize;
        let second = counts.second(at.min(SECONDS));
        second.latency.saturating_record(latency);
        second.failed += u64::from(result.is_err());
        let (name, code) = match &result {
            Ok(_) => ("ok", 0),
            Err(error) => (outcome::name(error), outcome::code(error)),
        };
        counts.outcomes.entry(name).or_insert((code, 0)).1 += 1;
        if let Err(error) = result {
            let text = error.message().to_owned();
            if counts.texts.len() < TEXTS || counts.texts.contains_key(&text) {
                *counts.texts.entry(text).or_default() += 1;
            }
        }
    }

    /// All calls so far.
    pub(super) fn counts(&self) -> Counts {
        let mut all = Counts::new();
        for shard in &self.shards {
            all.add(&shard.lock().unwrap_or_else(PoisonError::into_inner));
        }
        all
    }

    /// How many calls were counted.
    pub(super) fn calls(&self) -> u64 {
        let shards = self.shards.iter();
        let calls =
            shards.map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).calls());
        calls.sum()
    }
}
