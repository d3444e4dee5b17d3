//! What a field is until the texts of its message are checked.

use super::super::DecodeError;
use super::super::adapt::DecodeAs;
use super::super::msgpack::Reader;
use super::Texts;

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

/// Where a field that may be a text is kept. The bytes stand beside the value and not in its place, so that nothing is
/// moved for a field that is one.
#[derive(Debug)]
pub struct Slot<'de, T> {
    /// What counts, if it is there.
    text: Option<&'de [u8]>,
    value: Option<T>,
}

impl<'de, T> Slot<'de, T> {
    /// Nothing was read.
    #[inline(always)]
    pub fn empty() -> Self {
        Self {
            text: None,
            value: None,
        }
    }

    /// Keeps the bytes of a text, if none are kept that have to be checked before.
    #[inline(always)]
    pub(super) fn wait(&mut self, bytes: &'de [u8]) -> bool {
        let is_first = self.text.is_none();
        if is_first {
            self.text = Some(bytes);
        }
        is_first
    }

    /// Keeps the value of a text that is checked by itself, if none is kept that has to be checked before.
    #[inline(never)]
    pub(super) fn own<'t, F: DecodeAs<'t, T>>(&mut self, bytes: &[u8]) -> bool {
        if self.text.is_none()
            && let Some(value) = F::from_short(bytes)
        {
            self.value = Some(value);
            return true;
        }
        false
    }

    /// Reads the field, and counts the bytes that wait. A text that stood there, because the field came twice, is
    /// checked now.
    ///
    /// # Errors
    /// Those of [`DecodeAs::hold`], and that this text is not UTF-8.
    #[cold]
    #[inline(never)]
    pub(super) fn hold<F: DecodeAs<'de, T>>(
        &mut self,
        reader: &mut Reader<'de>,
        waiting: &mut usize,
    ) -> Result<(), DecodeError> {
        let held = F::hold(reader)?;
        let before = self.text.take();
        match held {
            Held::Text(bytes) => {
                *waiting += bytes.len();
                self.text = Some(bytes);
            }
            Held::Value(value) => self.value = Some(value),
        }
        match before {
            None => Ok(()),
            Some(bytes) => twice(reader, bytes),
        }
    }

    /// The bytes that wait for their check.
    #[inline(always)]
    pub fn text<F: DecodeAs<'de, T>>(&self) -> Option<&'de [u8]> {
        match F::TEXT {
            true => self.text,
            false => None,
        }
    }

    /// The value, if the field came; its text is the next one of those that were checked.
    #[inline(always)]
    pub fn finish<F: DecodeAs<'de, T>>(&mut self, texts: &mut Texts<'_>) -> Option<T> {
        match self.text::<F>() {
            Some(bytes) => F::from_texts(texts, bytes.len()),
            None => self.take(),
        }
    }

    // Not inlined where texts that wait are the usual case: a value is moved, and is looked at to be dropped.
    #[inline(never)]
    fn take(&mut self) -> Option<T> {
        self.value.take()
    }
}

#[cold]
#[inline(never)]
fn twice(reader: &Reader<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
    let mut invalid = None;
    reader.find_invalid(bytes, &mut invalid);
    invalid.map_or(Ok(()), Err)
}
