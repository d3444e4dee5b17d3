//! The seam between types and codecs.

use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize};

use super::adapt::{Adapted, AdaptedRef};
use super::{Coding, DECODED, DecodeAs, DecodeError, EncodeAs, EncodeError, Plain, json, msgpack};
use crate::protocol::Codec;

/// A family of codecs: which serialize types a set of values can travel in.
#[diagnostic::on_unimplemented(
    message = "the codec family `{Self}` is not in this build",
    note = "`codec = \"protobuf\"` needs the feature `protobuf` of `rpcx`, `codec = \"thrift\"` the feature `thrift`"
)]
pub trait Family: Nothing + 'static {
    /// The codec that a client uses: the one that its channel was told to prefer if the family has it, else
    /// the family's own first choice.
    fn choose(preferred: Option<Coding<'_>>) -> Codec;
    /// Whether the codec is compiled in for this family.
    fn supports(codec: Codec) -> bool;
    /// Whether values of the family can be read and written in this coding.
    fn accepts(coding: Coding<'_>) -> bool {
        coding.built_in().is_ok_and(Self::supports)
    }
}

/// What stands for no value in a payload of a family. Seals [`Family`]: the engine knows all four.
#[allow(unnameable_types, reason = "it seals a public trait")]
pub trait Nothing {
    /// Appends what stands for no value.
    fn write_nothing(coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// Refuses bytes that are not one well-formed value of the family. Which value it is makes no
    /// difference: Go peers send nil, an empty struct, or any struct at all.
    fn read_nothing(coding: Coding<'_>, bytes: &[u8]) -> Result<(), DecodeError>;
}

/// msgpack and JSON, through serde.
#[derive(Debug)]
#[non_exhaustive]
pub enum Serde {}

/// Bytes as they are.
#[derive(Debug)]
#[non_exhaustive]
pub enum Raw {}

/// Protobuf messages, through prost. [`Family`] and [`Payload`] are there with the feature `protobuf`.
#[derive(Debug)]
#[non_exhaustive]
pub enum Prost {}

/// Structs of thrift in the binary protocol. [`Family`] and [`Payload`] are there with the feature
/// `thrift`.
#[derive(Debug)]
#[non_exhaustive]
pub enum Thrift {}

impl Family for Serde {
    fn choose(preferred: Option<Coding<'_>>) -> Codec {
        match preferred {
            Some(coding) if Self::accepts(coding) => coding.codec(),
            _ if msgpack::PRESENT => Codec::MSGPACK,
            _ => Codec::JSON,
        }
    }

    fn supports(codec: Codec) -> bool {
        match codec {
            Codec::MSGPACK => msgpack::PRESENT,
            Codec::JSON => json::PRESENT,
            _ => false,
        }
    }

    fn accepts(coding: Coding<'_>) -> bool {
        coding.is_own() || coding.built_in().is_ok_and(Self::supports)
    }
}

impl Nothing for Serde {
    fn write_nothing(coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        coding.encode(&(), out)
    }

    fn read_nothing(coding: Coding<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        coding.decode(bytes)
    }
}

impl Family for Raw {
    fn choose(preferred: Option<Coding<'_>>) -> Codec {
        match preferred {
            Some(coding) if Self::accepts(coding) => coding.codec(),
            _ => Codec::RAW,
        }
    }

    fn supports(codec: Codec) -> bool {
        codec == Codec::RAW
    }

    fn accepts(coding: Coding<'_>) -> bool {
        coding.bytes_as().is_ok_and(Self::supports)
    }
}

impl Nothing for Raw {
    fn write_nothing(coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let codec = coding.bytes_as().map_err(EncodeError::codec)?;
        Payload::<Self>::encode(&(), codec, out)
    }

    fn read_nothing(coding: Coding<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        let codec = coding.bytes_as().map_err(DecodeError::codec)?;
        <() as Payload<'_, Self>>::decode(codec, bytes)
    }
}

/// Makes [`Payload`] a trait that only this crate implements: its methods will change.
#[derive(Debug)]
#[allow(unnameable_types, reason = "it seals a public trait")]
pub struct Seal(());

/// A value that can be the argument or the reply of a method in the codec family `F`. It is implemented for the
/// types that a family has by what the family is: serde's traits, prost's, thrift's, or bytes.
///
/// `decode` may borrow from the payload, so `&'de str` and `&'de [u8]` are payloads too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in an rpcx message",
    note = "with the default codecs (msgpack, json) every argument and reply needs `#[derive(serde::Serialize, serde::Deserialize)]` or `#[rpcx::message]`"
)]
pub trait Payload<'de, F>: Sized {
    /// Appends the encoded value to `out`.
    ///
    /// # Errors
    /// A codec outside the family, or a value that the codec cannot express. `out` may then end with
    /// a part of the value.
    fn encode(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Reads one value from the whole of `bytes`.
    ///
    /// # Errors
    /// A codec outside the family; bytes that end too early, go on after the value, nest too deep or
    /// hold a value of another type or out of range; a value that takes more than 256 MiB.
    #[inline]
    fn decode(codec: Codec, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        Self::decode_within(codec, bytes, DECODED)
    }

    /// The same for a value of at most so many bytes, as [`Limits::decoded`](crate::Limits::decoded) counts
    /// them.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    fn decode_within(codec: Codec, bytes: &'de [u8], decoded: usize) -> Result<Self, DecodeError>;

    #[doc(hidden)]
    fn sealed(_: Seal);
}

#[diagnostic::do_not_recommend]
impl<'de, T: Serialize + Deserialize<'de>> Payload<'de, Serde> for T {
    #[inline]
    fn encode(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode_serde(self, codec, out)
    }

    #[inline]
    fn decode_within(codec: Codec, bytes: &'de [u8], decoded: usize) -> Result<Self, DecodeError> {
        decode_serde_within(codec, bytes, decoded)
    }

    fn sealed(_: Seal) {}
}

/// [`Payload::encode`] of the family [`Serde`] for a type that is only ever sent.
///
/// # Errors
/// As [`Payload::encode`].
#[inline]
pub fn encode_serde<T: Serialize + ?Sized>(
    value: &T,
    codec: Codec,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    match codec {
        Codec::MSGPACK => msgpack::encode::<Plain, T>(value, out),
        Codec::JSON => json::encode(value, out),
        other => Err(EncodeError::codec(other)),
    }
}

/// [`Payload::decode`] of the family [`Serde`] for a type that is only ever received.
///
/// # Errors
/// As [`Payload::decode`].
#[inline]
pub fn decode_serde<'de, T: Deserialize<'de>>(
    codec: Codec,
    bytes: &'de [u8],
) -> Result<T, DecodeError> {
    decode_serde_within(codec, bytes, DECODED)
}

/// [`decode_serde`] of at most `decoded` bytes.
#[inline]
pub(super) fn decode_serde_within<'de, T: Deserialize<'de>>(
    codec: Codec,
    bytes: &'de [u8],
    decoded: usize,
) -> Result<T, DecodeError> {
    match codec {
        Codec::MSGPACK => msgpack::decode::<Plain, T>(bytes, decoded),
        Codec::JSON => json::decode(bytes, decoded),
        other => Err(DecodeError::codec(other)),
    }
}

/// [`encode_serde`] in the form `A`, as calls write their values: with [`ByType`](super::ByType) byte strings
/// and times travel as Go writes them, and messages are written without serde where the codec is MessagePack.
///
/// ```
/// use rpcx::codec::{ByType, decode_as, encode_as};
/// use rpcx::protocol::Codec;
///
/// #[rpcx::message]
/// struct Point {
///     x: i32,
///     y: i32,
/// }
///
/// let mut out = Vec::new();
/// encode_as::<ByType, _>(&Point { x: 1, y: 2 }, Codec::MSGPACK, &mut out)?;
/// assert_eq!(out, b"\x82\xa1X\x01\xa1Y\x02");
/// let point: Point = decode_as::<ByType, _>(Codec::MSGPACK, &out)?;
/// assert_eq!(point.y, 2);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Payload::encode`].
#[inline]
pub fn encode_as<A: EncodeAs<T>, T: ?Sized>(
    value: &T,
    codec: Codec,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    match codec {
        Codec::MSGPACK => msgpack::encode::<A, T>(value, out),
        Codec::JSON => json::encode(&AdaptedRef::<T, A>::new(value), out),
        other => Err(EncodeError::codec(other)),
    }
}

/// [`decode_serde`] in the form `A`, as calls read their values: see [`encode_as`].
///
/// # Errors
/// As [`Payload::decode`].
#[inline]
pub fn decode_as<'de, A: DecodeAs<'de, T>, T>(
    codec: Codec,
    bytes: &'de [u8],
) -> Result<T, DecodeError> {
    decode_as_within::<A, T>(codec, bytes, DECODED)
}

/// [`decode_as`] for a value of at most `decoded` bytes, as [`Limits::decoded`](crate::Limits::decoded) counts them.
///
/// # Errors
/// As [`Payload::decode`].
#[inline]
pub fn decode_as_within<'de, A: DecodeAs<'de, T>, T>(
    codec: Codec,
    bytes: &'de [u8],
    decoded: usize,
) -> Result<T, DecodeError> {
    match codec {
        Codec::MSGPACK => msgpack::decode::<A, T>(bytes, decoded),
        Codec::JSON => json::decode::<Adapted<T, A>>(bytes, decoded).map(Adapted::into_inner),
        other => Err(DecodeError::codec(other)),
    }
}

/// The same by a seed, which reads nil and `null` itself.
#[inline]
pub(super) fn decode_seed_within<'de, S: DeserializeSeed<'de>>(
    seed: S,
    codec: Codec,
    bytes: &'de [u8],
    decoded: usize,
) -> Result<S::Value, DecodeError> {
    match codec {
        Codec::MSGPACK => msgpack::decode_seed(seed, bytes, decoded),
        Codec::JSON => json::decode_seed(seed, bytes, decoded),
        other => Err(DecodeError::codec(other)),
    }
}
