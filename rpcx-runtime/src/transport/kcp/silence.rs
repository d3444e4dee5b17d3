//! How long a peer may be silent, and how often it is asked for a sign of life meanwhile.

use std::time::Duration;

use tokio::time::Instant;

/// How a silent peer is treated: after each step it is asked, and after the last it is gone.
#[derive(Clone, Copy)]
struct Pace {
    from: Instant,
    whole: Duration,
    steps: u32,
}

/// A quiet session is asked in time to be heard before the idle limit, once or twice.
const STEPS_OF_IDLE: u32 = 3;

/// Where a call waits for it, a peer that has not acknowledged what our side wrote before it
/// closed, or whose place others want, is gone after this long and two of its round trips. Many
/// answer at their next interval only, which is 5 s at most and 100 ms by default.
const PATIENCE: Duration = Duration::from_secs(6);

/// Meanwhile it is asked so often that an accident does not cost it the session.
const STEPS_OF_PATIENCE: u32 = 12;

/// A peer that takes its time on purpose does not keep its place for longer.
const LONGEST_TRIP: Duration = Duration::from_secs(10);

/// A peer that was heard so lately is there, and keeps its place.
const LATELY: Duration = Duration::from_secs(1);

/// The silence of one peer.
pub(super) struct Silence {
    idle: Duration,
    /// The last valid packet of the peer, if any, or the start.
    since: Instant,
    heard: bool,
    /// From data to its acknowledgement, smoothed; zero if there was none.
    trip: Duration,
    /// How often the peer was asked at this pace.
    asked: u32,
    /// Since when our side has closed, and waits for acknowledgements.
    leaving: Option<Instant>,
    /// Since when its place is wanted.
    pressed: Option<Instant>,
}

impl Silence {
    pub(super) fn new(idle: Duration, now: Instant) -> Self {
        Self {
            idle,
            since: now,
            heard: false,
            trip: Duration::ZERO,
            asked: 0,
            leaving: None,
            pressed: None,
        }
    }

    /// The peer was heard.
    pub(super) fn heard(&mut self, now: Instant) {
        self.since = now;
        self.heard = true;
        self.asked = 0;
        self.pressed = None;
    }

    /// The peer has acknowledged something this long after it was sent.
    pub(super) fn measured(&mut self, trip: Duration) {
        let trip = trip.min(LONGEST_TRIP);
        self.trip = match self.trip {
            Duration::ZERO => trip,
            before => (before * 7 + trip) / 8,
        };
    }

    /// Whether it was ever heard.
    pub(super) fn was_broken(&self) -> bool {
        self.heard
    }

    /// Our side has closed and waits for acknowledgements, or no longer does.
    pub(super) fn leave(&mut self, leaving: bool, now: Instant) {
        if leaving != self.leaving.is_some() {
            self.leaving = leaving.then_some(now);
            self.asked = 0;
        }
    }

    /// Others want the place of this session: it is to show that it is needed.
    pub(super) fn evict_if_silent(&mut self, now: Instant) {
        if self.pressed.is_none() && now >= self.since + LATELY {
            self.pressed = Some(now);
            self.asked = 0;
        }
    }

    fn pace(&self) -> Pace {
        let patience = (PATIENCE + self.trip * 2, STEPS_OF_PATIENCE);
        let (from, (whole, steps)) = match (self.leaving, self.pressed) {
            (Some(left), _) => (left.max(self.since), patience),
            (None, Some(pressed)) => (pressed, patience),
            (None, None) => (self.since, (self.idle, STEPS_OF_IDLE)),
        };
        Pace { from, whole, steps }
    }

    /// When the peer is gone, if it is not heard before.
    fn end(&self) -> Instant {
        let Pace { from, whole, .. } = self.pace();
        (from + whole).min(self.since + self.idle)
    }

    /// Whether the peer is gone.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        now >= self.end()
    }

    fn next_question(&self) -> Instant {
        let Pace { from, whole, steps } = self.pace();
        from + whole / steps * (self.asked + 1)
    }

    /// Whether the peer is to be asked now.
    pub(super) fn asks(&mut self, now: Instant) -> bool {
        let asks = now >= self.next_question();
        self.asked += u32::from(asks);
        asks
    }

    /// When there is something to do if the peer is not heard before.
    pub(super) fn deadline(&self) -> Instant {
        self.next_question().min(self.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes from deadline to deadline: when the peer is asked, and when it is gone.
    fn course(silence: &mut Silence, start: Instant) -> (Vec<u128>, u128) {
        let mut questions = Vec::new();
        loop {
            let now = silence.deadline();
            let passed = (now - start).as_millis();
            if silence.is_over(now) {
                return (questions, passed);
            }
            assert!(silence.asks(now));
            questions.push(passed);
        }
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_silent_peer_is_asked_before_it_is_given_up() {
        let start = Instant::now();
        let silence = || Silence::new(seconds(30), start);
        let expected = (vec![10_000, 20_000], 30_000);
        assert_eq!(course(&mut silence(), start), expected);

        let mut left = silence();
        left.leave(true, start);
        let halves = |from: u128| (from + 500..from + 6000).step_by(500).collect::<Vec<_>>();
        assert_eq!(course(&mut left, start), (halves(0), 6000));

        let mut wanted = silence();
        wanted.evict_if_silent(start + LATELY / 2);
        assert_eq!(course(&mut wanted, start).1, 30_000, "it was heard lately");
        let mut wanted = silence();
        wanted.evict_if_silent(start + seconds(2));
        assert_eq!(course(&mut wanted, start), (halves(2000), 8000));
    }

    /// The answers of a peer far away, or with a long interval, came too late: it was given up.
    #[test]
    fn a_peer_that_is_far_away_is_given_the_time_to_answer() {
        let start = Instant::now();
        for trip in [seconds(3), seconds(600)] {
            let mut left = Silence::new(seconds(300), start);
            left.measured(trip);
            left.leave(true, start);
            let expected = PATIENCE + trip.min(LONGEST_TRIP) * 2;
            assert_eq!(course(&mut left, start).1, expected.as_millis());
            (0..50).for_each(|_| left.measured(Duration::from_millis(8)));
            assert!(course(&mut left, start).1 < 6100, "it has come nearer");
        }
    }

    #[test]
    fn an_answer_is_enough_whatever_wants_the_place() {
        let start = Instant::now();
        let mut silence = Silence::new(seconds(30), start);
        let mut now = start;
        for _ in 0..100 {
            now += seconds(2);
            silence.evict_if_silent(now);
            now = silence.deadline();
            assert!(silence.asks(now) && !silence.is_over(now));
            now += seconds(1);
            silence.heard(now);
        }
        assert!(!silence.is_over(now + seconds(29)));
    }
}
