//! How long a peer may be silent, and how often it is asked for a sign of life meanwhile.

use std::time::Duration;

use tokio::time::Instant;

/// How a silent peer is treated: after each step it is asked, and after the last it is gone.
#[derive(Clone, Copy)]
struct Pace {
    from: Instant,
    step: Duration,
    steps: u32,
}

/// A quiet session is asked in time to be heard before the idle limit, once or twice.
const STEPS_OF_IDLE: u32 = 3;

/// A peer that has not acknowledged what our side wrote before it closed: 1 s.
const LEAVING: (Duration, u32) = (Duration::from_millis(250), 4);

/// A session whose place others want, asked so often that an accident does not cost it: 2.5 s.
const PRESSED: (Duration, u32) = (Duration::from_millis(500), 5);

/// A peer that was heard so lately is there, whoever wants its place.
const LATELY: Duration = Duration::from_secs(1);

/// The silence of one peer.
pub(super) struct Silence {
    idle: Duration,
    /// The last valid packet of the peer, if any, or the start.
    since: Instant,
    heard: bool,
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
            asked: 0,
            leaving: None,
            pressed: None,
        }
    }

    /// The peer was heard.
    pub(super) fn broken(&mut self, now: Instant) {
        self.since = now;
        self.heard = true;
        self.asked = 0;
        self.pressed = None;
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
    pub(super) fn press(&mut self, now: Instant) {
        if self.pressed.is_none() && now >= self.since + LATELY {
            self.pressed = Some(now);
            self.asked = 0;
        }
    }

    fn pace(&self) -> Pace {
        let (from, (step, steps)) = match (self.leaving, self.pressed) {
            (Some(left), _) => (left.max(self.since), LEAVING),
            (None, Some(pressed)) => (pressed, PRESSED),
            (None, None) => (self.since, (self.idle / STEPS_OF_IDLE, STEPS_OF_IDLE)),
        };
        Pace { from, step, steps }
    }

    /// When the peer is gone, if it is not heard before.
    fn end(&self) -> Instant {
        let Pace { from, step, steps } = self.pace();
        (from + step * steps).min(self.since + self.idle)
    }

    /// Whether the peer is gone.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        now >= self.end()
    }

    fn next_question(&self) -> Instant {
        let Pace { from, step, .. } = self.pace();
        from + step * (self.asked + 1)
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
        assert_eq!(course(&mut left, start), (vec![250, 500, 750], 1000));

        let mut wanted = silence();
        wanted.press(start + LATELY / 2);
        assert_eq!(course(&mut wanted, start).1, 30_000, "it was heard lately");
        let mut wanted = silence();
        wanted.press(start + seconds(2));
        let expected = (vec![2500, 3000, 3500, 4000], 4500);
        assert_eq!(course(&mut wanted, start), expected);
    }

    #[test]
    fn an_answer_is_enough_whoever_wants_the_place() {
        let start = Instant::now();
        let mut silence = Silence::new(seconds(30), start);
        let mut now = start;
        for _ in 0..100 {
            now += seconds(2);
            silence.press(now);
            now = silence.deadline();
            assert!(silence.asks(now) && !silence.is_over(now));
            now += seconds(1);
            silence.broken(now);
        }
        assert!(!silence.is_over(now + seconds(29)));
    }
}
