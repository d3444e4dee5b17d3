//! Codec 3: msgpack as Go's library writes and reads it.
//!
//! Structs are maps with field names, integers take their shortest form, byte strings are bin,
//! `None` and `()` are nil, an enum is its variant's name or a map of one entry. Our own serializer
//! and deserializer, because Go's leniency (nil is zero) reaches into every type.

mod access;
mod compound;
mod de;
mod direct;
mod ext;
pub(super) mod marker;
mod read;
mod ser;
mod skip;
mod write;

use serde::de::DeserializeSeed;

pub(super) use self::direct::short_text;
pub use self::read::Reader;
pub use self::write::Output;
use super::adapt::{DecodeAs, EncodeAs};
use super::{DecodeError, EncodeError};
#[cfg(not(feature = "msgpack"))]
use crate::protocol::Codec;

/// Whether this build has the codec.
pub(super) const PRESENT: bool = cfg!(feature = "msgpack");

/// Lists and maps inside each other.
pub(super) const MAX_DEPTH: usize = 64;

/// Appends `value` in the form `A` to `out`, which stays as it is in case of an error.
#[cfg(feature = "msgpack")]
#[inline(never)]
pub(super) fn encode<A: EncodeAs<T>, T: ?Sized>(
    value: &T,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut lent = write::Lent::new(out);
    let start = lent.start();
    let end = A::write(value, &mut lent.output, start, &[])?;
    lent.keep(end);
    Ok(())
}

/// Reads one value in the form `A` from the whole of `bytes`, of at most `decoded` bytes.
#[cfg(feature = "msgpack")]
#[inline(never)]
pub(super) fn decode<'de, A: DecodeAs<'de, T>, T>(
    bytes: &'de [u8],
    decoded: usize,
) -> Result<T, DecodeError> {
    let mut reader = Reader::new(bytes, decoded);
    reader.not_empty()?;
    let read = A::read(&mut reader);
    // As it is: a value may be large, and is not to be moved.
    if read.is_ok() && reader.is_at_end() {
        reader.budget.note();
        return read;
    }
    match read {
        Ok(value) => reader.finish().map(|()| value),
        Err(error) => Err(error.at(reader.position())),
    }
}

/// The same by a seed.
#[cfg(feature = "msgpack")]
#[inline(never)]
pub(super) fn decode_seed<'de, S: DeserializeSeed<'de>>(
    seed: S,
    bytes: &'de [u8],
    decoded: usize,
) -> Result<S::Value, DecodeError> {
    let mut reader = Reader::new(bytes, decoded);
    reader.not_empty()?;
    match seed.deserialize(&mut reader) {
        Ok(value) => {
            reader.budget.note();
            reader.finish().map(|()| value)
        }
        Err(error) => Err(error.at(reader.position())),
    }
}

/// This build has no msgpack.
#[cfg(not(feature = "msgpack"))]
#[expect(
    clippy::extra_unused_type_parameters,
    reason = "those of the one that does it"
)]
pub(super) fn encode<A: EncodeAs<T>, T: ?Sized>(_: &T, _: &mut Vec<u8>) -> Result<(), EncodeError> {
    Err(EncodeError::codec(Codec::MSGPACK))
}

/// This build has no msgpack.
#[cfg(not(feature = "msgpack"))]
#[expect(
    clippy::extra_unused_type_parameters,
    reason = "those of the one that does it"
)]
pub(super) fn decode<'de, A: DecodeAs<'de, T>, T>(
    _: &'de [u8],
    _: usize,
) -> Result<T, DecodeError> {
    Err(DecodeError::codec(Codec::MSGPACK))
}

/// This build has no msgpack.
#[cfg(not(feature = "msgpack"))]
pub(super) fn decode_seed<'de, S: DeserializeSeed<'de>>(
    _: S,
    _: &'de [u8],
    _: usize,
) -> Result<S::Value, DecodeError> {
    Err(DecodeError::codec(Codec::MSGPACK))
}
