//! The texts of one message, checked together.
//!
//! Whether bytes are UTF-8 is found several times faster in one go than text by text: vector instructions pay
//! from some 64 bytes on, and most texts are shorter. So the bytes of all longer texts of a message that are not
//! ASCII are copied behind each other and checked once. Each of them is then UTF-8 if it begins where a character
//! does.

use std::sync::Arc;

use crate::codec::{SharedText, utf8};

/// The bytes of texts behind each other.
#[derive(Debug)]
pub struct Scratch {
    bytes: Vec<u8>,
    /// None of them begins inside of a character.
    apart: bool,
}

impl Scratch {
    /// The bytes of these texts, `waiting` in all.
    #[inline(always)]
    pub fn new(waiting: usize, texts: &[Option<&[u8]>]) -> Self {
        match waiting {
            0 => Self {
                bytes: Vec::new(),
                apart: true,
            },
            _ => Self::gather(waiting, texts),
        }
    }

    #[inline(never)]
    fn gather(waiting: usize, texts: &[Option<&[u8]>]) -> Self {
        let (mut bytes, mut apart) = (Vec::with_capacity(waiting), true);
        for text in texts.iter().flatten() {
            // as `str::is_char_boundary` asks it
            apart &= text
                .first()
                .is_none_or(|first| first.cast_signed() >= -0x40);
            bytes.extend_from_slice(text);
        }
        Self { bytes, apart }
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
            at: 0,
            shared: None,
        })
    }

    #[inline(never)]
    fn check(&self) -> Option<&str> {
        utf8::text(&self.bytes).ok().filter(|_| self.apart)
    }
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

/// Texts that are checked, in the order of their fields.
#[derive(Debug)]
pub struct Texts<'a> {
    whole: &'a str,
    /// Where the next one begins.
    at: usize,
    /// The same texts in memory that values share.
    shared: Option<Arc<str>>,
}

impl<'a> Texts<'a> {
    /// The next text. It is there: the texts are asked for in the order in which they were gathered.
    #[inline]
    pub(super) fn next(&mut self, len: usize) -> &'a str {
        let start = self.step(len);
        self.whole.get(start..start + len).unwrap_or_default()
    }

    /// The next text, as a part of one allocation for all that are left.
    #[inline(never)]
    pub(super) fn share(&mut self, len: usize) -> SharedText {
        if self.shared.is_none() {
            self.allocate();
        }
        let start = self.step(len);
        match &self.shared {
            Some(whole) => SharedText::part(whole, start, len),
            None => SharedText::EMPTY,
        }
    }

    #[inline(always)]
    fn step(&mut self, len: usize) -> usize {
        let start = self.at;
        self.at += len;
        start
    }

    /// Not what was read before, which is no part of what is shared.
    #[cold]
    #[inline(never)]
    fn allocate(&mut self) {
        self.whole = &self.whole[self.at..];
        self.at = 0;
        self.shared = Some(self.whole.into());
    }
}
