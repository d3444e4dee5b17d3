//! What wakes the task that reads beside bytes: the beginning of a drain, and the watchdog's clock.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep};

use super::Phase;

/// Both of them, for one task.
///
/// A future that was polled wakes its task when there is something to see, so it is not polled again at
/// every read, which is most of what there is to do for a small request beside the request itself.
pub(super) struct Alarms<'a, D> {
    phase: &'a Phase,
    draining: Pin<&'a mut D>,
    clock: Pin<&'a mut Sleep>,
    /// Whether both were polled since the clock was set.
    armed: bool,
}

/// What one of them says.
pub(super) enum Alarm {
    /// The server has begun to drain.
    Draining,
    /// It is time to look at the watchdog.
    Clock,
}

impl<'a, D: Future<Output = ()>> Alarms<'a, D> {
    /// `draining` is that of `phase`. Always polled by the same task.
    pub(super) fn new(
        phase: &'a Phase,
        draining: Pin<&'a mut D>,
        clock: Pin<&'a mut Sleep>,
    ) -> Self {
        Self {
            phase,
            draining,
            clock,
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
            if self.clock.is_elapsed() {
                return Poll::Ready(Alarm::Clock);
            }
            return Poll::Pending;
        }
        if self.draining.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Alarm::Draining);
        }
        if self.clock.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Alarm::Clock);
        }
        self.armed = true;
        Poll::Pending
    }
}
