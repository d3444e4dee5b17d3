//! Latencies, in buckets that grow with the value.

/// Buckets in an octave: a value is off by at most 1 in 64.
const STEPS: u64 = 64;
const STEP_BITS: u32 = STEPS.trailing_zeros();
const OCTAVES: usize = 36;

/// Counts nanoseconds. Values beyond an hour share the last bucket.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: vec![0; OCTAVES * STEPS as usize],
            count: 0,
        }
    }
}

impl Histogram {
    /// Adds one value.
    pub fn record(&mut self, nanoseconds: u64) {
        let last = self.buckets.len() - 1;
        self.buckets[bucket(nanoseconds).min(last)] += 1;
        self.count += 1;
    }

    /// Adds all values of another one.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
    }

    /// Values recorded.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value that `share` (0 to 1) of all values do not exceed; 0 when there are none.
    pub fn quantile(&self, share: f64) -> u64 {
        let wanted = ((self.count as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let reached = self.buckets.iter().position(|&count| {
            seen += count;
            seen >= wanted
        });
        reached.map_or(0, middle)
    }
}

/// Below `STEPS` every value has its own bucket; above, the bits behind the leading ones are cut off.
fn bucket(value: u64) -> usize {
    if value < STEPS {
        return value as usize;
    }
    let cut = value.ilog2() - STEP_BITS;
    ((u64::from(cut) + 1) * STEPS + (value >> cut) - STEPS) as usize
}

fn middle(bucket: usize) -> u64 {
    let (octave, step) = (bucket as u64 / STEPS, bucket as u64 % STEPS);
    if octave == 0 {
        return step;
    }
    let cut = octave - 1;
    ((STEPS + step) << cut) + (1 << cut) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket() {
        for value in (0..60).flat_map(|shift| [1_u64 << shift, (1 << shift) + (1 << shift) / 3]) {
            let found = middle(bucket(value));
            assert!(
                found.abs_diff(value) <= value / STEPS,
                "{value} became {found}"
            );
        }
    }

    #[test]
    fn quantiles_of_a_ramp() {
        let mut histogram = Histogram::default();
        (1..=10_000).for_each(|value| histogram.record(value));
        assert_eq!(histogram.count(), 10_000);
        assert!(histogram.quantile(0.5).abs_diff(5_000) <= 80);
        assert!(histogram.quantile(0.99).abs_diff(9_900) <= 160);
    }
}
