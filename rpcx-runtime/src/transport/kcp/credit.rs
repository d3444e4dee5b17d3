//! What may be sent to an address before its owner has shown that it receives there.
//!
//! A first packet can be sent under the address of another host. Until the peer has acknowledged
//! something, it gets three times the bytes that came from it, as in QUIC, and beyond that a few
//! small packets, 480 bytes in all: a peer that is there, and whose answers were lost, is to answer
//! once more. An acknowledgement brings back the time of the packet that it answers, on a clock that
//! starts at a random number: a peer that does not receive would have to guess it.

use std::collections::VecDeque;

/// Bytes that may be sent for each that was received.
const FACTOR: usize = 3;

/// Times that are remembered; more packets than this are not paid for by small ones.
const MOST_TIMES: usize = 32;

/// Data is sent whole if it could be sent so often: peers and links that are there need no more.
const SENDS: usize = 5;

/// Bytes of a small packet: one byte of data, or a question, with all headers.
pub(super) const SMALL: usize = 80;

/// Small packets that an address gets for nothing, and the milliseconds between them at least.
const REMINDERS: u32 = 6;
const APART: u32 = 200;

/// The account of an address.
#[derive(Debug, Default)]
pub(super) struct Credit {
    left: usize,
    reminders: u32,
    /// When the last small packet went that was sent instead of what there was not enough for.
    reminded: Option<u32>,
    times: VecDeque<u32>,
}

impl Credit {
    pub(super) fn received(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(bytes.saturating_mul(FACTOR));
    }

    /// Pays for bytes that are to be sent, or says that there is not enough.
    pub(super) fn pay(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    /// Whether there is enough for these bytes once.
    pub(super) fn covers(&self, bytes: usize) -> bool {
        self.left >= bytes
    }

    /// Whether there is enough for these bytes, and for sending them again and again.
    pub(super) fn affords(&self, bytes: usize) -> bool {
        self.covers(bytes.saturating_mul(SENDS))
    }

    /// There is not enough for data that is due at this `time`: whether a small packet of so many
    /// bytes may go. The first few cost nothing.
    pub(super) fn remind(&mut self, time: u32, bytes: usize) -> bool {
        if self
            .reminded
            .is_some_and(|last| time.abs_diff(last) < APART)
        {
            return false;
        }
        if self.reminders < REMINDERS && bytes <= SMALL {
            self.reminders += 1;
            self.left = self.left.saturating_add(bytes);
        }
        let reminds = self.covers(bytes);
        self.reminded = if reminds { Some(time) } else { self.reminded };
        reminds
    }

    /// Remembers the time in a packet that was sent.
    pub(super) fn sent_at(&mut self, time: u32) {
        if self.times.back() == Some(&time) {
            return;
        }
        if self.times.len() == MOST_TIMES {
            self.times.pop_front();
        }
        self.times.push_back(time);
    }

    /// Whether an acknowledgement with this time is of a peer that has received a packet.
    pub(super) fn proves(&self, time: u32) -> bool {
        self.times.contains(&time)
    }
}

/// Where the clock of a session starts, in milliseconds: for others hard to guess, and soon enough
/// for a clock that counts to 2^30.
pub(super) fn secret_time() -> u32 {
    // Without randomness no packet with a crypt header leaves, so nothing is sent at all.
    getrandom::u32().map_or(0, |random| random >> 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_times_what_came_may_be_sent() {
        let mut credit = Credit::default();
        assert!(!credit.pay(1));
        credit.received(100);
        assert!(credit.affords(60) && !credit.affords(61));
        assert!(credit.pay(200) && !credit.pay(101) && credit.pay(100) && !credit.pay(1));
    }

    #[test]
    fn a_few_small_packets_cost_nothing() {
        let mut credit = Credit::default();
        let mut times = Vec::new();
        for time in (0..10_000).step_by(150) {
            if credit.remind(time, SMALL) {
                times.push(time);
                assert!(credit.pay(SMALL) && !credit.pay(1));
            }
        }
        assert_eq!(times, [0, 300, 600, 900, 1200, 1500]);
        assert!(!Credit::default().remind(0, SMALL + 1));
        // From then on they are paid for.
        credit.received(SMALL);
        assert!(credit.remind(20_000, SMALL) && credit.pay(3 * SMALL) && !credit.pay(1));
    }

    #[test]
    fn only_a_time_that_was_sent_proves_something() {
        let mut credit = Credit::default();
        assert!(!credit.proves(0));
        (100..200).for_each(|time| credit.sent_at(time));
        assert!(credit.proves(199) && !credit.proves(100) && !credit.proves(200));
        assert_eq!(credit.times.len(), MOST_TIMES);
    }
}
