//! When calls begin.

use std::str::FromStr;
use std::time::Duration;

use crate::connect::duration;

/// Rates over time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Schedule(Vec<Step>);

/// A rate, or one that changes evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    /// In calls a second.
    from: f64,
    to: f64,
    time: Duration,
}

/// The most calls a second that a schedule may have.
const MOST: f64 = 10_000_000.0;

/// Reads calls a second.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    match rate > 0.0 && rate <= MOST {
        true => Ok(rate),
        false => Err(format!("a rate is more than 0 and at most {MOST}")),
    }
}

/// Reads how long it is measured.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        time if time.is_zero() => Err("nothing can be measured in no time".to_owned()),
        time => Ok(time),
    }
}

impl Schedule {
    /// The same rate for some time.
    pub(super) fn even(rate: f64, time: Duration) -> Self {
        let step = Step {
            from: rate,
            to: rate,
            time,
        };
        Self(vec![step])
    }

    /// The same with the first rate for some time before it.
    pub(super) fn with_warm_up(&self, time: Duration) -> Self {
        let first = self.0.first().map_or(1.0, |step| step.from);
        let warm_up = Self::even(first, time).0;
        Self(warm_up.into_iter().chain(self.0.iter().copied()).collect())
    }

    /// How long it goes on.
    pub(super) fn time(&self) -> Duration {
        self.0.iter().map(|step| step.time).sum()
    }

    /// How many calls it has.
    pub(super) fn calls(&self) -> f64 {
        self.0.iter().map(Step::calls).sum()
    }

    /// When each call begins, counted from the start.
    pub(super) fn starts(&self) -> impl Iterator<Item = Duration> + Send + 'static {
        let mut before = Duration::ZERO;
        // What is left of a call at the end of a step is the beginning of one of the next step.
        let mut left = 0.0;
        let steps: Vec<_> = self
            .0
            .iter()
            .map(|step| {
                let begin = (before, left);
                before += step.time;
                left = (left + step.calls()).fract();
                (*step, begin)
            })
            .collect();
        steps.into_iter().flat_map(|(step, (before, left))| {
            let first = if left == 0.0 { 0.0 } else { 1.0 - left };
            let numbers = (0_u64..).map(move |number| first + number as f64);
            let within = numbers.take_while(move |number| *number < step.calls() - 1e-9);
            within.map(move |number| before + step.after(number))
        })
    }
}

impl Step {
    fn calls(&self) -> f64 {
        f64::midpoint(self.from, self.to) * self.time.as_secs_f64()
    }

    /// How long it takes until so many calls have begun.
    fn after(&self, calls: f64) -> Duration {
        let growth = (self.to - self.from) / self.time.as_secs_f64();
        let seconds = match growth.abs() < 1e-9 {
            true => calls / self.from,
            false => {
                let root = (self.from * self.from + 2.0 * growth * calls)
                    .max(0.0)
                    .sqrt();
                (root - self.from) / growth
            }
        };
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let steps = text.split(',').map(step);
        steps.collect::<Result<_, _>>().map(Self)
    }
}

fn step(text: &str) -> Result<Step, String> {
    let wrong = || format!("`{text}` is not written RATE:TIME or FROM..TO:TIME");
    let (rates, time) = text.trim().split_once(':').ok_or_else(wrong)?;
    let (from, to) = rates.split_once("..").unwrap_or((rates, rates));
    let (from, to, time) = (rate(from)?, rate(to)?, self::time(time)?);
    Ok(Step { from, to, time })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(text: &str) -> Vec<u128> {
        let schedule: Schedule = text.parse().unwrap();
        schedule.starts().map(|start| start.as_micros()).collect()
    }

    #[test]
    fn calls_begin_evenly_and_on_ramps() {
        assert_eq!(starts("4:1s"), [0, 250_000, 500_000, 750_000]);
        assert_eq!(starts("2:500ms,4:500ms"), [0, 500_000, 750_000]);
        let ramp = starts("10..30:1s");
        assert_eq!(ramp.len(), 20);
        let half = ramp.iter().filter(|start| **start < 500_000).count();
        assert_eq!(half, 8, "7.5 calls of 20 in the first half: {ramp:?}");
        assert!(ramp.is_sorted());
        assert_eq!(starts("30..10:1s").len(), 20);
        assert_eq!(starts("0.5:4s"), [0, 2_000_000]);
        assert_eq!(starts("3:500ms,3:500ms").len(), 3);
        for wrong in [
            "", "5", "0:1s", "-1:1s", "5:0s", "a..b:1s", "5:1", "NaN:1s", "1e99:1s",
        ] {
            wrong.parse::<Schedule>().unwrap_err();
        }
    }

    #[test]
    fn a_warm_up_has_the_first_rate() {
        let schedule: Schedule = "10..30:1s".parse().unwrap();
        let warm = schedule.with_warm_up(Duration::from_secs(1));
        assert_eq!(warm.time(), Duration::from_secs(2));
        assert!((warm.calls() - 30.0).abs() < 1e-9);
        assert_eq!(schedule.with_warm_up(Duration::ZERO).starts().count(), 20);
    }
}
