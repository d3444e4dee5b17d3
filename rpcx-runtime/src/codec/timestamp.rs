//! A point in time that holds everything Go's `time.Time` can say on the wire.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The newtype name under which a `(tag, bytes)` pair travels as a msgpack extension; rmp-serde
/// uses the same one.
pub(crate) const EXT_STRUCT: &str = "_ExtStruct";
/// The tag of timestamps in the msgpack specification.
const TAG: i8 = -1;
/// 0001-01-01T00:00:00Z in seconds of Unix time.
const YEAR_ONE: i64 = -62_135_596_800;
const NANOS_PER_SECOND: u32 = 1_000_000_000;

/// A point in time: seconds since 1970-01-01T00:00:00Z and nanoseconds on top of them.
///
/// Travels as the msgpack timestamp extension and as RFC 3339 text in JSON (years 0 to 9999 there).
/// Nil, `null` and a missing field read as [`ZERO`](Self::ZERO), which is also the default: it is
/// what an unset `time.Time` of a Go peer says.
///
/// A field of type `Option<Timestamp>` or `Option<SystemTime>` writes `None` as nil. A Go peer reads
/// that into a `*time.Time`; into a plain `time.Time` it cannot, so use a bare `Timestamp` there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

/// A point in time that the target type cannot hold.
#[derive(Debug, thiserror::Error)]
#[error("{seconds} s and {nanos} ns from 1970 are out of range for {target}")]
pub struct TimestampRangeError {
    seconds: i128,
    nanos: u32,
    target: &'static str,
}

impl Timestamp {
    /// Go's zero time: 0001-01-01T00:00:00Z.
    pub const ZERO: Self = Self {
        seconds: YEAR_ONE,
        nanos: 0,
    };

    /// This many seconds from 1970-01-01T00:00:00Z, negative before it, and 0 to 999,999,999
    /// nanoseconds after that second.
    ///
    /// # Errors
    /// More nanoseconds than that.
    pub const fn new(seconds: i64, nanos: u32) -> Result<Self, TimestampRangeError> {
        if nanos < NANOS_PER_SECOND {
            return Ok(Self { seconds, nanos });
        }
        Err(TimestampRangeError {
            seconds: seconds as i128,
            nanos,
            target: "a timestamp",
        })
    }

    /// The present by the system's clock; [`ZERO`](Self::ZERO) if that is beyond all range.
    pub fn now() -> Self {
        SystemTime::now().try_into().unwrap_or(Self::ZERO)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after [`seconds`](Self::seconds), 0 to 999,999,999.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// The shortest of the three forms of the extension: 4, 8 or 12 bytes at the end of the array.
    fn to_ext(self) -> ([u8; 12], usize) {
        let mut bytes = [0; 12];
        match u64::try_from(self.seconds) {
            Ok(seconds) if self.nanos == 0 && seconds <= u64::from(u32::MAX) => {
                bytes[4..].copy_from_slice(&seconds.to_be_bytes());
                (bytes, 4)
            }
            Ok(seconds) if seconds < 1 << 34 => {
                let packed = u64::from(self.nanos) << 34 | seconds;
                bytes[4..].copy_from_slice(&packed.to_be_bytes());
                (bytes, 8)
            }
            _ => {
                bytes[..4].copy_from_slice(&self.nanos.to_be_bytes());
                bytes[4..].copy_from_slice(&self.seconds.to_be_bytes());
                (bytes, 12)
            }
        }
    }

    pub(super) fn from_ext(bytes: &[u8]) -> Result<Self, String> {
        let (seconds, nanos) = if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
            (i64::from(u32::from_be_bytes(bytes)), 0)
        } else if let Ok(bytes) = <[u8; 8]>::try_from(bytes) {
            let packed = u64::from_be_bytes(bytes);
            ((packed & ((1 << 34) - 1)).cast_signed(), packed >> 34)
        } else if let Some((nanos, seconds)) = bytes.split_first_chunk::<4>() {
            let seconds = <[u8; 8]>::try_from(seconds)
                .map_err(|_| format!("a timestamp of {} bytes, not 4, 8 or 12", bytes.len()))?;
            (
                i64::from_be_bytes(seconds),
                u64::from(u32::from_be_bytes(*nanos)),
            )
        } else {
            return Err(format!(
                "a timestamp of {} bytes, not 4, 8 or 12",
                bytes.len()
            ));
        };
        // 30 bits at most in each form that has nanoseconds in 64 bits, 32 in the longest
        let nanos = u32::try_from(nanos).unwrap_or(u32::MAX);
        Self::new(seconds, nanos).map_err(|error| error.to_string())
    }

    fn to_text(self) -> Result<String, String> {
        OffsetDateTime::from_unix_timestamp(self.seconds)
            .map(|time| time + Duration::from_nanos(u64::from(self.nanos)))
            .map_err(|error| error.to_string())
            .and_then(|time| time.format(&Rfc3339).map_err(|error| error.to_string()))
            .map_err(|error| format!("{self:?} has no RFC 3339 form: {error}"))
    }

    pub(super) fn from_text(text: &str) -> Result<Self, String> {
        let time = OffsetDateTime::parse(text, &Rfc3339)
            .map_err(|error| format!("`{text}` is not an RFC 3339 time: {error}"))?;
        Ok(Self {
            seconds: time.unix_timestamp(),
            nanos: time.nanosecond(),
        })
    }
}

/// [`Timestamp::ZERO`].
impl Default for Timestamp {
    fn default() -> Self {
        Self::ZERO
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimestampRangeError;

    fn try_from(time: SystemTime) -> Result<Self, TimestampRangeError> {
        let (seconds, nanos) = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => (i128::from(after.as_secs()), after.subsec_nanos()),
            Err(error) => {
                let before = error.duration();
                match before.subsec_nanos() {
                    0 => (-i128::from(before.as_secs()), 0),
                    nanos => (-i128::from(before.as_secs()) - 1, NANOS_PER_SECOND - nanos),
                }
            }
        };
        match i64::try_from(seconds) {
            Ok(seconds) => Ok(Self { seconds, nanos }),
            Err(_) => Err(TimestampRangeError {
                seconds,
                nanos,
                target: "a timestamp",
            }),
        }
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = TimestampRangeError;

    fn try_from(time: Timestamp) -> Result<Self, TimestampRangeError> {
        let whole = Duration::from_secs(time.seconds.unsigned_abs());
        let second = match time.seconds < 0 {
            true => UNIX_EPOCH.checked_sub(whole),
            false => UNIX_EPOCH.checked_add(whole),
        };
        let exact = second
            .and_then(|second| second.checked_add(Duration::from_nanos(u64::from(time.nanos))));
        exact.ok_or_else(|| TimestampRangeError {
            seconds: i128::from(time.seconds),
            nanos: time.nanos,
            target: "the system's clock",
        })
    }
}

/// RFC 3339 in UTC where the year has four digits, else the numbers.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_text() {
            Ok(text) => f.write_str(&text),
            Err(_) => write!(f, "{} s {} ns", self.seconds, self.nanos),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.serialize_str(&self.to_text().map_err(S::Error::custom)?);
        }
        let (bytes, len) = self.to_ext();
        serializer.serialize_newtype_struct(EXT_STRUCT, &(TAG, BinRef(&bytes[12 - len..])))
    }
}

struct BinRef<'a>(&'a [u8]);

impl Serialize for BinRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(TimestampVisitor);
        }
        deserializer.deserialize_newtype_struct(EXT_STRUCT, TimestampVisitor)
    }
}

struct TimestampVisitor;

impl<'de> Visitor<'de> for TimestampVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a timestamp")
    }

    fn visit_unit<E>(self) -> Result<Timestamp, E> {
        Ok(Timestamp::ZERO)
    }

    fn visit_none<E>(self) -> Result<Timestamp, E> {
        Ok(Timestamp::ZERO)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
        Timestamp::from_text(text).map_err(E::custom)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Timestamp, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<Timestamp, A::Error> {
        let tag: Option<i8> = pair.next_element()?;
        let Some(tag) = tag else {
            return Err(A::Error::invalid_length(0, &self));
        };
        if tag != TAG {
            let text = format_args!("the extension {tag} is not a timestamp, which is -1");
            return Err(A::Error::custom(text));
        }
        let bytes: Option<Ext> = pair.next_element()?;
        let Some(Ext(bytes, len)) = bytes else {
            return Err(A::Error::invalid_length(1, &self));
        };
        let bytes = bytes.get(..len).ok_or_else(|| {
            A::Error::custom(format_args!("a timestamp of {len} bytes, not 4, 8 or 12"))
        })?;
        Timestamp::from_ext(bytes).map_err(A::Error::custom)
    }
}

/// The bytes of an extension, up to 12, and how many there were.
struct Ext([u8; 12], usize);

impl<'de> Deserialize<'de> for Ext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExtVisitor;
        impl Visitor<'_> for ExtVisitor {
            type Value = Ext;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the bytes of a timestamp")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Ext, E> {
                let mut kept = [0; 12];
                if let Some(place) = kept.get_mut(..bytes.len()) {
                    place.copy_from_slice(bytes);
                }
                Ok(Ext(kept, bytes.len()))
            }
        }
        deserializer.deserialize_bytes(ExtVisitor)
    }
}
