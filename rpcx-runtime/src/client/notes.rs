//! What is to be known of an endpoint before it is chosen: nothing, as a rule.

use std::sync::atomic::{AtomicU8, Ordering};

/// Why a choice has to look closer at an endpoint. Choices look at these of every endpoint that they consider, and among
/// thousands each memory that is looked at costs more than all else, so what is usual is one byte.
///
/// What is noted is known elsewhere, too; where that changes, it does before the note is set, and before it is taken away.
#[derive(Debug, Default)]
pub(super) struct Notes(AtomicU8);

/// One reason.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum Note {
    /// The last dial has failed.
    Unreachable = 1,
    Ejected = 2,
    Warming = 4,
}

impl Notes {
    /// Whether there is nothing to be looked at.
    #[inline]
    pub(super) fn none(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    pub(super) fn has(&self, note: Note) -> bool {
        self.0.load(Ordering::Relaxed) & note as u8 != 0
    }

    pub(super) fn set(&self, note: Note) {
        self.0.fetch_or(note as u8, Ordering::SeqCst);
    }

    pub(super) fn remove(&self, note: Note) {
        self.0.fetch_and(!(note as u8), Ordering::SeqCst);
    }
}
