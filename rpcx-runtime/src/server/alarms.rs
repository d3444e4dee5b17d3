//! What wakes the task that reads beside bytes: the beginning of a drain, the watchdog's clock, and others
//! that need its place.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep};

use super::Phase;
use crate::context::Standing;

/// All of them, for one task.
///
/// A future that was polled wakes its task when there is something to see, so it is not polled again at
/// every read, which is most of what there is to do for a small request beside the request itself.
pub(super) struct Alarms<'a, D, C> {
    phase: &'a Phase,
    standing: &'a Standing,
    draining: Pin<&'a mut D>,
    clock: Pin<&'a mut Sleep>,
    crowded: Pin<&'a mut C>,
    /// Whether all were polled since the clock was set.
    armed: bool,
}

/// What one of them says.
pub(super) enum Alarm {
    /// The server has begun to drain.
    Draining,
    /// It is time to look at the watchdog.
    Clock,
    /// Others need the place of the connection.
    Crowded,
}

impl<'a, D: Future<Output = ()>, C: Future<Output = ()>> Alarms<'a, D, C> {
    /// `draining` is that of `phase`, and `crowded` that of the standing. Always polled by the same task.
    pub(super) fn new(
        phase: &'a Phase,
        draining: Pin<&'a mut D>,
        clock: Pin<&'a mut Sleep>,
        (standing, crowded): (&'a Standing, Pin<&'a mut C>),
    ) -> Self {
        Self {
            phase,
            standing,
            draining,
            clock,
            crowded,
            armed: false,
        }
    }

    /// Sets the clock if it is to ring sooner than it would.
    pub(super) fn hurry(&mut self, at: Instant) {
        if at < self.clock.deadline() {
            self.set(at);
        }
    }

    pub(super) fn set(&mut self, at: Instant) {
        self.clock.as_mut().reset(at);
        self.armed = false;
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Alarm> {
        if self.armed {
            if self.phase.is_draining() {
                return Poll::Ready(Alarm::Draining);
            }
            if self.standing.crowded.is_set() {
                return Poll::Ready(Alarm::Crowded);
            }
            if self.clock.is_elapsed() {
                return Poll::Ready(Alarm::Clock);
            }
            return Poll::Pending;
        }
        if self.draining.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Alarm::Draining);
        }
        if self.crowded.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Alarm::Crowded);
        }
        if self.clock.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Alarm::Clock);
        }
        self.armed = true;
        Poll::Pending
    }
}
