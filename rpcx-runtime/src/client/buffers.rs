//! Buffers that arguments are encoded in, kept by each thread for its next call.

use std::cell::RefCell;

/// Buffers a thread keeps.
const KEEP: usize = 64;

/// A buffer larger than this is given back to the system.
const LARGEST: usize = 64 << 10;

thread_local! {
    static BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer.
#[inline]
pub(super) fn take() -> Vec<u8> {
    // While a thread ends there is no store left, and a new buffer does as well.
    BUFFERS
        .try_with(|buffers| buffers.borrow_mut().pop())
        .ok()
        .flatten()
        .unwrap_or_default()
}

/// Takes a buffer back.
#[inline]
pub(super) fn give(mut buffer: Vec<u8>) {
    if buffer.capacity() == 0 || buffer.capacity() > LARGEST {
        return;
    }
    buffer.clear();
    let _ = BUFFERS.try_with(|buffers| {
        let mut buffers = buffers.borrow_mut();
        if buffers.len() < KEEP {
            buffers.push(buffer);
        }
    });
}
