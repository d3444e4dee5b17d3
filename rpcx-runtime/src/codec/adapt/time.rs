//! Points in time and spans of time, as Go writes them.

use std::time::{Duration, SystemTime};

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use super::super::Timestamp;
use super::{DecodeAs, EncodeAs};

/// A point in time as Go's `time.Time`: the msgpack timestamp extension, RFC 3339 text in JSON.
///
/// What is missing or nil reads as Go's zero time, the year 1.
#[derive(Debug)]
#[non_exhaustive]
pub enum Time {}

/// A span of time as Go's `time.Duration`: whole nanoseconds in 64 bits, about 292 years at most.
#[derive(Debug)]
#[non_exhaustive]
pub enum Nanos {}

impl EncodeAs<SystemTime> for Time {
    fn encode_as<S: Serializer>(value: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
        Timestamp::try_from(*value)
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> DecodeAs<'de, SystemTime> for Time {
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
        Timestamp::deserialize(deserializer)?
            .try_into()
            .map_err(D::Error::custom)
    }
}

impl EncodeAs<Duration> for Nanos {
    #[inline]
    fn encode_as<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(value.as_nanos()) {
            Ok(nanos) => serializer.serialize_i64(nanos),
            Err(_) => Err(S::Error::custom(format_args!(
                "a duration of {value:?} does not fit in 64 bits of nanoseconds"
            ))),
        }
    }
}

impl<'de> DecodeAs<'de, Duration> for Nanos {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let nanos = i64::deserialize(deserializer)?;
        u64::try_from(nanos).map(Duration::from_nanos).map_err(|_| {
            D::Error::custom(format_args!(
                "{nanos} nanoseconds are negative: a `Duration` cannot be"
            ))
        })
    }
}
