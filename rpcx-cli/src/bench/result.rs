//! The result: what is printed, in any form.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::load::{Measured, Plan};
use super::record::{Counts, Recorder};

/// All times are in microseconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    /// `open` or `closed`.
    pub(super) mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) callers: Option<u32>,
    pub(super) calls: u64,
    pub(super) seconds: f64,
    /// Calls a second that the schedule asked for; none in a closed loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wanted_rate: Option<f64>,
    pub(super) rate: f64,
    pub(super) outcomes: BTreeMap<&'static str, u64>,
    pub(super) errors: BTreeMap<String, u64>,
    pub(super) latency: Latency,
    /// How much later than intended calls began, by this program.
    pub(super) late_starts: Times,
    /// CPU time of this program for each call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu_per_call: Option<f64>,
    pub(super) per_second: Vec<OfSecond>,
    /// Percentiles of both latencies, for plots.
    pub(super) curve: Vec<Point>,
    #[serde(skip)]
    code: u8,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Latency {
    pub(super) from_intended_start: Times,
    pub(super) from_real_start: Times,
}

#[derive(Debug, Serialize)]
pub(super) struct Times {
    pub(super) mean: f64,
    pub(super) min: f64,
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
    #[serde(rename = "p99.9")]
    pub(super) p999: f64,
    #[serde(rename = "p99.99")]
    pub(super) p9999: f64,
    pub(super) max: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct OfSecond {
    pub(super) calls: u64,
    pub(super) failed: u64,
    pub(super) p50: f64,
    pub(super) p99: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Point {
    pub(super) percentile: f64,
    pub(super) from_intended_start: f64,
    pub(super) from_real_start: f64,
}

/// Those of the curve: the tail is what is looked at.
const PERCENTILES: [f64; 22] = [
    0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 75.0, 80.0, 85.0, 90.0, 92.5, 95.0, 97.5, 99.0,
    99.5, 99.9, 99.95, 99.99, 99.999, 100.0,
];

impl Summary {
    pub(super) fn new(plan: &Plan, recorder: &Recorder, measured: Measured) -> Self {
        let counts = recorder.counts();
        let calls = counts.calls();
        let seconds = measured.time.as_secs_f64();
        let planned = plan.schedule.time().as_secs_f64();
        let open = plan.callers.is_none();
        let failed = counts.outcomes.values().filter(|(code, _)| *code != 0);
        Self {
            mode: if open { "open" } else { "closed" },
            callers: plan.callers,
            calls,
            seconds,
            wanted_rate: open.then(|| plan.schedule.calls() / planned),
            rate: calls as f64 / seconds.max(1e-9),
            code: failed
                .max_by_key(|(_, count)| *count)
                .map_or(0, |(code, _)| *code),
            outcomes: counts
                .outcomes
                .iter()
                .map(|(name, (_, count))| (*name, *count))
                .collect(),
            errors: counts.texts.clone(),
            latency: Latency {
                from_intended_start: times(&counts.from_intended, Some(&counts)),
                from_real_start: times(&counts.from_start, None),
            },
            late_starts: times(&counts.late, None),
            cpu_per_call: measured
                .cpu
                .map(|cpu| cpu.as_secs_f64() * 1e6 / calls.max(1) as f64),
            per_second: counts.seconds.iter().map(of_second).collect(),
            curve: curve(&counts),
        }
    }

    /// That of the most frequent failure.
    pub(super) fn exit_code(&self) -> u8 {
        self.code
    }
}

fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1e3
}

/// `exact`: the mean is taken from its sum.
fn times(histogram: &Histogram<u64>, exact: Option<&Counts>) -> Times {
    let at = |quantile| micros(histogram.value_at_quantile(quantile));
    let mean = match exact {
        Some(counts) => counts.sum as f64 / counts.calls().max(1) as f64,
        None => histogram.mean(),
    };
    Times {
        mean: mean / 1e3,
        min: micros(histogram.min()),
        p50: at(0.5),
        p90: at(0.9),
        p95: at(0.95),
        p99: at(0.99),
        p999: at(0.999),
        p9999: at(0.9999),
        max: micros(histogram.max()),
    }
}

fn of_second(second: &super::record::Second) -> OfSecond {
    OfSecond {
        calls: second.latency.len(),
        failed: second.failed,
        p50: micros(second.latency.value_at_quantile(0.5)),
        p99: micros(second.latency.value_at_quantile(0.99)),
    }
}

fn curve(counts: &Counts) -> Vec<Point> {
    let points = PERCENTILES.iter().map(|percentile| {
        let at = |histogram: &Histogram<u64>| micros(histogram.value_at_percentile(*percentile));
        Point {
            percentile: *percentile,
            from_intended_start: at(&counts.from_intended),
            from_real_start: at(&counts.from_start),
        }
    });
    points.collect()
}
