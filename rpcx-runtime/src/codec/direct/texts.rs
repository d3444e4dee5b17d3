//! The texts of one message, checked together.
//!
//! Whether bytes are UTF-8 is found several times faster in one go than text by text: vector instructions pay
//! from some 64 bytes on, and most texts are shorter. So the bytes of all longer texts of a message that are not
//! ASCII are copied behind each other and checked once. Each of them is then UTF-8 if it begins where a character
//! does.

use std::sync::Arc;

use super::super::{DecodeError, DecodeErrorKind};
use crate::codec::SharedText;

/// The bytes of texts behind each other.
#[derive(Debug)]
pub struct Scratch {
    bytes: Vec<u8>,
    /// None of them begins inside of a character.
    apart: bool,
}

impl Scratch {
    /// Room for so many bytes.
    #[inline(always)]
    pub fn new(waiting: usize) -> Self {
        Self {
            bytes: if waiting == 0 {
                Vec::new()
            } else {
                room(waiting)
            },
            apart: true,
        }
    }

    /// Adds a text.
    #[inline(never)]
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.apart &= bytes.first().is_none_or(|first| first & 0xc0 != 0x80);
        self.bytes.extend_from_slice(bytes);
    }

    /// The texts, if all of them are UTF-8.
    #[inline(always)]
    pub fn checked(&self) -> Option<Texts<'_>> {
        let whole = match self.bytes.is_empty() {
            true => "",
            false => self.check()?,
        };
        Some(Texts {
            whole,
            shared: None,
        })
    }

    #[inline(never)]
    fn check(&self) -> Option<&str> {
        from_utf8(&self.bytes).filter(|_| self.apart)
    }
}

#[cold]
fn room(waiting: usize) -> Vec<u8> {
    Vec::with_capacity(waiting)
}

/// Whether a text is worth being checked with others: not a short one, nor one that is ASCII by its looks.
#[cfg(feature = "simdutf8")]
#[inline(always)]
pub(super) fn is_worth_waiting(bytes: &[u8]) -> bool {
    const LONG: usize = 24;
    match bytes {
        [first, .., last] => bytes.len() >= LONG && (first | last) >= 0x80,
        _ => false,
    }
}

/// Without vector instructions nothing is gained.
#[cfg(not(feature = "simdutf8"))]
#[inline(always)]
pub(super) fn is_worth_waiting(_: &[u8]) -> bool {
    false
}

#[cfg(feature = "simdutf8")]
fn from_utf8(bytes: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(bytes).ok()
}

#[cfg(not(feature = "simdutf8"))]
fn from_utf8(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Texts that are checked, in the order of their fields.
#[derive(Debug)]
pub struct Texts<'a> {
    /// Those that are left.
    whole: &'a str,
    /// These and some before them, in memory that values share.
    shared: Option<Arc<str>>,
}

impl<'a> Texts<'a> {
    /// The next text.
    #[inline]
    pub(super) fn next(&mut self, len: usize) -> Result<&'a str, DecodeError> {
        let Some((text, rest)) = self.whole.split_at_checked(len) else {
            return Err(self.missing(len));
        };
        self.whole = rest;
        Ok(text)
    }

    /// The next text, as a part of one allocation for all that are left.
    pub(super) fn share(&mut self, len: usize) -> Result<SharedText, DecodeError> {
        let whole = self.shared.get_or_insert_with(|| self.whole.into());
        let start = whole.len() - self.whole.len();
        let text = SharedText::part(whole, start, len);
        self.next(len)?;
        Ok(text)
    }

    /// No such text was gathered.
    #[cold]
    pub(in crate::codec) fn missing(&self, len: usize) -> DecodeError {
        let text = format!("a text of {len} bytes that was not checked");
        DecodeError::new(DecodeErrorKind::Value(text), None)
    }
}
