//! Bytes to values of several shapes.

use std::collections::BTreeMap;
use std::fmt::Debug;

use rpcx::codec::{Adapted, ByteArray, Bytes, Payload, Serde, Timestamp};
use rpcx::protocol::Codec;

/// One field of every kind but floats, which JSON does not keep exactly.
#[rpcx::message]
#[derive(Debug, PartialEq)]
pub struct Sample {
    int: i64,
    small: i8,
    wide: u64,
    flag: bool,
    text: String,
    bytes: Vec<u8>,
    array: [u8; 4],
    time: Timestamp,
    list: Vec<String>,
    map: BTreeMap<String, i64>,
    numbers: BTreeMap<i64, String>,
    maybe: Option<Box<Self>>,
    more: Vec<Self>,
    color: Option<Color>,
}

/// An enum without data.
#[rpcx::message]
#[derive(Debug, PartialEq)]
pub enum Color {
    Red,
    Green,
}

/// A type that serde alone describes, and that contains itself.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Tree {
    Leaf(i64),
    Pair(Box<Self>, Box<Self>),
    Named { name: String, children: Vec<Self> },
    Empty,
}

/// The first byte of the input is the codec, the rest a payload.
pub fn payload(data: &[u8]) {
    let Some((&codec, bytes)) = data.split_first() else {
        return;
    };
    let codec = if codec & 1 == 0 {
        Codec::MSGPACK
    } else {
        Codec::JSON
    };
    survives::<Sample>(codec, bytes);
    survives::<Tree>(codec, bytes);
    survives::<BTreeMap<String, Vec<Option<i64>>>>(codec, bytes);
    survives::<(u8, i32, String)>(codec, bytes);
    survives::<Vec<Timestamp>>(codec, bytes);
    survives::<Vec<Adapted<Vec<u8>, Bytes>>>(codec, bytes);
    survives::<Adapted<[u8; 4], ByteArray>>(codec, bytes);
    survives::<u64>(codec, bytes);
    survives::<i8>(codec, bytes);
    survives::<bool>(codec, bytes);
    survives::<char>(codec, bytes);
    survives::<()>(codec, bytes);
    ends_where_it_ends::<f32>(codec, bytes);
    ends_where_it_ends::<Vec<f64>>(codec, bytes);
    ends_where_it_ends::<serde_json::Value>(codec, bytes);
}

/// A value that was read is written and read again, and is the same.
fn survives<T: for<'de> Payload<'de, Serde> + Debug>(codec: Codec, bytes: &[u8]) {
    let Some(value) = ends_where_it_ends::<T>(codec, bytes) else {
        return;
    };
    let mut out = Vec::new();
    // A time may be read that has no text: the year 10000 by way of its time zone.
    if value.encode(codec, &mut out).is_err() {
        return;
    }
    let again = T::decode(codec, &out).unwrap_or_else(|error| panic!("{value:?}: {error}"));
    assert_eq!(format!("{value:?}"), format!("{again:?}"));
}

/// No other bytes are taken behind a value, and none of its own are missed in msgpack.
fn ends_where_it_ends<T>(codec: Codec, bytes: &[u8]) -> Option<T>
where
    T: for<'any> Payload<'any, Serde> + Debug,
{
    let value = T::decode(codec, bytes).ok()?;
    let longer = [bytes, b"!"].concat();
    assert!(
        T::decode(codec, &longer).is_err(),
        "{value:?} with a byte behind it"
    );
    if codec == Codec::MSGPACK {
        let shorter = &bytes[..bytes.len() - 1];
        assert!(
            T::decode(codec, shorter).is_err(),
            "{value:?} without its last byte"
        );
    }
    Some(value)
}
