//! How many payloads are inflated, and how many large ones decoded, at once by the threads of methods that may block.

use std::sync::Condvar;

use crate::sync::{Mutex, lock, wait};

/// Turns at that, as many as the machine has cores. There are hundreds of threads for methods that may block, and
/// only what has been inflated is counted.
#[derive(Debug)]
pub(super) struct Inflating {
    free: Mutex<usize>,
    freed: Condvar,
}

/// One turn, until it is dropped.
#[derive(Debug)]
pub(super) struct InflatingTurn<'a>(&'a Inflating);

impl Inflating {
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            free: Mutex::new(cores),
            freed: Condvar::new(),
        }
    }

    /// Blocks the thread until there is a turn.
    pub(super) fn turn(&self) -> InflatingTurn<'_> {
        self.begin();
        InflatingTurn(self)
    }

    /// The same; [`end`](Self::end) has to follow.
    pub(super) fn begin(&self) {
        let mut free = lock(&self.free);
        while *free == 0 {
            free = wait(&self.freed, free, None);
        }
        *free -= 1;
    }

    pub(super) fn end(&self) {
        *lock(&self.free) += 1;
        self.freed.notify_one();
    }
}

impl Drop for InflatingTurn<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn there_are_as_many_turns_as_cores() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (inflating, running) = (Inflating::new(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 * cores {
                scope.spawn(|| {
                    let _turn = inflating.turn();
                    let others = running.fetch_add(1, Ordering::SeqCst);
                    assert!(others < cores, "{others} beside it");
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(*lock(&inflating.free), cores);
    }
}
