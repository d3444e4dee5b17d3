//! What a server has seen of one peer, for what it decides about the connection.

use std::sync::atomic::{AtomicU32, Ordering};

use super::Cancel;

/// No request of the peer was let through yet.
const STRANGER: u32 = 1 << 31;

/// The standing of a peer. Requests write it, and the server reads it when places are short.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Requests in a row that authorization has refused, and [`STRANGER`]. Zero as a rule.
    record: AtomicU32,
    /// When bytes came last, on the clock of the server.
    active: AtomicU32,
    /// Set when others need the place of the connection.
    pub(crate) crowded: Cancel,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            record: AtomicU32::new(STRANGER),
            active: AtomicU32::new(0),
            crowded: Cancel::default(),
        }
    }
}

impl Standing {
    /// A request was let through.
    #[inline]
    pub(crate) fn admitted(&self) {
        if self.record.load(Ordering::Relaxed) != 0 {
            self.record.store(0, Ordering::Relaxed);
        }
    }

    /// Authorization has refused a request.
    pub(crate) fn strike(&self) {
        // Never as many as there is room for: the connection ends before.
        let _ = self
            .record
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |record| {
                let next = record.checked_add(1)?;
                (next & !STRANGER != 0).then_some(next)
            });
    }

    /// Requests in a row that were refused.
    #[inline]
    pub(crate) fn strikes(&self) -> u32 {
        self.record.load(Ordering::Relaxed) & !STRANGER
    }

    /// Whether a request of the peer was ever let through.
    pub(crate) fn is_known(&self) -> bool {
        self.record.load(Ordering::Relaxed) & STRANGER == 0
    }

    /// Bytes have come.
    #[inline]
    pub(crate) fn heard(&self, now: u32) {
        self.active.store(now, Ordering::Relaxed);
    }

    /// When bytes came last.
    pub(crate) fn active(&self) -> u32 {
        self.active.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strikes_are_in_a_row_and_make_no_stranger_known() {
        let standing = Standing::default();
        standing.strike();
        standing.strike();
        assert_eq!((standing.strikes(), standing.is_known()), (2, false));
        standing.admitted();
        assert_eq!((standing.strikes(), standing.is_known()), (0, true));
        standing.strike();
        assert_eq!((standing.strikes(), standing.is_known()), (1, true));
        for record in [STRANGER - 1, u32::MAX] {
            standing.record.store(record, Ordering::Relaxed);
            standing.strike();
            assert_eq!(standing.record.load(Ordering::Relaxed), record);
        }
    }
}
