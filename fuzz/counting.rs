//! An allocator that knows how much a piece of code had at most.
#![allow(unsafe_code, reason = "an allocator that counts is one that forwards")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// What this thread has, and the most that it had.
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every method hands its arguments to `System` as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there while one is copied into the other.
        count(size as isize);
        let at = unsafe { System.realloc(at, layout, size) };
        count(-(layout.size() as isize));
        at
    }
}

fn count(bytes: isize) {
    // A thread that ends has no counter any more.
    let _ = HELD.try_with(|held| {
        let (now, most) = held.get();
        let now = now.wrapping_add(bytes);
        held.set((now, most.max(now)));
    });
}

/// The most bytes that this had at once.
pub(crate) fn peak(run: &mut dyn FnMut()) -> usize {
    let (before, _) = HELD.get();
    HELD.set((before, before));
    run();
    usize::try_from(HELD.get().1 - before).unwrap_or(0)
}
