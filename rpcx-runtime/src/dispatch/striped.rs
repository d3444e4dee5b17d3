//! A counter that threads do not share: each adds to a cell of its own, and reading takes the sum.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// More threads than this share cells.
const CELLS: usize = 16;

/// On a cache line of its own, and on the one that processors fetch with it: what others write is not waited for.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Apart<T>(pub(super) T);

/// Counts what happens with each call on any thread.
#[derive(Debug, Default)]
pub(super) struct Striped([Apart<AtomicU64>; CELLS]);

impl Striped {
    #[inline]
    pub(super) fn add(&self, many: u64) {
        self.0[cell()].0.fetch_add(many, Ordering::Relaxed);
    }

    pub(super) fn sum(&self) -> u64 {
        let cells = self.0.iter();
        cells.map(|cell| cell.0.load(Ordering::Relaxed)).sum()
    }
}

/// The cell of this thread.
#[inline]
fn cell() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static CELL: Cell<usize> = const { Cell::new(CELLS) };
    }
    let known = CELL.get();
    if known < CELLS {
        return known;
    }
    let next = THREADS.fetch_add(1, Ordering::Relaxed) % CELLS;
    CELL.set(next);
    next
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn what_all_threads_have_added_is_there() {
        let counter = Striped::default();
        thread::scope(|scope| {
            for many in 1..=40 {
                let counter = &counter;
                scope.spawn(move || (0..many).for_each(|_| counter.add(2)));
            }
        });
        assert_eq!(counter.sum(), 40 * 41);
    }
}
