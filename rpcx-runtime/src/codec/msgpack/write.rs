//! Values of msgpack, each in its shortest form.

use super::super::{EncodeError, EncodeErrorKind};
use super::marker;

type Result<T> = std::result::Result<T, EncodeError>;

/// Room that is made first: enough for most arguments.
const STEP: usize = 64;
/// Room that is made next, in bytes. Longer texts and byte strings are written without making room for them first.
const LONG_STEP: usize = 960;
/// The most room that is made for values to come: all of it is cleared.
const MOST: usize = 16 << 10;

/// The end of a buffer while a value is written there.
///
/// The buffer is kept longer than what is written, so that short values of a known size are stored
/// with one comparison and without a call. Every method takes the position to write at and gives
/// the one behind: so it travels in a register and not through memory.
#[derive(Debug)]
pub struct Output {
    buffer: Vec<u8>,
    start: usize,
}

/// A buffer lent to an [`Output`]. It goes back when this is dropped, which is also when a value
/// panics, and then with nothing but what it held before, unless [`keep`](Self::keep) was called.
pub(super) struct Lent<'a> {
    home: &'a mut Vec<u8>,
    pub(super) output: Output,
}

impl<'a> Lent<'a> {
    #[inline]
    pub(super) fn new(home: &'a mut Vec<u8>) -> Self {
        let buffer = std::mem::take(home);
        let start = buffer.len();
        Self {
            home,
            output: Output { buffer, start },
        }
    }

    /// Where the value begins.
    pub(super) fn start(&self) -> usize {
        self.output.start
    }

    /// The value ends here, and stays.
    #[inline]
    pub(super) fn keep(&mut self, end: usize) {
        self.output.start = end;
    }
}

impl Drop for Lent<'_> {
    #[inline]
    fn drop(&mut self) {
        *self.home = std::mem::take(&mut self.output.buffer);
        self.home.truncate(self.output.start);
    }
}

impl Output {
    #[cold]
    #[inline(never)]
    fn grow(&mut self, at: usize, needed: usize) {
        // a little for a short message; as much again as there is for a longer one, so that few steps
        // lead to any size
        let written = at - self.start;
        let step = if written == 0 {
            STEP
        } else {
            written.clamp(LONG_STEP, MOST)
        };
        // a long value is not moved for the sake of those that may follow
        let step = match self.buffer.capacity() - at {
            spare if spare < needed => step,
            spare => step.min(spare),
        };
        self.buffer.resize(at + needed.max(step), 0);
    }

    /// The next `len` bytes, of which any may be overwritten later.
    #[inline(always)]
    pub(super) fn room(&mut self, at: usize, len: usize) -> &mut [u8] {
        if self.buffer.len() < at + len {
            self.grow(at, len);
        }
        &mut self.buffer[at..at + len]
    }

    #[inline(always)]
    fn byte(&mut self, at: usize, byte: u8) -> usize {
        self.room(at, 1)[0] = byte;
        at + 1
    }

    #[inline(always)]
    pub(super) fn array<const N: usize>(&mut self, at: usize, bytes: [u8; N]) -> usize {
        self.room(at, N).copy_from_slice(&bytes);
        at + N
    }

    #[inline]
    fn slice(&mut self, at: usize, bytes: &[u8]) -> usize {
        if bytes.len() > LONG_STEP {
            return self.long(at, bytes);
        }
        self.room(at, bytes.len()).copy_from_slice(bytes);
        at + bytes.len()
    }

    /// The same for what is long: a megabyte is not cleared before it is written.
    #[cold]
    #[inline(never)]
    fn long(&mut self, at: usize, bytes: &[u8]) -> usize {
        let end = at + bytes.len();
        match self.buffer.get_mut(at..end) {
            Some(room) => room.copy_from_slice(bytes),
            None => {
                self.buffer.truncate(at);
                self.buffer.reserve(bytes.len() + LONG_STEP);
                self.buffer.extend_from_slice(bytes);
            }
        }
        end
    }

    #[inline]
    pub(super) fn nil(&mut self, at: usize) -> usize {
        self.byte(at, marker::NIL)
    }

    #[inline]
    pub(super) fn bool(&mut self, at: usize, value: bool) -> usize {
        self.byte(at, marker::FALSE | u8::from(value))
    }

    #[inline]
    pub(super) fn unsigned(&mut self, at: usize, value: u64) -> usize {
        if value < 0x80 {
            return self.byte(at, value as u8);
        }
        // 1, 2, 4 or 8 bytes, whose markers follow each other
        let power =
            u8::from(value > 0xff) + u8::from(value > 0xffff) + u8::from(value > 0xffff_ffff);
        let size = 1usize << power;
        let room = self.room(at, 9);
        room[0] = marker::U8 + power;
        room[1..].copy_from_slice(&(value << (64 - 8 * size)).to_be_bytes());
        at + 1 + size
    }

    #[inline]
    pub(super) fn signed(&mut self, at: usize, value: i64) -> usize {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(at, value),
            Err(_) => self.negative(at, value),
        }
    }

    #[inline(never)]
    fn negative(&mut self, at: usize, value: i64) -> usize {
        if value >= -32 {
            self.byte(at, value as u8)
        } else if let Ok(value) = i8::try_from(value) {
            self.array(at, [marker::I8, value.cast_unsigned()])
        } else if let Ok(value) = i16::try_from(value) {
            let [a, b] = value.to_be_bytes();
            self.array(at, [marker::I16, a, b])
        } else if let Ok(value) = i32::try_from(value) {
            let [a, b, c, d] = value.to_be_bytes();
            self.array(at, [marker::I32, a, b, c, d])
        } else {
            let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
            self.array(at, [marker::I64, a, b, c, d, e, f, g, h])
        }
    }

    #[inline]
    pub(in crate::codec) fn float(&mut self, at: usize, value: f32) -> usize {
        let [a, b, c, d] = value.to_be_bytes();
        self.array(at, [marker::F32, a, b, c, d])
    }

    #[inline]
    pub(in crate::codec) fn double(&mut self, at: usize, value: f64) -> usize {
        let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
        self.array(at, [marker::F64, a, b, c, d, e, f, g, h])
    }

    /// A header with a length in 8, 16 or 32 bits; `markers` are the three forms.
    #[inline]
    fn sized(
        &mut self,
        at: usize,
        markers: [u8; 3],
        what: &'static str,
        len: usize,
    ) -> Result<usize> {
        if len <= 0xff {
            Ok(self.array(at, [markers[0], len as u8]))
        } else if len <= 0xffff {
            let [a, b] = (len as u16).to_be_bytes();
            Ok(self.array(at, [markers[1], a, b]))
        } else {
            let Ok(len) = u32::try_from(len) else {
                return Err(too_long(what, len));
            };
            let [a, b, c, d] = len.to_be_bytes();
            Ok(self.array(at, [markers[2], a, b, c, d]))
        }
    }

    #[inline]
    pub(in crate::codec) fn text(&mut self, at: usize, text: &str) -> Result<usize> {
        let behind = if text.len() < 32 {
            self.byte(at, marker::FIXSTR | text.len() as u8)
        } else {
            let markers = [marker::STR8, marker::STR16, marker::STR32];
            self.sized(at, markers, "string", text.len())?
        };
        Ok(self.slice(behind, text.as_bytes()))
    }

    /// A name known when the caller is compiled: header and bytes become constants.
    #[inline(always)]
    pub(super) fn key(&mut self, at: usize, name: &'static str) -> Result<usize> {
        let len = name.len();
        if len >= 32 {
            return self.text(at, name);
        }
        let room = self.room(at, 1 + len);
        room[0] = marker::FIXSTR | len as u8;
        room[1..].copy_from_slice(name.as_bytes());
        Ok(at + 1 + len)
    }

    #[inline]
    pub(super) fn bytes(&mut self, at: usize, bytes: &[u8]) -> Result<usize> {
        let markers = [marker::BIN8, marker::BIN16, marker::BIN32];
        let behind = self.sized(at, markers, "byte string", bytes.len())?;
        Ok(self.slice(behind, bytes))
    }

    pub(super) fn extension(&mut self, at: usize, tag: i8, bytes: &[u8]) -> Result<usize> {
        let markers = [marker::EXT8, marker::EXT16, marker::EXT32];
        let behind = match bytes.len() {
            1 => self.byte(at, marker::FIXEXT1),
            2 => self.byte(at, marker::FIXEXT2),
            4 => self.byte(at, marker::FIXEXT4),
            8 => self.byte(at, marker::FIXEXT8),
            16 => self.byte(at, marker::FIXEXT16),
            len => self.sized(at, markers, "extension", len)?,
        };
        let behind = self.byte(behind, tag.cast_unsigned());
        Ok(self.slice(behind, bytes))
    }

    #[inline]
    pub(super) fn header(&mut self, at: usize, container: Container, len: usize) -> Result<usize> {
        let (fix, half, full, what) = container.markers();
        if len < 16 {
            Ok(self.byte(at, fix | len as u8))
        } else if len <= 0xffff {
            let [a, b] = (len as u16).to_be_bytes();
            Ok(self.array(at, [half, a, b]))
        } else {
            let Ok(len) = u32::try_from(len) else {
                return Err(too_long(what, len));
            };
            let [a, b, c, d] = len.to_be_bytes();
            Ok(self.array(at, [full, a, b, c, d]))
        }
    }

    /// Puts the header for `len` elements in front of what was written from `start` to `at`.
    pub(super) fn insert_header(
        &mut self,
        start: usize,
        at: usize,
        container: Container,
        len: usize,
    ) -> Result<usize> {
        let end = self.header(at, container, len)?;
        self.buffer[start..end].rotate_right(end - at);
        Ok(end)
    }
}

#[cold]
fn too_long(what: &'static str, len: usize) -> EncodeError {
    EncodeErrorKind::TooLong { what, len }.into()
}

/// Which of the two kinds of containers.
#[derive(Clone, Copy)]
pub(super) enum Container {
    Array,
    Map,
}

impl Container {
    #[inline(always)]
    fn markers(self) -> (u8, u8, u8, &'static str) {
        match self {
            Self::Array => (marker::FIXARRAY, marker::ARRAY16, marker::ARRAY32, "list"),
            Self::Map => (marker::FIXMAP, marker::MAP16, marker::MAP32, "map"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of one output, and how much memory it has taken.
    fn written(values: &[&[u8]]) -> (Vec<u8>, usize) {
        let mut home = Vec::new();
        let mut lent = Lent::new(&mut home);
        let mut at = lent.start();
        for value in values {
            at = lent.output.bytes(at, value).unwrap();
            at = lent.output.bool(at, true);
        }
        lent.keep(at);
        drop(lent);
        let capacity = home.capacity();
        (home, capacity)
    }

    #[test]
    fn long_values_among_short_ones_are_written_whole() {
        let long = vec![7; 100_000];
        for values in [
            &[&long[..]][..],
            &[b"a", &long[..LONG_STEP], &long[..=LONG_STEP], b"b"],
            &[&long, &[], &long, &long[..3]],
        ] {
            let (bytes, _) = written(values);
            let mut expected = Vec::new();
            for value in values {
                let len = u32::try_from(value.len()).unwrap().to_be_bytes();
                match value.len() {
                    0..=0xff => expected.extend([0xc4, len[3]]),
                    0x100..=0xffff => expected.extend([0xc5, len[2], len[3]]),
                    _ => expected.extend([0xc6, len[0], len[1], len[2], len[3]]),
                }
                expected.extend_from_slice(value);
                expected.push(0xc3);
            }
            assert_eq!(bytes, expected);
        }
    }

    /// Nor is it moved for the few bytes behind it.
    #[test]
    fn a_long_value_takes_its_length_and_little_more() {
        let long = vec![7; 1 << 20];
        let (bytes, capacity) = written(&[&long, b"behind"]);
        assert!(
            capacity <= bytes.len() + 2 * LONG_STEP,
            "{capacity} for {}",
            bytes.len()
        );
    }
}
