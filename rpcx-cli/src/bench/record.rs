//! What became of the calls.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::{Counter, Histogram};
use rpcx::client::RawReply;

use crate::outcome;

/// The longest time that is told from longer ones: an hour, in nanoseconds.
const LONGEST: u64 = 3_600_000_000_000;

/// Calls of different threads are counted apart, so that they do not wait for each other. Not those of different tasks: the
/// counts of one thread stay in the cache of its processor, those of many tasks push out what the calls need.
const SHARDS: usize = 16;

/// The shard of the next thread.
static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SHARD: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
}

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
    /// Whether calls begin when they are to: then nothing is late, and both latencies are the same.
    closed: bool,
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
    /// Calls that were answered.
    ok: u64,
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
            ok: 0,
            outcomes: BTreeMap::new(),
            texts: BTreeMap::new(),
            seconds: Vec::new(),
            sum: 0,
        }
    }

    pub(super) fn calls(&self) -> u64 {
        self.ok + self.outcomes.values().map(|(_, count)| count).sum::<u64>()
    }

    fn add(&mut self, other: &Self) {
        let same = "all histograms have the same bounds";
        self.from_intended.add(&other.from_intended).expect(same);
        self.from_start.add(&other.from_start).expect(same);
        self.late.add(&other.late).expect(same);
        self.ok += other.ok;
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

    fn failed(&mut self, error: &rpcx::Error) {
        let (name, code) = (outcome::name(error), outcome::code(error));
        self.outcomes.entry(name).or_insert((code, 0)).1 += 1;
        let text = error.message();
        if self.texts.len() < TEXTS || self.texts.contains_key(text) {
            *self.texts.entry(text.to_owned()).or_default() += 1;
        }
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
    pub(super) fn new(warm_up: Duration, closed: bool) -> Self {
        Self {
            warm_up,
            closed,
            begin: OnceLock::new(),
            shards: std::array::from_fn(|_| Mutex::new(Counts::new())),
        }
    }

    pub(super) fn begin(&self, now: Instant) {
        self.begin.get_or_init(|| now);
    }

    /// Counts a call, unless it belongs to the warm-up.
    pub(super) fn record(&self, made: &Made, result: rpcx::Result<RawReply>) {
        let measured = *self.begin.get_or_init(Instant::now) + self.warm_up;
        if made.intended < measured {
            return;
        }
        let nanos = |from: Instant, to: Instant| {
            let time = to.saturating_duration_since(from).as_nanos();
            u64::try_from(time).unwrap_or(LONGEST).clamp(1, LONGEST)
        };
        let latency = nanos(made.intended, made.ended);
        let shard = &self.shards[SHARD.with(|shard| *shard)];
        let mut counts = shard.lock().unwrap_or_else(PoisonError::into_inner);
        counts.from_intended.saturating_record(latency);
        if !self.closed {
            counts
                .from_start
                .saturating_record(nanos(made.started, made.ended));
            counts
                .late
                .saturating_record(nanos(made.intended, made.started));
        }
        counts.sum += u128::from(latency);
        let at = made.ended.saturating_duration_since(measured).as_secs() as usize;
        let second = counts.second(at.min(SECONDS));
        second.latency.saturating_record(latency);
        second.failed += u64::from(result.is_err());
        match result {
            Ok(_) => counts.ok += 1,
            Err(error) => counts.failed(&error),
        }
    }

    /// All calls so far.
    pub(super) fn counts(&self) -> Counts {
        let mut all = Counts::new();
        for shard in &self.shards {
            all.add(&shard.lock().unwrap_or_else(PoisonError::into_inner));
        }
        if self.closed {
            all.from_start = all.from_intended.clone();
        }
        if all.ok > 0 {
            all.outcomes.insert("ok", (0, std::mem::take(&mut all.ok)));
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
