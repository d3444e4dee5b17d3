//! Fields whose types have parameters of the message in them.
//!
//! What stands in a constant cannot depend on parameters, so that the form of such a field is no type with a name: it is a
//! value, which the compiler chooses where the message is defined.

use std::fmt;
use std::marker::PhantomData;

use serde::de::MapAccess;
use serde::{Deserialize, Deserializer, Serialize};

use super::direct::{Cursor, Output, Reader};
use super::{DecodeAs, DecodeError, EncodeAs, EncodeError, NoWay, Plain, message};

/// Asks for the form of `T`: serde's, or [`NoWay`] from [`OpenForm`], which has to be in scope.
pub struct Open<'de, T: ?Sized>(PhantomData<(&'de (), T)>);

impl<T: ?Sized> fmt::Debug for Open<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Open")
    }
}

impl<T: Serialize + ?Sized> Open<'_, T> {
    /// How it is written.
    #[must_use]
    pub const fn written() -> In<Plain> {
        In(PhantomData)
    }
}

impl<'de, T: Deserialize<'de>> Open<'de, T> {
    /// How it is read.
    #[must_use]
    pub const fn read() -> In<Plain> {
        In(PhantomData)
    }
}

/// The other answers of [`Open`].
pub trait OpenForm {
    /// It cannot be written.
    #[must_use]
    fn written() -> In<NoWay> {
        In(PhantomData)
    }

    /// It cannot be read.
    #[must_use]
    fn read() -> In<NoWay> {
        In(PhantomData)
    }
}

impl<T: ?Sized> OpenForm for Open<'_, T> {}

/// A form as a value.
#[derive(Debug)]
pub struct In<F>(PhantomData<F>);

impl<F> In<F> {
    /// A field in this form, to be written.
    #[inline]
    pub fn field<'a, T: ?Sized>(self, value: &'a T) -> impl Serialize + use<'a, T, F>
    where
        F: EncodeAs<T>,
    {
        message::field::<T, F>(value)
    }

    /// The value of the key just read.
    ///
    /// # Errors
    /// Those of the deserializer.
    #[inline]
    pub fn value<'de, T, A: MapAccess<'de>>(
        self,
        map: &mut A,
        name: &'static str,
    ) -> Result<T, A::Error>
    where
        F: DecodeAs<'de, T>,
    {
        message::value::<T, F, A>(map, name)
    }

    /// The value of a field that is missing.
    ///
    /// # Errors
    /// A type without a zero value.
    pub fn zero<'de, T, E: serde::de::Error>(self, name: &'static str) -> Result<T, E>
    where
        F: DecodeAs<'de, T>,
    {
        message::zero::<T, F, E>(name)
    }

    /// The whole of a message.
    ///
    /// # Errors
    /// Those of the deserializer.
    #[inline]
    pub fn decode<'de, T, D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error>
    where
        F: DecodeAs<'de, T>,
    {
        F::decode_as(deserializer)
    }

    /// Writes MessagePack, as [`EncodeAs::write`].
    ///
    /// # Errors
    /// Those of the serializer.
    #[inline]
    pub fn write<T: ?Sized, const N: usize>(
        self,
        value: &T,
        out: &mut Output,
        at: usize,
        prefix: &'static [u8; N],
    ) -> Result<usize, EncodeError>
    where
        F: EncodeAs<T>,
    {
        F::write(value, out, at, prefix)
    }

    /// Reads the field that the cursor stands at, in MessagePack.
    ///
    /// # Errors
    /// Those of the reader.
    #[inline]
    pub fn read<'de, T>(
        self,
        cursor: &mut Cursor<'de>,
        reader: &mut Reader<'de>,
    ) -> Result<T, DecodeError>
    where
        F: DecodeAs<'de, T>,
    {
        cursor.read::<T, F>(reader)
    }

    /// Reads the whole of a message, in MessagePack.
    ///
    /// # Errors
    /// Those of the reader.
    #[inline]
    pub fn whole<'de, T>(self, reader: &mut Reader<'de>) -> Result<T, DecodeError>
    where
        F: DecodeAs<'de, T>,
    {
        F::read(reader)
    }
}

/// A type that serde writes and reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in an rpcx message",
    label = "no way to encode and decode it",
    note = "with the default codecs (msgpack, json) it and each type inside of it need `#[rpcx::message]` or `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait Carried<'de> {}

#[diagnostic::do_not_recommend]
impl<'de, T: Serialize + Deserialize<'de>> Carried<'de> for T {}

/// Named once for each field with parameters of the message in its type: here, and in no other place, it is an error that
/// it cannot travel.
pub struct Carries<'de, T: Carried<'de>>(PhantomData<(&'de (), T)>);

impl<'de, T: Carried<'de>> fmt::Debug for Carries<'de, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carries")
    }
}
