//! Codec 1: JSON by serde_json.

use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize};

#[cfg(feature = "json")]
use super::message::whole;
use super::{DecodeError, EncodeError};
#[cfg(not(feature = "json"))]
use crate::protocol::Codec;

/// Whether this build has the codec.
pub(super) const PRESENT: bool = cfg!(feature = "json");

/// Appends `value` to `out`.
#[cfg(feature = "json")]
pub(super) fn encode<T: Serialize + ?Sized>(
    value: &T,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    serde_json::to_writer(out, value).map_err(<EncodeError as serde::ser::Error>::custom)
}

/// Reads one value from the whole of `bytes`. serde_json itself stops at 128 levels.
#[cfg(feature = "json")]
pub(super) fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, DecodeError> {
    not_blank(bytes)?;
    let value = one(bytes);
    if size_of::<T>() == 0 && value.is_err() {
        return nothing(bytes);
    }
    value.map_err(|error| located(&error, bytes))
}

/// The same by a seed, which reads `null` itself.
#[cfg(feature = "json")]
pub(super) fn decode_seed<'de, S: DeserializeSeed<'de>>(
    seed: S,
    bytes: &'de [u8],
) -> Result<S::Value, DecodeError> {
    not_blank(bytes)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = seed.deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| located(&error, bytes))
}

#[cfg(feature = "json")]
fn not_blank(bytes: &[u8]) -> Result<(), DecodeError> {
    match bytes.iter().all(u8::is_ascii_whitespace) {
        true => Err(DecodeError::new(super::DecodeErrorKind::Empty, None)),
        false => Ok(()),
    }
}

#[cfg(feature = "json")]
fn one<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    whole(&mut reader).and_then(|value| reader.end().map(|()| value))
}

/// A value that says nothing, such as `()`, is read from any JSON: Go writes `{}` for it, serde `null`.
#[cfg(feature = "json")]
fn nothing<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, DecodeError> {
    let skipped = one::<serde::de::IgnoredAny>(bytes);
    let value = skipped.and_then(|_| one(b"null"));
    value.map_err(|error| located(&error, bytes))
}

/// Line and column of serde_json as a byte offset.
#[cfg(feature = "json")]
#[cold]
fn located(error: &serde_json::Error, bytes: &[u8]) -> DecodeError {
    let mut line_start = 0;
    for _ in 1..error.line() {
        match bytes[line_start..].iter().position(|byte| *byte == b'\n') {
            Some(end) => line_start += end + 1,
            None => break,
        }
    }
    let offset = (line_start + error.column().saturating_sub(1)).min(bytes.len());
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    <DecodeError as serde::de::Error>::custom(text).at(offset)
}

/// This build has no JSON.
#[cfg(not(feature = "json"))]
pub(super) fn encode<T: Serialize + ?Sized>(_: &T, _: &mut Vec<u8>) -> Result<(), EncodeError> {
    Err(EncodeError::codec(Codec::JSON))
}

/// This build has no JSON.
#[cfg(not(feature = "json"))]
pub(super) fn decode<'de, T: Deserialize<'de>>(_: &'de [u8]) -> Result<T, DecodeError> {
    Err(DecodeError::codec(Codec::JSON))
}

/// This build has no JSON.
#[cfg(not(feature = "json"))]
pub(super) fn decode_seed<'de, S: DeserializeSeed<'de>>(
    _: S,
    _: &'de [u8],
) -> Result<S::Value, DecodeError> {
    Err(DecodeError::codec(Codec::JSON))
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_from_any_json() {
        for text in ["null", "{}", r#"{"A":[1]}"#, "7", " {} "] {
            assert!(decode::<()>(text.as_bytes()).is_ok(), "{text}");
        }
        for text in ["", "{", "{} {}", "nil"] {
            assert!(decode::<()>(text.as_bytes()).is_err(), "{text}");
        }
    }
}
