//! How long one connection is served before the others are.

use std::time::{Duration, Instant};

/// What one connection takes at most, but for the step that goes beyond it.
const LENGTH: Duration = Duration::from_millis(1);

/// Steps between two looks at the clock, once they have proved to be short.
const STEPS: u32 = 16;

/// The time that a task spends on one connection without letting others run.
///
/// A look at the clock costs a part of what a small call does, so the first step is not timed, which is
/// the only one of most turns, and short steps are timed a few at once.
#[derive(Debug)]
pub(crate) struct Turn {
    steps: u32,
    look_at: u32,
    began: Option<Instant>,
}

impl Turn {
    pub(crate) const fn new() -> Self {
        Self {
            steps: 0,
            look_at: 2,
            began: None,
        }
    }

    /// Told after each step. Says whether it is the turn of others.
    #[inline]
    pub(crate) fn is_over(&mut self) -> bool {
        self.steps += 1;
        self.steps >= self.look_at && self.look(Instant::now())
    }

    #[cold]
    fn look(&mut self, now: Instant) -> bool {
        let Some(began) = self.began else {
            self.began = Some(now);
            self.look_at = self.steps + 1;
            return false;
        };
        self.look_at = self.steps + self.steps.min(STEPS);
        now.saturating_duration_since(began) >= LENGTH
    }

    /// The task has let others run.
    #[inline]
    pub(crate) fn begin(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many steps of this length it is over.
    fn steps(each: Duration) -> u32 {
        let (mut turn, start) = (Turn::new(), Instant::now());
        for step in 1..100_000 {
            turn.steps += 1;
            if turn.steps >= turn.look_at && turn.look(start + each * step) {
                return step;
            }
        }
        panic!("it is never over");
    }

    #[test]
    fn long_steps_end_it_soon_and_short_ones_are_seldom_timed() {
        assert_eq!(steps(Duration::from_millis(20)), 3);
        assert_eq!(steps(Duration::from_millis(1)), 3);
        assert!((10..32).contains(&steps(Duration::from_micros(100))));
        assert!((1000..1100).contains(&steps(Duration::from_micros(1))));
    }

    #[test]
    fn one_step_is_not_timed() {
        let mut turn = Turn::new();
        for _ in 0..1000 {
            assert!(!turn.is_over());
            assert!(turn.began.is_none());
            turn.begin();
        }
    }
}
