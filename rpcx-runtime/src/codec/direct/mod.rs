//! MessagePack without serde between the bytes and the fields.
//!
//! `#[rpcx::message]` writes what it knows when it is compiled as constants: the header of the map and each key
//! are one copy, and a key that arrives in its turn is one comparison. Values of other types, JSON and codecs
//! that a program registers go through serde's traits. Both ways read and write the same bytes, have the same
//! limits and give the same errors; whatever a short cut here does not know is left to serde's way.
//!
//! Not for use by hand: it changes with the generator.

mod fields;
mod held;
mod lists;
mod numbers;
mod texts;
mod words;

use serde::{Deserialize, Serialize};

pub use fields::{Cursor, Fields, Layout};
pub use held::{Held, Slot};
pub(super) use lists::{entries, entry, list};
pub use texts::{Scratch, Texts};

use super::adapt::{DecodeAs, EncodeAs};
pub use super::msgpack::{Output, Reader};
use super::{DecodeError, EncodeError};

/// A value that writes itself as MessagePack.
pub trait Write {
    /// Writes `prefix` at a position and the value behind it, and gives the position behind both.
    ///
    /// # Errors
    /// A value that the codec cannot express.
    fn write<const N: usize>(
        &self,
        out: &mut Output,
        at: usize,
        prefix: &'static [u8; N],
    ) -> Result<usize, EncodeError>;
}

/// A value that reads itself from MessagePack.
pub trait Read<'de>: Sized {
    /// Whether it may be a text that is checked together with others.
    const TEXT: bool = false;
    /// Whether it consumes a byte in any case, so that a type of such values cannot contain itself.
    const LEAF: bool = false;
    /// Whether [`read_in_place`](Self::read_in_place) reads anything.
    const IN_PLACE: bool = false;

    /// What Go calls the zero value, where it is known when the program is compiled.
    #[inline(always)]
    fn zero() -> Option<Self> {
        None
    }

    /// Reads one value.
    ///
    /// # Errors
    /// Those of serde's way.
    fn read(reader: &mut Reader<'de>) -> Result<Self, DecodeError>;

    /// The value at the front and what follows it, if it looks as most values of its type do. `None` for everything
    /// else, which may be a value nevertheless.
    #[inline(always)]
    fn read_in_place(_: &'de [u8]) -> Option<(Self, &'de [u8])> {
        None
    }

    /// Whether the bytes of a text are left to be checked with others.
    #[inline(always)]
    fn is_worth_waiting(_: &[u8]) -> bool {
        false
    }

    /// The value whose text these bytes are, if they are UTF-8; `None` for a type that is no text.
    #[inline(always)]
    fn from_short(_: &[u8]) -> Option<Self> {
        None
    }

    /// Reads one value, but for the check of its text.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    #[inline(always)]
    fn hold(reader: &mut Reader<'de>) -> Result<Held<'de, Self>, DecodeError> {
        Self::read(reader).map(Held::Value)
    }

    /// The value of the next checked text, which has this length; `None` for a type that is no text.
    #[inline(always)]
    fn from_texts(_: &mut Texts<'_>, _: usize) -> Option<Self> {
        None
    }
}

/// The form of types with [`Read`] and [`Write`]: theirs in MessagePack, serde's everywhere else.
#[derive(Debug)]
#[non_exhaustive]
pub enum Direct {}

impl<T: Write + Serialize + ?Sized> EncodeAs<T> for Direct {
    #[inline]
    fn encode_as<S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    #[inline(always)]
    fn write<const N: usize>(
        value: &T,
        out: &mut Output,
        at: usize,
        prefix: &'static [u8; N],
    ) -> Result<usize, EncodeError> {
        value.write(out, at, prefix)
    }
}

impl<'de, T: Read<'de> + Deserialize<'de>> DecodeAs<'de, T> for Direct {
    const TEXT: bool = T::TEXT;
    const IN_PLACE: bool = T::IN_PLACE;

    #[inline]
    fn decode_as<D: serde::Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }

    #[inline(always)]
    fn zero() -> Option<T> {
        T::zero()
    }

    #[inline(always)]
    fn read(reader: &mut Reader<'de>) -> Result<T, DecodeError> {
        T::read(reader)
    }

    #[inline(always)]
    fn read_some(reader: &mut Reader<'de>) -> Result<T, DecodeError> {
        if !T::LEAF {
            reader.enter_some()?;
        }
        T::read(reader)
    }

    #[inline(always)]
    fn read_in_place(bytes: &'de [u8]) -> Option<(T, &'de [u8])> {
        T::read_in_place(bytes)
    }

    #[inline(always)]
    fn is_worth_waiting(bytes: &[u8]) -> bool {
        T::is_worth_waiting(bytes)
    }

    #[inline(always)]
    fn from_short(bytes: &[u8]) -> Option<T> {
        T::from_short(bytes)
    }

    #[inline(always)]
    fn hold(reader: &mut Reader<'de>) -> Result<Held<'de, T>, DecodeError> {
        T::hold(reader)
    }

    #[inline(always)]
    fn from_texts(texts: &mut Texts<'_>, len: usize) -> Option<T> {
        T::from_texts(texts, len)
    }
}
