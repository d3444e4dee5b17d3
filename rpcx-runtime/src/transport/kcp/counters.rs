//! What happened on the sockets of one set of options.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counted since the options were made, over everything that was dialled or bound with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KcpCounters {
    /// Sessions that are open now, those that linger included.
    pub open_sessions: u64,
    /// Sessions that were begun since.
    pub sessions: u64,
    /// Sessions that a limit kept out: the total, the one per address, or the accept queue.
    pub refused_sessions: u64,
    /// Sessions that gave way to a new one from the same address.
    pub replaced_sessions: u64,
    /// Sessions that gave way to new ones because places were short, and their peers had never
    /// acknowledged anything.
    pub crowded_sessions: u64,
    /// Datagrams that were dropped: too short or long, a wrong checksum or key, a header or
    /// segment that no peer sends, or of no session.
    pub invalid_packets: u64,
    /// Packets that were lost and brought back out of parity.
    pub recovered_packets: u64,
    /// Packets that did not leave, as the system had no room for them. They count as lost.
    pub unsent_packets: u64,
    /// Packets that were held back: their receiver has not shown yet that it is at the address from
    /// which its session was opened, and has got three times the bytes that came from there; or they
    /// are parity, which it gets only then. They count as lost.
    pub withheld_packets: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) open_sessions: AtomicU64,
    pub(super) sessions: AtomicU64,
    pub(super) refused_sessions: AtomicU64,
    pub(super) replaced_sessions: AtomicU64,
    pub(super) crowded_sessions: AtomicU64,
    pub(super) invalid_packets: AtomicU64,
    pub(super) recovered_packets: AtomicU64,
    pub(super) unsent_packets: AtomicU64,
    pub(super) withheld_packets: AtomicU64,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn read(&self) -> KcpCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        KcpCounters {
            open_sessions: read(&self.open_sessions),
            sessions: read(&self.sessions),
            refused_sessions: read(&self.refused_sessions),
            replaced_sessions: read(&self.replaced_sessions),
            crowded_sessions: read(&self.crowded_sessions),
            invalid_packets: read(&self.invalid_packets),
            recovered_packets: read(&self.recovered_packets),
            unsent_packets: read(&self.unsent_packets),
            withheld_packets: read(&self.withheld_packets),
        }
    }
}
