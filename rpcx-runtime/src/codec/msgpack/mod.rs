//! Codec 3: msgpack as Go's library writes and reads it.
//!
//! Structs are maps with field names, integers take their shortest form, byte strings are bin,
//! `None` and `()` are nil, an enum is its variant's name or a map of one entry. Our own serializer
//! and deserializer, because Go's leniency (nil is zero) reaches into every type.

#[cfg(feature = "msgpack")]
mod access;
#[cfg(feature = "msgpack")]
mod compound;
#[cfg(feature = "msgpack")]
mod de;
#[cfg(feature = "msgpack")]
mod ext;
#[cfg(feature = "msgpack")]
mod marker;
#[cfg(feature = "msgpack")]
mod read;
#[cfg(feature = "msgpack")]
mod ser;
#[cfg(feature = "msgpack")]
mod skip;
#[cfg(feature = "msgpack")]
mod write;

use serde::Serialize;
use serde::de::DeserializeSeed;

use super::{DecodeError, EncodeError};
#[cfg(not(feature = "msgpack"))]
use crate::protocol::Codec;

/// Whether this build has the codec.
pub(super) const PRESENT: bool = cfg!(feature = "msgpack");

/// Lists and maps inside each other.
#[cfg(feature = "msgpack")]
pub(super) const MAX_DEPTH: usize = 64;

/// Appends `value` to `out`, which stays as it is in case of an error.
#[cfg(feature = "msgpack")]
#[inline(never)]
pub(super) fn encode<T: Serialize + ?Sized>(
    value: &T,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut lent = write::Lent::new(out);
    let start = lent.start();
    let end = value.serialize(ser::Serializer::new(&mut lent.output, start))?;
    lent.keep(end);
    Ok(())
}

/// Reads one value from the whole of `bytes`, of at most `decoded` bytes.
#[cfg(feature = "msgpack")]
#[inline(never)]
pub(super) fn decode<'de, S: DeserializeSeed<'de>>(
    seed: S,
    bytes: &'de [u8],
    decoded: usize,
) -> Result<S::Value, DecodeError> {
    let mut reader = read::Reader::new(bytes, decoded);
    reader.not_empty()?;
    match seed.deserialize(&mut reader) {
        Ok(value) => {
            reader.budget.note(bytes);
            reader.finish().map(|()| value)
        }
        Err(error) => Err(error.at(reader.position())),
    }
}

/// This build has no msgpack.
#[cfg(not(feature = "msgpack"))]
pub(super) fn encode<T: Serialize + ?Sized>(_: &T, _: &mut Vec<u8>) -> Result<(), EncodeError> {
    Err(EncodeError::codec(Codec::MSGPACK))
}

/// This build has no msgpack.
#[cfg(not(feature = "msgpack"))]
pub(super) fn decode<'de, S: DeserializeSeed<'de>>(
    _: S,
    _: &'de [u8],
    _: usize,
) -> Result<S::Value, DecodeError> {
    Err(DecodeError::codec(Codec::MSGPACK))
}
