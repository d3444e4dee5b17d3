//! The bytes of one direction of a TCP connection, put in order.

use std::collections::BTreeMap;

use bytes::Bytes;

/// The most bytes that are held behind a gap.
const HELD: usize = 64 << 20;

/// One direction.
#[derive(Default)]
pub(super) struct Reassembly {
    /// The number of the next byte, once one is known.
    next: Option<u32>,
    /// What came ahead, by its distance to the first byte.
    ahead: BTreeMap<u64, Bytes>,
    held: usize,
    /// Bytes that were handed on, for distances that do not wrap.
    done: u64,
}

impl Reassembly {
    /// The connection begins: the next byte has the number behind this.
    pub(super) fn begin(&mut self, number: u32) {
        *self = Self {
            next: Some(number.wrapping_add(1)),
            ..Self::default()
        };
    }

    /// Takes a segment, and gives what is in order by then. None if something is missing that will not come.
    pub(super) fn segment(&mut self, number: u32, bytes: Bytes) -> Option<Vec<Bytes>> {
        // A capture may begin in the middle.
        let next = *self.next.get_or_insert(number);
        let distance = i64::from(number.wrapping_sub(next) as i32);
        let end = distance + bytes.len() as i64;
        if end > 0 {
            // What was seen already is cut off.
            let seen = usize::try_from(-distance).unwrap_or_default();
            let at = self.done.saturating_add_signed(distance.max(0));
            let bytes = bytes.slice(seen..);
            let longer = |known: &Bytes| known.len() < bytes.len();
            if self.ahead.get(&at).is_none_or(longer) {
                self.held += bytes.len();
                self.ahead.insert(at, bytes);
            }
        }
        let mut ready = Vec::new();
        while let Some(entry) = self.ahead.first_entry() {
            let at = *entry.key();
            if at > self.done {
                break;
            }
            let bytes = entry.remove();
            self.held = self.held.saturating_sub(bytes.len());
            let seen = (self.done - at) as usize;
            if seen < bytes.len() {
                let bytes = bytes.slice(seen..);
                self.done += bytes.len() as u64;
                self.next = Some(self.next.unwrap_or(number).wrapping_add(bytes.len() as u32));
                ready.push(bytes);
            }
        }
        (self.held <= HELD).then_some(ready)
    }

    /// Whether something is missing.
    pub(super) fn has_gap(&self) -> bool {
        !self.ahead.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(first: u32, segments: &[(u32, &'static [u8])]) -> Vec<u8> {
        let mut direction = Reassembly::default();
        direction.begin(first.wrapping_sub(1));
        let mut out = Vec::new();
        for (offset, bytes) in segments {
            let number = first.wrapping_add(*offset);
            let ready = direction.segment(number, Bytes::from_static(bytes));
            out.extend(ready.expect("little is held").concat());
        }
        assert!(!direction.has_gap());
        out
    }

    #[test]
    fn segments_are_put_in_order() {
        for first in [0, 7, u32::MAX - 3, u32::MAX] {
            for segments in [
                &[(0, &b"abc"[..]), (3, b"def")][..],
                &[(3, b"def"), (0, b"abc")],
                &[(0, b"abc"), (0, b"abc"), (3, b"def"), (3, b"d")],
                &[(0, b"ab"), (1, b"bcd"), (3, b"def"), (5, b"f")],
                &[(4, b"ef"), (2, b"cdef"), (2, b"cd"), (0, b"abc")],
                &[(2, b"cd"), (2, b"cdef"), (0, b"ab")],
            ] {
                assert_eq!(read(first, segments), b"abcdef", "{first} {segments:?}");
            }
        }
    }

    #[test]
    fn a_capture_may_begin_in_the_middle_and_lack_something() {
        let mut direction = Reassembly::default();
        assert_eq!(
            direction
                .segment(100, Bytes::from_static(b"ab"))
                .unwrap()
                .concat(),
            b"ab"
        );
        assert!(
            direction
                .segment(104, Bytes::from_static(b"ef"))
                .unwrap()
                .is_empty()
        );
        assert!(direction.has_gap());
        let much = Bytes::from(vec![0; HELD]);
        assert_eq!(direction.segment(106, much), None);
    }
}
