//! How a field or argument travels when serde's own form is not what Go expects.
//!
//! A *form* is a type without values, such as [`Bytes`], that says how values of some types are
//! written and read. The trait [`OwnForm`] names that of a type, through aliases and inside of containers;
//! [`Adapted`] carries one into any place that takes serde's traits.

mod by_type;
mod bytes;
mod keys;
mod lent;
mod nested;
mod text;
mod time;
mod way;

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::direct::{Held, Output, Reader, Texts};
use super::{DecodeError, EncodeError};

pub use self::by_type::{
    Answer, ByType, Choice, Chosen, Found, LentByType, LentChosen, NoForm, OwnForm, Pick, Probe,
};
pub use self::bytes::{ByteArray, Bytes, DequeBytes, FromBytes, LentBytes};
pub use keys::{
    AskKeys, AskNothing, AskPlaces, At, Compound, GoodKeys, GoodPlaces, Misplaced, NeedsForm,
    NoKey, NoKeys, keys_travel, places_travel,
};
pub use lent::List;
pub use nested::{Entries, Fixed, Inside, Many, Maybe, Parts};
pub use text::{LentText, Text};
pub use time::{Nanos, Time};
pub use way::{NoWay, Way};

/// A form that can write values of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be written as `{Self}`",
    note = "add `#[rpcx(plain)]` to use the type's own serde form"
)]
pub trait EncodeAs<T: ?Sized> {
    /// Writes `value`.
    ///
    /// # Errors
    /// Those of the serializer, and values the form cannot express.
    fn encode_as<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;

    /// Writes MessagePack: `prefix` at a position and `value` behind it. Gives the position behind both.
    ///
    /// # Errors
    /// Those of the serializer.
    #[doc(hidden)]
    #[inline]
    fn write<const N: usize>(
        value: &T,
        out: &mut Output,
        at: usize,
        prefix: &'static [u8; N],
    ) -> Result<usize, EncodeError> {
        let at = out.put(at, prefix);
        Self::encode_as(value, out.serializer(at))
    }
}

/// A form that can read values of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be read as `{Self}`",
    note = "add `#[rpcx(plain)]` to use the type's own serde form"
)]
pub trait DecodeAs<'de, T> {
    /// Reads one value.
    ///
    /// # Errors
    /// Those of the deserializer, and values the form does not allow.
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;

    /// Whether a value may be a text that is checked together with others.
    #[doc(hidden)]
    const TEXT: bool = false;

    /// Whether [`read_in_place`](Self::read_in_place) reads anything.
    #[doc(hidden)]
    const IN_PLACE: bool = false;

    /// What Go calls the zero value, where it is known when the program is compiled.
    #[doc(hidden)]
    #[inline(always)]
    fn zero() -> Option<T> {
        None
    }

    /// Reads one value of MessagePack.
    ///
    /// # Errors
    /// As [`decode_as`](Self::decode_as).
    #[doc(hidden)]
    #[inline]
    fn read(reader: &mut Reader<'de>) -> Result<T, DecodeError> {
        Self::decode_as(reader)
    }

    /// Reads one value of MessagePack inside of a `Some`.
    ///
    /// # Errors
    /// As [`decode_as`](Self::decode_as), and `Some` inside of `Some` without an end.
    #[doc(hidden)]
    #[inline]
    fn read_some(reader: &mut Reader<'de>) -> Result<T, DecodeError> {
        reader.enter_some()?;
        Self::read(reader)
    }

    /// The value of MessagePack at the front and what follows it, if it looks as most values of its type do. `None` for
    /// everything else, which may be a value nevertheless.
    #[doc(hidden)]
    #[inline(always)]
    fn read_in_place(_: &'de [u8]) -> Option<(T, &'de [u8])> {
        None
    }

    /// Whether the bytes of a text are left to be checked with others.
    #[doc(hidden)]
    #[inline(always)]
    fn is_worth_waiting(_: &[u8]) -> bool {
        false
    }

    /// The value whose text these bytes are, if they are UTF-8; `None` for a form that is no text.
    #[doc(hidden)]
    #[inline(always)]
    fn from_short(_: &[u8]) -> Option<T> {
        None
    }

    /// Reads one value of MessagePack, but for the check of its text.
    ///
    /// # Errors
    /// As [`decode_as`](Self::decode_as).
    #[doc(hidden)]
    #[inline(always)]
    fn hold(reader: &mut Reader<'de>) -> Result<Held<'de, T>, DecodeError> {
        Self::read(reader).map(Held::Value)
    }

    /// The value of the next checked text, which has this length; `None` for a form that is no text.
    #[doc(hidden)]
    #[inline(always)]
    fn from_texts(_: &mut Texts<'_>, _: usize) -> Option<T> {
        None
    }
}

/// The type's own `Serialize` and `Deserialize`.
#[derive(Debug)]
#[non_exhaustive]
pub enum Plain {}

impl<T: Serialize + ?Sized> EncodeAs<T> for Plain {
    #[inline]
    fn encode_as<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> DecodeAs<'de, T> for Plain {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// A value that serde sees in the form `A`.
///
/// `Adapted<&[u8], Bytes>` writes a byte string, `Adapted<Vec<u8>, Bytes>` reads one.
pub struct Adapted<T, A> {
    /// The value itself.
    pub value: T,
    form: PhantomData<fn() -> A>,
}

impl<T, A> Adapted<T, A> {
    /// Puts the form around a value.
    #[inline]
    pub const fn new(value: T) -> Self {
        Self {
            value,
            form: PhantomData,
        }
    }

    /// The value without its form.
    #[inline]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: fmt::Debug, A> fmt::Debug for Adapted<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T, A: EncodeAs<T>> Serialize for Adapted<T, A> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        A::encode_as(&self.value, serializer)
    }
}

impl<'de, T, A: DecodeAs<'de, T>> Deserialize<'de> for Adapted<T, A> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        A::decode_as(deserializer).map(Self::new)
    }
}

/// A reference that serde sees in the form `A`: what the fields of a message are written through.
pub(crate) struct AdaptedRef<'a, T: ?Sized, A> {
    value: &'a T,
    form: PhantomData<fn() -> A>,
}

impl<'a, T: ?Sized, A> AdaptedRef<'a, T, A> {
    #[inline]
    pub(crate) fn new(value: &'a T) -> Self {
        Self {
            value,
            form: PhantomData,
        }
    }
}

impl<T: ?Sized, A: EncodeAs<T>> Serialize for AdaptedRef<'_, T, A> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        A::encode_as(self.value, serializer)
    }
}
