//! The bytes that are left, and the values at their front.

use super::super::budget::Budget;
use super::super::{DecodeError, DecodeErrorKind, utf8};
use super::{MAX_DEPTH, marker};

type Result<T = ()> = std::result::Result<T, DecodeError>;

/// `Some` values inside each other that consume no byte: only a type that contains itself has many.
const MAX_WRAPS: u16 = 256;

/// A position in a payload.
#[derive(Debug)]
pub struct Reader<'de> {
    pub(in crate::codec) rest: &'de [u8],
    total: usize,
    depth: u16,
    wraps: u16,
    /// Bytes that were left when `wraps` was counted.
    wrapped: usize,
    /// What the values may still take.
    pub(super) budget: Budget,
}

impl<'de> Reader<'de> {
    #[inline]
    pub(super) fn new(bytes: &'de [u8], decoded: usize) -> Self {
        Self {
            rest: bytes,
            total: bytes.len(),
            depth: 0,
            wraps: 0,
            wrapped: usize::MAX,
            budget: Budget::new(bytes, decoded),
        }
    }

    /// The byte that is read next, from 0.
    #[inline]
    pub(in crate::codec) fn position(&self) -> usize {
        self.total - self.rest.len()
    }

    pub(super) fn not_empty(&self) -> Result {
        match self.total {
            0 => Err(DecodeError::new(DecodeErrorKind::Empty, None)),
            _ => Ok(()),
        }
    }

    #[inline]
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    pub(super) fn finish(&self) -> Result {
        match self.rest.len() {
            0 => Ok(()),
            extra => Err(self.error(DecodeErrorKind::Trailing { extra })),
        }
    }

    #[cold]
    pub(super) fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, Some(self.position()))
    }

    /// A value that may stand behind a pointer is going to be made.
    #[inline]
    pub(in crate::codec) fn compound<T>(&self) -> Result {
        self.budget.compound::<T>().map_err(|kind| self.error(kind))
    }

    #[cold]
    pub(in crate::codec) fn wrong(&self, text: String) -> DecodeError {
        self.error(DecodeErrorKind::Value(text))
    }

    #[cold]
    pub(super) fn truncated(&self, needed: usize) -> DecodeError {
        self.error(DecodeErrorKind::Truncated {
            needed,
            left: self.rest.len(),
        })
    }

    /// One level down into a list or map.
    #[inline]
    pub(in crate::codec) fn enter(&mut self) -> Result {
        if usize::from(self.depth) == MAX_DEPTH {
            return Err(self.error(DecodeErrorKind::TooDeep { limit: MAX_DEPTH }));
        }
        self.depth += 1;
        Ok(())
    }

    #[inline]
    pub(in crate::codec) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Levels that are entered.
    pub(super) fn depth(&self) -> usize {
        usize::from(self.depth)
    }

    /// Into a `Some`, which has no byte of its own.
    #[inline]
    pub(in crate::codec) fn enter_some(&mut self) -> Result {
        match self.rest.len() == self.wrapped {
            true => self.wraps += 1,
            false => (self.wraps, self.wrapped) = (1, self.rest.len()),
        }
        if self.wraps > MAX_WRAPS {
            return Err(self.error(DecodeErrorKind::TooDeep {
                limit: MAX_WRAPS.into(),
            }));
        }
        Ok(())
    }

    /// The first byte of the next value, which stays where it is.
    #[inline]
    pub(super) fn peek(&self) -> Result<u8> {
        match self.rest.first() {
            Some(byte) => Ok(*byte),
            None => Err(self.truncated(1)),
        }
    }

    /// Steps over a nil, if one is next.
    #[inline]
    pub(in crate::codec) fn nil(&mut self) -> bool {
        match self.rest.split_first() {
            Some((&marker::NIL, rest)) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    #[inline]
    pub(super) fn take(&mut self, len: usize) -> Result<&'de [u8]> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.truncated(len)),
        }
    }

    /// The marker and the bytes after it, `N` in all.
    #[inline]
    pub(super) fn chunk<const N: usize>(&mut self) -> Result<[u8; N]> {
        match self.rest.split_first_chunk::<N>() {
            Some((chunk, rest)) => {
                self.rest = rest;
                Ok(*chunk)
            }
            None => Err(self.truncated(N)),
        }
    }

    /// An integer (nil is 0) that fits in 64 bits with a sign. `Err(None)`, and nothing consumed,
    /// for everything else. A call and not inlined, and two words wide, because it stands wherever
    /// an integer is read.
    #[inline(never)]
    pub(in crate::codec) fn signed(&mut self) -> std::result::Result<i64, Option<DecodeError>> {
        let marker = self.peek()?;
        match marker {
            0..=0x7f => {
                self.rest = &self.rest[1..];
                Ok(i64::from(marker))
            }
            0xe0..=0xff => {
                self.rest = &self.rest[1..];
                Ok(i64::from(marker.cast_signed()))
            }
            marker::U32 => {
                let [_, a, b, c, d] = self.chunk()?;
                Ok(i64::from(u32::from_be_bytes([a, b, c, d])))
            }
            marker::I64 => {
                let [_, a, b, c, d, e, f, g, h] = self.chunk()?;
                Ok(i64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
            _ => self.signed_rare(marker)?.ok_or(None),
        }
    }

    fn signed_rare(&mut self, marker: u8) -> Result<Option<i64>> {
        Ok(Some(match marker {
            marker::NIL => {
                self.rest = &self.rest[1..];
                0
            }
            marker::U8 => {
                let [_, a] = self.chunk()?;
                i64::from(a)
            }
            marker::U16 => {
                let [_, a, b] = self.chunk()?;
                i64::from(u16::from_be_bytes([a, b]))
            }
            marker::U64 => {
                let start = self.rest;
                let [_, a, b, c, d, e, f, g, h] = self.chunk()?;
                match i64::try_from(u64::from_be_bytes([a, b, c, d, e, f, g, h])) {
                    Ok(value) => value,
                    Err(_) => {
                        self.rest = start;
                        return Ok(None);
                    }
                }
            }
            marker::I8 => {
                let [_, a] = self.chunk()?;
                i64::from(a.cast_signed())
            }
            marker::I16 => {
                let [_, a, b] = self.chunk()?;
                i64::from(i16::from_be_bytes([a, b]))
            }
            marker::I32 => {
                let [_, a, b, c, d] = self.chunk()?;
                i64::from(i32::from_be_bytes([a, b, c, d]))
            }
            _ => return Ok(None),
        }))
    }

    /// An integer (nil is 0) of up to 64 bits without a sign. `Err(None)`, and nothing consumed, for
    /// everything else.
    #[inline(never)]
    pub(in crate::codec) fn unsigned(&mut self) -> std::result::Result<u64, Option<DecodeError>> {
        let start = self.rest;
        if start.first() == Some(&marker::U64) {
            let [_, a, b, c, d, e, f, g, h] = self.chunk()?;
            return Ok(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        }
        u64::try_from(self.signed()?).map_err(|_| {
            self.rest = start;
            None
        })
    }

    /// A text, also from a byte string. `Err(None)`, and nothing consumed, for everything else.
    #[inline(never)]
    pub(super) fn text(&mut self) -> std::result::Result<&'de str, Option<DecodeError>> {
        match self.string()? {
            Some((bytes, _)) => Ok(self.utf8(bytes)?),
            None => Err(None),
        }
    }

    /// The length in a header of `N` bytes, checked against the bytes that are left when each of
    /// its elements takes `each` bytes at least.
    #[inline]
    fn length<const N: usize>(&mut self, each: usize) -> Result<usize> {
        let start = self.rest;
        let chunk = self.chunk::<N>()?;
        let len = chunk[1..]
            .iter()
            .fold(0usize, |len, byte| len << 8 | usize::from(*byte));
        self.fits(len, each, start)
    }

    /// `len`, if so many elements can be there; else the error belongs to the header at `start`.
    #[inline]
    fn fits(&mut self, len: usize, each: usize, start: &'de [u8]) -> Result<usize> {
        let needed = len.saturating_mul(each);
        if needed > self.rest.len() {
            let error = DecodeErrorKind::Truncated {
                needed,
                left: self.rest.len(),
            };
            self.rest = start;
            return Err(self.error(error));
        }
        Ok(len)
    }

    /// The length in the low bits of a header of one byte.
    #[inline]
    fn fixed(&mut self, len: u8, each: usize) -> Result<usize> {
        let start = self.rest;
        self.rest = &self.rest[1..];
        self.fits(usize::from(len), each, start)
    }

    /// The bytes of a string or byte string; the flag says which. `None`, and nothing consumed, for
    /// everything else.
    #[inline]
    pub(super) fn string(&mut self) -> Result<Option<(&'de [u8], bool)>> {
        let marker = self.peek()?;
        let (len, text) = match marker {
            0xa0..=0xbf => (self.fixed(marker & 0x1f, 1)?, true),
            marker::STR8 => (self.length::<2>(1)?, true),
            marker::STR16 => (self.length::<3>(1)?, true),
            marker::STR32 => (self.length::<5>(1)?, true),
            marker::BIN8 => (self.length::<2>(1)?, false),
            marker::BIN16 => (self.length::<3>(1)?, false),
            marker::BIN32 => (self.length::<5>(1)?, false),
            _ => return Ok(None),
        };
        Ok(Some((self.take(len)?, text)))
    }

    /// The bytes of a string with a header of one byte. `None`, and nothing consumed, for everything
    /// else.
    #[inline(always)]
    pub(super) fn short_text(&mut self) -> Option<&'de [u8]> {
        let (marker, rest) = self.rest.split_first()?;
        let len = marker ^ marker::FIXSTR;
        if len >= 32 {
            return None;
        }
        let (text, rest) = rest.split_at_checked(usize::from(len))?;
        self.rest = rest;
        Some(text)
    }

    /// The number of elements of a list. `None`, and nothing consumed, for everything else.
    #[inline]
    pub(in crate::codec) fn array(&mut self) -> Result<Option<usize>> {
        let marker = self.peek()?;
        Ok(Some(match marker {
            0x90..=0x9f => self.fixed(marker & 0x0f, 1)?,
            marker::ARRAY16 => self.length::<3>(1)?,
            marker::ARRAY32 => self.length::<5>(1)?,
            _ => return Ok(None),
        }))
    }

    /// The number of entries of a map. `None`, and nothing consumed, for everything else.
    #[inline]
    pub(in crate::codec) fn map(&mut self) -> Result<Option<usize>> {
        let marker = self.peek()?;
        Ok(Some(match marker {
            0x80..=0x8f => self.fixed(marker & 0x0f, 2)?,
            marker::MAP16 => self.length::<3>(2)?,
            marker::MAP32 => self.length::<5>(2)?,
            _ => return Ok(None),
        }))
    }

    /// Tag and bytes of an extension. `None`, and nothing consumed, for everything else.
    pub(super) fn extension(&mut self) -> Result<Option<(i8, &'de [u8])>> {
        let marker = self.peek()?;
        // the length does not count the tag, so this check is one byte short; `take` is exact
        let len = match marker {
            marker::FIXEXT1..=marker::FIXEXT16 => self.fixed(1 << (marker - marker::FIXEXT1), 1)?,
            marker::EXT8 => self.length::<2>(1)?,
            marker::EXT16 => self.length::<3>(1)?,
            marker::EXT32 => self.length::<5>(1)?,
            _ => return Ok(None),
        };
        let [tag] = self.chunk()?;
        Ok(Some((tag.cast_signed(), self.take(len)?)))
    }

    /// Bytes as text; the error names the first byte that is not.
    #[inline]
    pub(in crate::codec) fn utf8(&self, bytes: &'de [u8]) -> Result<&'de str> {
        utf8::text(bytes).map_err(|valid| self.not_utf8(bytes, valid))
    }

    /// `bytes` are those just consumed.
    #[cold]
    fn not_utf8(&self, bytes: &[u8], valid: usize) -> DecodeError {
        let text = "a text that is not UTF-8".to_owned();
        let offset = self.position() - bytes.len() + valid;
        DecodeError::new(DecodeErrorKind::Value(text), Some(offset))
    }
}
