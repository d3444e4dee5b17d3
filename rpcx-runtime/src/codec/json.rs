//! Codec 1: JSON by serde_json.

use serde::de::DeserializeSeed;
#[cfg(feature = "json")]
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

#[cfg(feature = "json")]
use super::budget::Budget;
#[cfg(feature = "json")]
use super::message::whole;
#[cfg(feature = "json")]
use super::metered::Metered;
#[cfg(feature = "json")]
use super::unit::unit;
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
pub(super) fn decode<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    decoded: usize,
) -> Result<T, DecodeError> {
    not_blank(bytes)?;
    // Go writes `{}` for `()`, serde `null`.
    if let Some(unit) = unit() {
        return ignored(bytes).map(|()| unit);
    }
    let budget = Budget::new(bytes, decoded);
    let value = one(bytes, &budget);
    budget.note();
    value.map_err(|error| budget.explain(located(&error, bytes)))
}

/// The same by a seed, which reads `null` itself.
#[cfg(feature = "json")]
pub(super) fn decode_seed<'de, S: DeserializeSeed<'de>>(
    seed: S,
    bytes: &'de [u8],
    decoded: usize,
) -> Result<S::Value, DecodeError> {
    not_blank(bytes)?;
    let budget = Budget::new(bytes, decoded);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = seed.deserialize(Metered::new(&mut reader, &budget));
    let value = value.and_then(|value| reader.end().map(|()| value));
    budget.note();
    value.map_err(|error| budget.explain(located(&error, bytes)))
}

#[cfg(feature = "json")]
fn not_blank(bytes: &[u8]) -> Result<(), DecodeError> {
    match bytes.iter().all(u8::is_ascii_whitespace) {
        true => Err(DecodeError::new(super::DecodeErrorKind::Empty, None)),
        false => Ok(()),
    }
}

#[cfg(feature = "json")]
fn one<'de, T: Deserialize<'de>>(bytes: &'de [u8], budget: &Budget) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = whole(Metered::new(&mut reader, budget));
    value.and_then(|value| reader.end().map(|()| value))
}

/// Steps over one well-formed value. serde_json looks at no text that it steps over, and a text has to be
/// UTF-8 to be well formed.
#[cfg(feature = "json")]
fn ignored(bytes: &[u8]) -> Result<(), DecodeError> {
    if let Err(valid) = super::utf8::text(bytes) {
        let text = "a text that is not UTF-8";
        return Err(<DecodeError as serde::de::Error>::custom(text).at(valid));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let ignored = whole(&mut reader).and_then(|IgnoredAny| reader.end());
    match ignored {
        Ok(()) => Ok(()),
        Err(error) => Err(located(&error, bytes)),
    }
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
    // what is in quotes is the peer's
    let hint = match text.ends_with("expected a borrowed string") {
        true => ", which one with escapes cannot be: `Cow<str>` in place of `&str` takes both",
        false => "",
    };
    <DecodeError as serde::de::Error>::custom(format_args!("{text}{hint}")).at(offset)
}

/// This build has no JSON.
#[cfg(not(feature = "json"))]
pub(super) fn encode<T: Serialize + ?Sized>(_: &T, _: &mut Vec<u8>) -> Result<(), EncodeError> {
    Err(EncodeError::codec(Codec::JSON))
}

/// This build has no JSON.
#[cfg(not(feature = "json"))]
pub(super) fn decode<'de, T: Deserialize<'de>>(_: &'de [u8], _: usize) -> Result<T, DecodeError> {
    Err(DecodeError::codec(Codec::JSON))
}

/// This build has no JSON.
#[cfg(not(feature = "json"))]
pub(super) fn decode_seed<'de, S: DeserializeSeed<'de>>(
    _: S,
    _: &'de [u8],
    _: usize,
) -> Result<S::Value, DecodeError> {
    Err(DecodeError::codec(Codec::JSON))
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::*;
    use crate::codec::DECODED;

    fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, DecodeError> {
        super::decode(bytes, DECODED)
    }

    #[test]
    fn nothing_is_read_from_any_json() {
        for text in ["null", "{}", r#"{"A":[1]}"#, "7", " {} "] {
            assert!(decode::<()>(text.as_bytes()).is_ok(), "{text}");
        }
        for text in ["", "{", "{} {}", "nil"] {
            assert!(decode::<()>(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_whole_number_may_be_written_as_one_with_a_fraction() {
        assert_eq!(decode::<i64>(b"-10.0").unwrap(), -10);
        assert_eq!(decode::<u8>(b"2.55e2").unwrap(), 255);
        assert_eq!(
            decode::<Vec<Option<u32>>>(b"[1e3,null]").unwrap(),
            [Some(1000), None]
        );
        for text in ["1.5", "1e300", "256.0", "-1.0", "NaN"] {
            decode::<u8>(text.as_bytes()).unwrap_err();
        }
        let error = decode::<i64>(b"1.5").unwrap_err().to_string();
        assert!(
            error.starts_with("invalid type: floating point `1.5`, expected i64"),
            "{error}"
        );
    }

    #[test]
    fn a_text_that_cannot_be_borrowed_says_what_takes_it() {
        assert_eq!(decode::<&str>(br#""plain""#).unwrap(), "plain");
        let error = decode::<&str>(br#""a \"quote\"""#).unwrap_err().to_string();
        assert!(error.contains("`Cow<str>` in place of `&str`"), "{error}");
    }

    #[test]
    fn what_says_nothing_is_still_well_formed() {
        let error = decode::<()>(b"[\"\xff\"]").unwrap_err();
        assert_eq!(error.to_string(), "a text that is not UTF-8 at byte 2");
    }

    #[test]
    fn other_types_without_memory_are_not_read_from_any_json() {
        #[derive(Debug, serde::Deserialize)]
        enum Only {
            One,
        }
        assert!(matches!(decode::<Only>(b"\"One\""), Ok(Only::One)));
        decode::<Only>(b"\"Two\"").unwrap_err();
        decode::<[u8; 0]>(b"[]").unwrap();
        decode::<[u8; 0]>(b"[1]").unwrap_err();
    }
}
