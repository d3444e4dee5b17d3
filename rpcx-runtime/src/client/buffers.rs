//! Buffers that arguments are encoded in, kept by each thread for its next call.

use std::cell::RefCell;

/// Memory a thread keeps at most, in bytes: enough for many small calls in flight, or for a few
/// of a megabyte.
const KEEP: usize = 4 << 20;

#[derive(Default)]
struct Kept {
    buffers: Vec<Vec<u8>>,
    bytes: usize,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// An empty buffer.
#[inline]
pub(super) fn take() -> Vec<u8> {
    // While a thread ends there is no store left, and a new buffer does as well.
    let kept = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let buffer = kept.buffers.pop()?;
        kept.bytes -= buffer.capacity();
        Some(buffer)
    });
    kept.ok().flatten().unwrap_or_default()
}

/// Takes a buffer back.
#[inline]
pub(super) fn give(mut buffer: Vec<u8>) {
    if buffer.capacity() == 0 {
        return;
    }
    buffer.clear();
    let _ = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.bytes + buffer.capacity() <= KEEP {
            kept.bytes += buffer.capacity();
            kept.buffers.push(buffer);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_what_fits() {
        give(Vec::with_capacity(KEEP - 100));
        give(Vec::with_capacity(101));
        give(Vec::with_capacity(100));
        assert_eq!(
            [take(), take(), take()].map(|buffer| buffer.capacity()),
            [100, KEEP - 100, 0]
        );
    }
}
