//! Values that can travel: what generated code asks of the user's types.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

#[cfg(feature = "thrift")]
use crate::codec::EmptyMessage;
use crate::codec::{
    Both, Coding, DecodeAs, DecodeError, EncodeAs, EncodeError, Family, Payload, Plain, Prost, Raw,
    Serde, Three, Thrift, Way,
};

/// A value of the family [`Serde`], in the form `Form`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in an rpcx message",
    label = "no way to encode and decode it",
    note = "with the default codecs (msgpack, json) every argument and reply needs `#[derive(serde::Serialize, serde::Deserialize)]` or `#[rpcx::message]`"
)]
pub trait SerdeValue<'de, Form>: Sized {
    /// What reads and writes it.
    type As: EncodeAs<Self> + DecodeAs<'de, Self>;
}

#[diagnostic::do_not_recommend]
impl<'de, T: Serialize + Deserialize<'de>> SerdeValue<'de, Plain> for T {
    type As = Plain;
}

/// Writes a value. Not inlined: once for each type and not once more for each method.
#[inline(never)]
fn encode<A: EncodeAs<T>, T>(
    value: &T,
    coding: Coding<'_>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    coding.encode_as::<A, T>(value, out)
}

/// Any form but [`Plain`].
#[derive(Debug)]
pub struct Formed<A>(PhantomData<A>);

impl<'de, T, A: EncodeAs<T> + DecodeAs<'de, T> + Way<T>> SerdeValue<'de, Formed<A>> for T {
    type As = A;
}

/// A form of which another place asks whether it is one: see [`Travels`](crate::codec::message::Travels).
#[derive(Debug)]
pub struct Checked<A>(PhantomData<A>);

impl<'de, T, A: EncodeAs<T> + DecodeAs<'de, T>> SerdeValue<'de, Checked<A>> for T {
    type As = A;
}

/// The form of the context of a call where it stands as an argument.
#[derive(Debug)]
#[non_exhaustive]
pub enum TheContext {}

/// Says what to do; no type has it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in an rpcx message: the context of a call is passed by reference",
    label = "write `&Context`",
    note = "clone the context to keep it longer than the call; a type of your own needs `#[rpcx::message]` or serde's derives"
)]
#[allow(unnameable_types, reason = "it only stands in an error")]
pub trait ByReference {}

impl<'de, T: ByReference> SerdeValue<'de, TheContext> for T {
    type As = crate::codec::NoWay;
}

/// A value that can be a whole payload of the family `F`, in the form `Form`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in an rpcx message",
    label = "no way to encode and decode it",
    note = "with the default codecs (msgpack, json) every argument and reply needs `#[derive(serde::Serialize, serde::Deserialize)]` or `#[rpcx::message]`"
)]
pub trait WholePayload<'de, F, Form>: Sized {
    /// Appends the value to `out`.
    fn write(&self, coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// Reads the value from the whole of `bytes`.
    fn read(coding: Coding<'_>, bytes: &'de [u8]) -> Result<Self, DecodeError>;
}

impl<'de, T: SerdeValue<'de, Form>, Form> WholePayload<'de, Serde, Form> for T {
    fn write(&self, coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode::<T::As, T>(self, coding, out)
    }

    // Not inlined: once for each type, and not once more for each method.
    #[inline(never)]
    fn read(coding: Coding<'_>, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        coding.decode_as::<T::As, T>(bytes)
    }
}

impl<'de, T: Payload<'de, Raw>, Form> WholePayload<'de, Raw, Form> for T {
    fn write(&self, coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode(coding.bytes_as().map_err(EncodeError::codec)?, out)
    }

    fn read(coding: Coding<'_>, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        T::decode(coding.bytes_as().map_err(DecodeError::codec)?, bytes)
    }
}

#[cfg(feature = "protobuf")]
impl<'de, T: Payload<'de, Prost>, Form> WholePayload<'de, Prost, Form> for T {
    fn write(&self, coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode(coding.built_in().map_err(EncodeError::codec)?, out)
    }

    fn read(coding: Coding<'_>, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        T::decode_within(
            coding.built_in().map_err(DecodeError::codec)?,
            bytes,
            coding.decoded(),
        )
    }
}

/// Every type, so that the only error is about the missing feature: without it `Prost` is no `Family`, and
/// no method can have it.
#[cfg(not(feature = "protobuf"))]
impl<T, Form> WholePayload<'_, Prost, Form> for T {
    fn write(&self, coding: Coding<'_>, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::codec(coding.codec()))
    }

    fn read(coding: Coding<'_>, _: &[u8]) -> Result<Self, DecodeError> {
        Err(DecodeError::codec(coding.codec()))
    }
}

#[cfg(feature = "thrift")]
impl<'de, T: Payload<'de, Thrift>> WholePayload<'de, Thrift, Plain> for T {
    fn write(&self, coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode(coding.built_in().map_err(EncodeError::codec)?, out)
    }

    fn read(coding: Coding<'_>, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        T::decode_within(
            coding.built_in().map_err(DecodeError::codec)?,
            bytes,
            coding.decoded(),
        )
    }
}

/// A value of one family, as a part of several.
// A trait of its own, which no list of families has: else the compiler, asked for a family of a type that has
// none, would look through lists of lists without an end.
pub trait PartPayload<'de, F, Form>: WholePayload<'de, F, Form> {}

macro_rules! parts {
    ($($family:ty),*) => {$(
        impl<'de, T: WholePayload<'de, $family, Form>, Form> PartPayload<'de, $family, Form> for T {}
    )*};
}

parts!(Serde, Raw, Prost, Thrift);

impl<'de, T, A, B, Form> WholePayload<'de, Both<A, B>, Form> for T
where
    A: Family,
    B: Family,
    T: PartPayload<'de, A, Form> + PartPayload<'de, B, Form>,
{
    fn write(&self, coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match B::accepts(coding) && !A::accepts(coding) {
            true => <T as WholePayload<'de, B, Form>>::write(self, coding, out),
            false => <T as WholePayload<'de, A, Form>>::write(self, coding, out),
        }
    }

    fn read(coding: Coding<'_>, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        match B::accepts(coding) && !A::accepts(coding) {
            true => <T as WholePayload<'de, B, Form>>::read(coding, bytes),
            false => <T as WholePayload<'de, A, Form>>::read(coding, bytes),
        }
    }
}

impl<'de, T, A, B, C, Form> WholePayload<'de, Three<A, B, C>, Form> for T
where
    A: Family,
    B: Family,
    C: Family,
    T: PartPayload<'de, A, Form> + PartPayload<'de, B, Form> + PartPayload<'de, C, Form>,
{
    fn write(&self, coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match C::accepts(coding) && !Both::<A, B>::accepts(coding) {
            true => <T as WholePayload<'de, C, Form>>::write(self, coding, out),
            false => <T as WholePayload<'de, Both<A, B>, Form>>::write(self, coding, out),
        }
    }

    fn read(coding: Coding<'_>, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        match C::accepts(coding) && !Both::<A, B>::accepts(coding) {
            true => <T as WholePayload<'de, C, Form>>::read(coding, bytes),
            false => <T as WholePayload<'de, Both<A, B>, Form>>::read(coding, bytes),
        }
    }
}

/// The form of `()` in the family [`Thrift`]: a struct without fields. The thrift crate could one day
/// say that `()` is a message, so it cannot be one of ours in the plain form.
#[derive(Debug)]
#[non_exhaustive]
pub enum EmptyStruct {}

#[cfg(feature = "thrift")]
#[diagnostic::do_not_recommend]
impl WholePayload<'_, Thrift, Formed<EmptyStruct>> for () {
    fn write(&self, coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        EmptyMessage.encode(coding.built_in().map_err(EncodeError::codec)?, out)
    }

    fn read(coding: Coding<'_>, bytes: &[u8]) -> Result<Self, DecodeError> {
        EmptyMessage::decode(coding.built_in().map_err(DecodeError::codec)?, bytes)
            .map(|EmptyMessage| ())
    }
}

/// Every type, as for `Prost`.
#[cfg(not(feature = "thrift"))]
impl<T, Form> WholePayload<'_, Thrift, Form> for T {
    fn write(&self, coding: Coding<'_>, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::codec(coding.codec()))
    }

    fn read(coding: Coding<'_>, _: &[u8]) -> Result<Self, DecodeError> {
        Err(DecodeError::codec(coding.codec()))
    }
}
