//! The schemas of single values: numbers, texts, bytes, times.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64,
};
use std::time::{Duration, SystemTime};

use super::schemas::array;
use super::{Json, JsonSchema, Schemas};
use crate::codec::{SharedText, Timestamp};

fn kind(name: &'static str) -> Json {
    Json::object().with("type", name)
}

fn format(kind_of: &'static str, format: &'static str) -> Json {
    kind(kind_of).with("format", format)
}

/// Bytes, which are base64 in JSON.
pub(super) fn bytes() -> Json {
    kind("string").with("contentEncoding", "base64")
}

macro_rules! scalar {
    ($($($ty:ty),+ => $schema:expr;)*) => {$($(
        impl JsonSchema for $ty {
            fn schema(_: &mut Schemas) -> Json {
                $schema
            }
        }
    )+)*};
}

scalar! {
    () => kind("null");
    bool => kind("boolean");
    char => kind("string").with("minLength", 1u64).with("maxLength", 1u64);
    str, String, SharedText => kind("string");
    f32 => format("number", "float");
    f64 => format("number", "double");
    i8 => format("integer", "int8").with("minimum", i64::from(i8::MIN)).with("maximum", i64::from(i8::MAX));
    i16 => format("integer", "int16").with("minimum", i64::from(i16::MIN)).with("maximum", i64::from(i16::MAX));
    i32 => format("integer", "int32").with("minimum", i64::from(i32::MIN)).with("maximum", i64::from(i32::MAX));
    i64 => format("integer", "int64").with("minimum", i64::MIN).with("maximum", i64::MAX);
    i128 => kind("integer");
    u16 => unsigned("uint16", u64::from(u16::MAX));
    u32 => unsigned("uint32", u64::from(u32::MAX));
    u64 => unsigned("uint64", u64::MAX);
    u128 => kind("integer").with("minimum", 0u64);
    NonZeroU8 => at_least_one(unsigned("uint8", u64::from(u8::MAX)));
    NonZeroU16 => at_least_one(unsigned("uint16", u64::from(u16::MAX)));
    NonZeroU32 => at_least_one(unsigned("uint32", u64::from(u32::MAX)));
    NonZeroU64 => at_least_one(unsigned("uint64", u64::MAX));
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64 => kind("integer").with("not", Json::object().with("const", 0u64));
    Timestamp => format("string", "date-time");
    ::bytes::Bytes => bytes();
    Ipv4Addr => format("string", "ipv4");
    Ipv6Addr => format("string", "ipv6");
    IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6 => kind("string");
}

fn unsigned(name: &'static str, maximum: u64) -> Json {
    format("integer", name)
        .with("minimum", 0u64)
        .with("maximum", maximum)
}

fn at_least_one(schema: Json) -> Json {
    schema.with("minimum", 1u64)
}

impl JsonSchema for u8 {
    fn schema(_: &mut Schemas) -> Json {
        unsigned("uint8", u64::from(Self::MAX))
    }

    fn list(schemas: &mut Schemas) -> Json {
        match schemas.is_plain() {
            true => array(Self::schema(schemas)),
            false => bytes(),
        }
    }
}

impl JsonSchema for Duration {
    fn schema(schemas: &mut Schemas) -> Json {
        if schemas.is_plain() {
            return seconds_and_nanos(schemas, ["secs", "nanos"]);
        }
        unsigned("int64", i64::MAX.unsigned_abs()).with("description", "Nanoseconds.")
    }
}

impl JsonSchema for SystemTime {
    fn schema(schemas: &mut Schemas) -> Json {
        if schemas.is_plain() {
            return seconds_and_nanos(schemas, ["secs_since_epoch", "nanos_since_epoch"]);
        }
        Timestamp::schema(schemas)
    }
}

/// Serde's own form of times.
fn seconds_and_nanos(schemas: &mut Schemas, [seconds, nanos]: [&'static str; 2]) -> Json {
    let members = Json::object()
        .with(seconds, u64::schema(schemas))
        .with(nanos, u32::schema(schemas));
    kind("object")
        .with("properties", members)
        .with("required", vec![seconds.into(), nanos.into()])
}
