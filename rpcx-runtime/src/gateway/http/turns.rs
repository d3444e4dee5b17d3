//! The turns of one connection, whose requests are tasks of their own, and some of them many calls.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::task::yield_now;

/// Whether it is the turn of others. What it is counted by belongs to the [entry](super::entry::Entry).
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The turn is over, and the next one has not begun.
    over: AtomicBool,
    /// Which one is the next.
    next: AtomicU64,
    /// It begins with the next call.
    begins: AtomicBool,
}

impl Turns {
    /// Nothing was under way: whatever comes now is a new turn.
    #[inline]
    pub(super) fn begin(&self) {
        self.begins.store(true, Ordering::Relaxed);
    }

    /// Whether the call that is made now is the first one of a turn.
    #[inline]
    pub(super) fn begins(&self) -> bool {
        self.begins.load(Ordering::Relaxed) && self.begins.swap(false, Ordering::Relaxed)
    }

    /// The connection has had its turn.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Release);
    }

    /// Lets others run if they have their turn. To be waited for before each call.
    #[inline]
    pub(super) async fn wait(&self) {
        while self.over.load(Ordering::Acquire) {
            let next = self.next.load(Ordering::Acquire);
            // In a task of its own: hyper polls what it serves again when it likes, and what waits to be polled twice
            // would be back before others have run.
            let _others_ran = tokio::spawn(yield_now()).await;
            // All others that wait now have run. The first task that is back begins the next turn, and those of its
            // connection that come behind it have a part of that.
            let (set, get) = (Ordering::AcqRel, Ordering::Relaxed);
            let is_first = self.next.compare_exchange(next, next + 1, set, get).is_ok();
            if is_first {
                self.begin();
                self.over.store(false, Ordering::Release);
            }
        }
    }
}
