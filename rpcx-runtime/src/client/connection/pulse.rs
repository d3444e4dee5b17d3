//! When a connection is asked for a sign of life, and when it is given up. Knows no clock but what it
//! is told.

use std::time::Duration;

use tokio::time::Instant;

use crate::pace::after;

/// A connection is looked at this often within its interval. What has arrived since the last look is
/// taken to have arrived right after that look, so that a peer that vanished is never given more time
/// than the interval and the timeout; it is asked sooner by a part of the interval instead.
const LOOKS: u32 = 4;

/// Heartbeats are sent only while nothing arrives; an answer is whatever arrives.
#[derive(Debug)]
pub(super) struct Pulse {
    interval: Duration,
    timeout: Duration,
    /// When it was looked last.
    looked: Instant,
    /// Nothing has been silent for longer than since then.
    active: Instant,
    /// Reads that were seen.
    seen: u64,
    asked: Option<Instant>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    /// Ask for a sign of life.
    Ask,
    /// The peer has not given one in time.
    Dead,
}

impl Pulse {
    pub(super) fn new(interval: Duration, timeout: Duration, now: Instant) -> Self {
        Self {
            interval,
            timeout,
            looked: now,
            active: now,
            seen: 0,
            asked: None,
        }
    }

    /// When to look again.
    pub(super) fn next(&self) -> Instant {
        let due = match self.asked {
            Some(asked) => after(asked, self.timeout),
            None => after(self.active, self.interval),
        };
        let step = self.interval / LOOKS;
        due.min(after(self.looked, step.max(Duration::from_millis(1))))
            .max(self.looked)
    }

    /// Looks: `reads` counts the reads so far.
    pub(super) fn look(&mut self, now: Instant, reads: u64) -> Beat {
        if reads != self.seen {
            (self.seen, self.active, self.asked) = (reads, self.looked, None);
        }
        self.looked = now;
        match self.asked {
            Some(asked) if now >= after(asked, self.timeout) => Beat::Dead,
            None if now >= after(self.active, self.interval) => {
                self.asked = Some(now);
                Beat::Ask
            }
            Some(_) | None => Beat::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Looks when it is to be looked; reads come at these seconds. The seconds at which it asks, and the
    /// one at which the peer is given up.
    fn run(reads: &[u64], settings: (u64, u64), until: u64) -> (Vec<f64>, Option<f64>) {
        let start = Instant::now();
        let (interval, timeout) = settings;
        let mut pulse = Pulse::new(interval as u32 * SECOND, timeout as u32 * SECOND, start);
        let mut asked = Vec::new();
        loop {
            let now = pulse.next();
            let at = now.duration_since(start).as_secs_f64();
            if at > until as f64 {
                return (asked, None);
            }
            let came = reads.iter().filter(|read| **read as f64 <= at).count();
            match pulse.look(now, came as u64) {
                Beat::Nothing => {}
                Beat::Ask => asked.push(at),
                Beat::Dead => return (asked, Some(at)),
            }
        }
    }

    #[test]
    fn a_peer_that_vanishes_is_given_up_after_interval_and_timeout() {
        for last in 1..60 {
            let reads: Vec<_> = (0..=last).collect();
            let (_, dead) = run(&reads, (30, 30), 1000);
            let silent = dead.unwrap() - last as f64;
            assert!((52.0..=60.0).contains(&silent), "{last}: {silent} s");
        }
    }

    #[test]
    fn a_peer_that_talks_is_not_asked() {
        let reads: Vec<_> = (0..1000).step_by(10).collect();
        assert_eq!(run(&reads, (30, 30), 1000), (Vec::new(), None));
    }

    #[test]
    fn a_sign_of_life_is_an_answer() {
        // It talks until 5 s, is asked, and answers at 40 s.
        let (asked, dead) = run(&[1, 5, 40], (30, 30), 80);
        assert_eq!((asked.len(), dead), (2, None), "{asked:?}");
    }

    #[test]
    fn never_is_never() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Duration::MAX, Duration::MAX, start);
        let day = start + 86_400 * SECOND;
        assert!(pulse.next() > day);
        assert_eq!(pulse.look(day, 0), Beat::Nothing);
    }
}
