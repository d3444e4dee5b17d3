//! When a connection has been silent, or slow, for too long. Knows no clock but what it is told.

use std::time::Duration;

use tokio::time::Instant;

use crate::connection::Limits;
use crate::pace::after;
use crate::protocol::HEADER_LEN;

/// How often a frame that is on its way is looked at.
const FRAME_STEP: Duration = Duration::from_secs(1);

/// Idle and old connections end by up to this part of their limit sooner.
const SPREAD: f64 = 0.1;

/// An idle connection is looked at this often within its limit, so it ends at most that much late.
const IDLE_STEPS: u32 = 16;

/// A connection over which no more reads than this come between two looks, heartbeats as a rule, is a quiet one.
const FEW: u64 = 16;

/// Watches one connection's reading side.
#[derive(Debug)]
pub(super) struct Watchdog {
    /// When the last byte came, as far as was looked.
    active: Instant,
    seen: u64,
    /// Whether any byte has come.
    started: bool,
    frame: Option<Partial>,
    opened: Instant,
    sooner: f64,
    /// A shorter limit has come into force than the one that `next` was asked about.
    hurried: bool,
}

/// Why a connection must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its first byte did not come.
    Silent,
    /// Nothing came for too long.
    Idle,
    /// A frame came too slowly.
    SlowFrame,
    /// It has been open for as long as one may be.
    Aged,
    /// Others need its place.
    Crowded,
}

impl Fault {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Silent => "the peer did not send a byte after it had connected",
            Self::Idle => "the connection was idle for too long",
            Self::SlowFrame => "a request that had begun came too slowly",
            Self::Aged => "the connection was open for as long as one may be",
            Self::Crowded => "the server needed the place of the connection for others",
        }
    }
}

/// A frame of which only a part has arrived.
#[derive(Debug)]
struct Partial {
    since: Instant,
    received: usize,
}

/// By which part of its limits one connection ends sooner when it is idle or old, so that those that began
/// together do not end together.
pub(super) fn sooner() -> f64 {
    SPREAD * fastrand::f64()
}

impl Watchdog {
    /// `sooner` is by which part of their limits idle and old connections end sooner: see [`sooner`].
    pub(super) fn new(now: Instant, sooner: f64) -> Self {
        Self {
            opened: now,
            sooner,
            active: now,
            seen: 0,
            started: false,
            frame: None,
            hurried: false,
        }
    }

    /// Told after each read: how many bytes of an unfinished frame are there.
    pub(super) fn after_read(&mut self, unfinished: usize, whole_frames: bool) {
        let began = unfinished > 0 && (whole_frames || self.frame.is_none());
        self.hurried |= began || !self.started;
        self.started = true;
        match &mut self.frame {
            Some(frame) if !began && unfinished > 0 => frame.received = unfinished,
            _ if unfinished == 0 => self.frame = None,
            _ => {
                self.frame = Some(Partial {
                    since: Instant::now(),
                    received: unfinished,
                });
            }
        }
    }

    /// Whether to ask [`next`](Self::next) again before its time. Takes the answer back.
    pub(super) fn is_hurried(&mut self) -> bool {
        std::mem::take(&mut self.hurried)
    }

    /// When to look again.
    pub(super) fn next(&self, now: Instant, limits: &Limits) -> Instant {
        let step = if self.frame.is_some() {
            FRAME_STEP
                .min(limits.frame_header / 2)
                .min(limits.frame_body / 2)
        } else {
            self.silence(limits) / IDLE_STEPS
        };
        let next = after(now, step.max(Duration::from_millis(1)));
        next.min(self.old_at(limits)).max(now)
    }

    /// Looks: `reads` counts the reads so far. Says why the connection must end, if it must.
    pub(super) fn check(&mut self, now: Instant, reads: u64, limits: &Limits) -> Option<Fault> {
        if reads != self.seen {
            (self.seen, self.active) = (reads, now);
        }
        if let Some(frame) = &self.frame {
            let took = now.saturating_duration_since(frame.since);
            let allowed = if frame.received < HEADER_LEN {
                limits.frame_header
            } else {
                let earned = frame.received as f64 / limits.frame_rate.max(1) as f64;
                limits.frame_body.max(Duration::from_secs_f64(earned))
            };
            return (took > allowed).then_some(Fault::SlowFrame);
        }
        if now >= self.old_at(limits) {
            return Some(Fault::Aged);
        }
        let silent = now.saturating_duration_since(self.active);
        let fault = if self.started {
            Fault::Idle
        } else {
            Fault::Silent
        };
        (silent > self.silence(limits)).then_some(fault)
    }

    /// Asked before [`check`](Self::check): whether little has come since the last look, and no frame is on its way.
    pub(super) fn is_quiet(&self, reads: u64) -> bool {
        self.started && self.frame.is_none() && reads - self.seen <= FEW
    }

    /// When it has been open for long enough.
    fn old_at(&self, limits: &Limits) -> Instant {
        after(self.opened, limits.age - limits.age.mul_f64(self.sooner))
    }

    fn silence(&self, limits: &Limits) -> Duration {
        if self.started {
            limits.idle - limits.idle.mul_f64(self.sooner)
        } else {
            limits.first_byte
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn silence_ends_a_connection_sooner_before_its_first_byte() {
        let (start, limits) = (Instant::now(), Limits::server());
        let mut dog = Watchdog::new(start, 0.0);
        assert_eq!(dog.check(after(start, 119), 0, &limits), None);
        assert!(dog.check(after(start, 121), 0, &limits).is_some());
        dog.after_read(0, true);
        assert_eq!(dog.check(after(start, 121), 1, &limits), None);
        assert_eq!(dog.check(after(start, 121 + 3599), 1, &limits), None);
        assert!(dog.check(after(start, 121 + 3601), 1, &limits).is_some());
    }

    #[test]
    fn a_shorter_limit_is_looked_at_in_its_own_time() {
        let (start, limits) = (Instant::now(), Limits::server());
        let mut dog = Watchdog::new(start, 0.0);
        assert!(!dog.is_hurried());
        dog.after_read(0, true);
        assert!(dog.is_hurried() && !dog.is_hurried());
        assert!(dog.next(start, &limits) > after(start, 60));
        dog.after_read(3, false);
        assert!(
            dog.is_hurried(),
            "the frame's limit is shorter than the idle one"
        );
        assert!(dog.next(start, &limits) <= after(start, 1));
        dog.after_read(5, false);
        assert!(!dog.is_hurried());
    }

    #[test]
    fn little_between_two_looks_is_quiet() {
        let (start, limits) = (Instant::now(), Limits::server());
        let mut dog = Watchdog::new(start, 0.0);
        assert!(!dog.is_quiet(0), "its first call may be on the way");
        dog.after_read(0, true);
        assert!(dog.is_quiet(FEW) && !dog.is_quiet(FEW + 1));
        dog.check(after(start, 1), 100, &limits);
        assert!(dog.is_quiet(100 + FEW) && !dog.is_quiet(101 + FEW));
        dog.after_read(3, false);
        assert!(!dog.is_quiet(100), "a frame is on its way");
    }

    #[test]
    fn an_old_connection_ends_in_its_time_however_busy_it_is() {
        let (start, mut limits) = (Instant::now(), Limits::server());
        limits.age = Duration::from_secs(100);
        let mut dog = Watchdog::new(start, 0.05);
        dog.after_read(0, true);
        assert_eq!(dog.check(after(start, 94), 1, &limits), None);
        assert_eq!(dog.next(after(start, 94), &limits), after(start, 95));
        assert_eq!(dog.check(after(start, 95), 2, &limits), Some(Fault::Aged));
        assert!((0..100).all(|_| (0.0..=SPREAD).contains(&sooner())));
    }

    #[test]
    fn a_frame_must_keep_coming() {
        let limits = Limits::server();
        let mut dog = Watchdog::new(Instant::now(), 0.0);
        dog.after_read(3, false);
        let start = Instant::now();
        assert_eq!(dog.check(after(start, 9), 1, &limits), None);
        assert!(
            dog.check(after(start, 11), 1, &limits).is_some(),
            "the header took too long"
        );

        dog.after_read(20, false);
        assert_eq!(dog.check(after(start, 29), 2, &limits), None);
        assert!(
            dog.check(after(start, 31), 2, &limits).is_some(),
            "the body took too long"
        );

        dog.after_read(64 * (64 << 10), false);
        assert_eq!(
            dog.check(after(start, 60), 3, &limits),
            None,
            "64 KiB a second is enough"
        );
        dog.after_read(0, true);
        assert_eq!(dog.check(after(start, 100), 4, &limits), None);
    }
}
