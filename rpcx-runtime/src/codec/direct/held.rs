//! What a field is until the texts of its message are checked.

use super::super::DecodeError;
use super::super::adapt::DecodeAs;
use super::super::msgpack::Reader;
use super::{Scratch, Texts};

/// A value, or the bytes of the text that becomes one.
#[derive(Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "generated code knows it, and changes with it"
)]
pub enum Held<'de, T> {
    /// The value.
    Value(T),
    /// Its bytes, which are not empty.
    Text(&'de [u8]),
}

impl<'de, T> Held<'de, T> {
    /// The bytes that wait for their check.
    #[inline(always)]
    fn waiting(slot: &Option<Self>) -> Option<&'de [u8]> {
        match slot {
            Some(Held::Text(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// Puts what was read for a field where it is kept. A text that stood there, because the field came
    /// twice, is checked now.
    ///
    /// # Errors
    /// That text is not UTF-8.
    #[inline(always)]
    pub fn put(self, slot: &mut Option<Self>, reader: &Reader<'de>) -> Result<(), DecodeError> {
        let before = slot.replace(self);
        match Self::waiting(&before) {
            Some(bytes) => twice(reader, bytes),
            _ => Ok(()),
        }
    }

    /// Adds the bytes of a text to those that are checked together.
    #[inline(always)]
    pub fn gather<F: DecodeAs<'de, T>>(slot: &Option<Self>, scratch: &mut Scratch) {
        match Self::waiting(slot) {
            Some(bytes) if F::TEXT => scratch.add(bytes),
            _ => {}
        }
    }

    /// The error of a text that is not UTF-8, if it is earlier in the payload than the one before.
    #[inline(always)]
    pub fn find<F: DecodeAs<'de, T>>(
        slot: &Option<Self>,
        reader: &Reader<'de>,
        first: &mut Option<DecodeError>,
    ) {
        match Self::waiting(slot) {
            Some(bytes) if F::TEXT => reader.find_invalid(bytes, first),
            _ => {}
        }
    }

    /// The value; its text is the next one of those that were checked.
    ///
    /// # Errors
    /// None: the texts are as long as those that were gathered.
    #[inline(always)]
    pub fn finish<F: DecodeAs<'de, T>>(self, texts: &mut Texts<'_>) -> Result<T, DecodeError> {
        match self {
            Held::Value(value) => Ok(value),
            Held::Text(bytes) => F::from_texts(texts, bytes.len()),
        }
    }
}

#[cold]
fn twice(reader: &Reader<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
    let mut invalid = None;
    reader.find_invalid(bytes, &mut invalid);
    invalid.map_or(Ok(()), Err)
}
