//! When a connection is asked for a sign of life, and when it is given up. Knows no clock but what it
//! is told.

use std::time::Duration;

use tokio::time::Instant;

use crate::pace::after;

/// A connection is looked at this often within its interval. What has arrived since the last look is
/// taken to have arrived right after that look, so that a peer that vanished is never given more time
/// than the interval and the timeout; it is asked sooner by a part of the interval instead.
const LOOKS: u32 = 4;

/// The same within the patience for calls that wait.
const LOOKS_OF_PATIENCE: u32 = 8;

/// The part of the patience after which the peer is asked: the rest is for its answer.
const ASKED_AFTER: f64 = 0.4;

/// A look that comes so much too late says that this process has not run.
const LATE: Duration = Duration::from_secs(1);

/// How long a peer may be silent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Silence after which it is asked.
    pub(super) interval: Duration,
    /// Silence after the question that ends the connection.
    pub(super) timeout: Duration,
    /// Silence, with the question and the time for its answer, that ends the connection while calls
    /// wait.
    pub(super) patience: Duration,
}

/// What is seen of a connection at one look.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Reads so far.
    pub(super) reads: u64,
    /// Whether calls wait for a reply, or have waited for one in vain.
    pub(super) waiting: bool,
    /// Whether the peer takes what is written to it, a piece at a time: the question would come behind.
    pub(super) taking: bool,
}

/// Heartbeats are sent only while nothing arrives; an answer is whatever arrives.
#[derive(Debug)]
pub(super) struct Pulse {
    rules: Rules,
    /// When it was looked last.
    looked: Instant,
    /// Nothing has been silent for longer than since then.
    active: Instant,
    /// No call has waited for longer than since then.
    waited: Instant,
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
    /// The peer has not given one in time: after so much silence.
    Dead(Duration),
}

impl Pulse {
    pub(super) fn new(rules: Rules, now: Instant) -> Self {
        Self {
            rules,
            looked: now,
            active: now,
            waited: now,
            seen: 0,
            asked: None,
        }
    }

    /// When to look again.
    pub(super) fn next(&self) -> Instant {
        self.due()
            .min(after(self.looked, self.step()))
            .max(self.looked)
    }

    fn step(&self) -> Duration {
        let quick = self.rules.patience / LOOKS_OF_PATIENCE;
        let step = (self.rules.interval / LOOKS).min(quick);
        step.max(Duration::from_millis(1))
    }

    /// When something is to be done if the peer stays silent, as far as is known.
    fn due(&self) -> Instant {
        let quick = match self.asked {
            Some(asked) => {
                after(asked, self.answer_time()).max(after(self.waited, self.rules.patience))
            }
            None => after(self.waited, self.rules.patience.mul_f64(ASKED_AFTER)),
        };
        let slow = match self.asked {
            Some(asked) => after(asked, self.rules.timeout),
            None => after(self.active, self.rules.interval),
        };
        // One that is in the past was not acted on, because no call waits.
        if quick > self.looked {
            quick.min(slow)
        } else {
            slow
        }
    }

    fn answer_time(&self) -> Duration {
        self.rules.patience.mul_f64(1.0 - ASKED_AFTER)
    }

    /// Looks, and says what is to be done.
    pub(super) fn look(&mut self, now: Instant, seen: Seen) -> Beat {
        self.forgive(now);
        if seen.reads != self.seen || seen.taking {
            (self.seen, self.active, self.asked) = (seen.reads, self.looked, None);
            self.waited = self.looked;
        }
        if !seen.waiting {
            self.waited = now;
        }
        self.looked = now;
        let Some(asked) = self.asked else {
            let quick = after(self.waited, self.rules.patience.mul_f64(ASKED_AFTER));
            if now >= quick.min(after(self.active, self.rules.interval)) {
                self.asked = Some(now);
                return Beat::Ask;
            }
            return Beat::Nothing;
        };
        let out_of_patience = now >= after(self.waited, self.rules.patience)
            && now >= after(asked, self.answer_time());
        if out_of_patience || now >= after(asked, self.rules.timeout) {
            return Beat::Dead(now - self.active);
        }
        Beat::Nothing
    }

    /// While this process did not run, the peer may have been heard: what has arrived is not read yet.
    fn forgive(&mut self, now: Instant) {
        let late = now.saturating_duration_since(self.next());
        if late <= LATE {
            return;
        }
        for at in [&mut self.looked, &mut self.active, &mut self.waited] {
            *at = after(*at, late);
        }
        self.asked = self.asked.map(|asked| after(asked, late));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn rules(interval: u64, timeout: u64, patience: u64) -> Rules {
        let seconds = |seconds| Duration::from_secs(seconds);
        Rules {
            interval: seconds(interval),
            timeout: seconds(timeout),
            patience: seconds(patience),
        }
    }

    /// Looks when it is to be looked; reads come at these times. The seconds at which it asks, and the
    /// one at which the peer is given up. Calls wait from a time on, if at all.
    fn run(
        reads: &[f64],
        rules: Rules,
        waiting: Option<f64>,
        until: f64,
    ) -> (Vec<f64>, Option<f64>) {
        let start = Instant::now();
        let mut pulse = Pulse::new(rules, start);
        let mut asked = Vec::new();
        loop {
            let now = pulse.next();
            let at = now.duration_since(start).as_secs_f64();
            if at > until {
                return (asked, None);
            }
            let came = reads.iter().filter(|read| **read <= at).count();
            let seen = Seen {
                reads: came as u64,
                waiting: waiting.is_some_and(|from| from <= at),
                taking: false,
            };
            match pulse.look(now, seen) {
                Beat::Nothing => {}
                Beat::Ask => asked.push(at),
                Beat::Dead(_) => return (asked, Some(at)),
            }
        }
    }

    proptest! {
        #[test]
        fn a_peer_that_vanishes_is_given_up_within_the_bound_at_any_setting(
            interval in 1u64..7200,
            timeout in 0u64..7200,
            patience in 1u64..7200,
            last in 0.0f64..20_000.0,
        ) {
            let rules = rules(interval, timeout, patience);
            let before = (0..200).map(|at| f64::from(at) * 100.0).take_while(|at| *at < last);
            let reads: Vec<_> = before.chain([last]).collect();
            let bound = (interval + timeout) as f64;
            // A peer that talks once in 100 s is not to be given up before it vanishes.
            prop_assume!(interval > 200 && timeout > 200);
            let (_, dead) = run(&reads, rules, None, 1e6);
            let silent = dead.unwrap() - last;
            prop_assert!(silent <= bound + 0.01, "{silent} s");
            prop_assert!(silent >= bound - rules.interval.as_secs_f64() / 4.0 - 0.01, "{silent} s");
        }

        #[test]
        fn calls_that_wait_are_ended_within_the_patience(
            patience in 1u64..100,
            last in 0.0f64..1000.0,
            later in 0.0f64..100.0,
        ) {
            let rules = rules(300, 300, patience);
            let reads: Vec<_> = (0..=last as u64).map(|at| at as f64).collect();
            let from = last + later;
            let (asked, dead) = run(&reads, rules, Some(from), 1e6);
            let waited = dead.unwrap() - from;
            prop_assert!(waited <= patience as f64 + 0.01, "{waited} s");
            prop_assert!(dead.unwrap() - asked.last().unwrap() >= patience as f64 * 0.6 - 0.01);
        }
    }

    #[test]
    fn a_peer_that_talks_is_not_asked() {
        let reads: Vec<_> = (0..100_000).step_by(10).map(f64::from).collect();
        assert_eq!(
            run(&reads, rules(30, 30, 40), Some(0.0), 1000.0),
            (Vec::new(), None)
        );
        let reads: Vec<_> = (0..100_000).step_by(3).map(f64::from).collect();
        let (asked, dead) = run(&reads, rules(30, 30, 10), Some(0.0), 1000.0);
        assert_eq!(dead, None, "asked {asked:?}");
    }

    #[test]
    fn a_sign_of_life_is_an_answer() {
        // It talks until 5 s, is asked, and answers at 40 s.
        let (asked, dead) = run(&[1.0, 5.0, 40.0], rules(30, 30, 1000), None, 80.0);
        assert_eq!((asked.len(), dead), (2, None), "{asked:?}");
        // The same while calls wait.
        let (asked, dead) = run(&[1.0, 9.0, 17.0, 25.0], rules(30, 30, 10), Some(0.0), 30.0);
        assert!(asked.len() >= 3 && dead.is_none(), "{asked:?} {dead:?}");
    }

    #[test]
    fn a_peer_that_takes_a_long_request_is_there() {
        let start = Instant::now();
        let mut pulse = Pulse::new(rules(30, 30, 10), start);
        let (waiting, mut now) = (true, start);
        while now < start + 600 * SECOND {
            now = pulse.next();
            let taking = Seen {
                reads: 0,
                waiting,
                taking: true,
            };
            assert_eq!(pulse.look(now, taking), Beat::Nothing);
        }
    }

    #[test]
    fn a_process_that_was_stopped_gives_its_peer_time_to_answer() {
        let start = Instant::now();
        let mut pulse = Pulse::new(rules(30, 30, 10), start);
        let seen = Seen {
            waiting: true,
            ..Seen::default()
        };
        while pulse.look(pulse.next(), seen) != Beat::Ask {}
        let now = pulse.next() + 3600 * SECOND;
        assert_eq!(pulse.look(now, seen), Beat::Nothing);
        assert!(pulse.next() > now);
    }

    #[test]
    fn never_is_never() {
        let start = Instant::now();
        let never = Rules {
            interval: Duration::MAX,
            timeout: Duration::MAX,
            patience: Duration::MAX,
        };
        let mut pulse = Pulse::new(never, start);
        let day = start + 86_400 * SECOND;
        assert!(pulse.next() > day);
        let seen = Seen {
            waiting: true,
            ..Seen::default()
        };
        assert_eq!(pulse.look(day, seen), Beat::Nothing);
    }
}
