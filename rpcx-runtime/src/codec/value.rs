//! A value of any type, as Go's `interface{}` holds it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Timestamp;
use super::timestamp::EXT_STRUCT;
use super::transcode::Ext;

/// A value whose type is known only when it arrives: what Go peers have as `interface{}` or `any`.
///
/// It has every form that MessagePack has, and is sent again as it came. In JSON byte strings and times are texts, as those of
/// Go are, and are read as texts.
///
/// ```
/// # use rpcx_runtime as rpcx;
/// use rpcx::codec::{Value, decode_serde};
/// use rpcx::protocol::Codec;
///
/// let value: Value = decode_serde(Codec::JSON, br#"{"id": 7, "tags": ["a", null]}"#)?;
/// assert_eq!(value.get("id"), Some(&Value::from(7)));
/// assert_eq!(value.get("tags"), Some(&Value::List(vec!["a".into(), Value::Nil])));
/// # Ok::<(), rpcx::codec::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing: `nil` in Go, `null` in JSON.
    #[default]
    Nil,
    /// A truth value.
    Bool(bool),
    /// A whole number that an `i64` holds, whatever its type on the other side.
    Int(i64),
    /// A whole number beyond `i64::MAX`.
    UInt(u64),
    /// A floating point number.
    Float(f64),
    /// A text.
    Text(String),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A point in time.
    Time(Timestamp),
    /// Another extension of MessagePack: its tag and its bytes.
    Ext(i8, Vec<u8>),
    /// A list.
    List(Vec<Self>),
    /// Pairs of keys and values, in the order in which they came. Structs of Go are maps with texts as keys.
    Map(Vec<(Self, Self)>),
}

impl Value {
    /// The value of the first key in a map that is this text.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        let found = pairs.iter().find(|(key, _)| key.as_str() == Some(name));
        found.map(|(_, value)| value)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is a whole one that an `i64` holds.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if it is one; a large whole number is rounded.
    #[allow(clippy::cast_precision_loss, reason = "said in the documentation")]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::UInt(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether it is nothing.
    pub fn is_nil(&self) -> bool {
        *self == Self::Nil
    }
}

macro_rules! from {
    ($($ty:ty => $variant:ident),*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from!(bool => Bool, i8 => Int, i16 => Int, i32 => Int, i64 => Int, u8 => Int, u16 => Int, u32 => Int,
    f32 => Float, f64 => Float, &str => Text, String => Text, Timestamp => Time, Vec<Value> => List);

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or(Self::UInt(number), Self::Int)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nil, Into::into)
    }
}

impl<K: Into<Self>, V: Into<Self>> FromIterator<(K, V)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        Self::Map(
            pairs
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nil => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::UInt(number) => serializer.serialize_u64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) if serializer.is_human_readable() => {
                serializer.serialize_str(&STANDARD.encode(bytes))
            }
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::Time(time) => time.serialize(serializer),
            Self::Ext(_, bytes) if serializer.is_human_readable() => {
                serializer.serialize_str(&STANDARD.encode(bytes))
            }
            Self::Ext(tag, bytes) => {
                serializer.serialize_newtype_struct(EXT_STRUCT, &(tag, Raw(bytes)))
            }
            Self::List(list) => serializer.collect_seq(list),
            Self::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for (key, value) in pairs {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

macro_rules! visits {
    ($($visit:ident($ty:ty);)*) => {$(
        fn $visit<E>(self, value: $ty) -> Result<Value, E> {
            Ok(value.into())
        }
    )*};
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    visits! {
        visit_bool(bool);
        visit_i64(i64);
        visit_u64(u64);
        visit_f32(f32);
        visit_f64(f64);
        visit_str(&str);
        visit_string(String);
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(bytes.to_vec()))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Bytes(bytes))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Value::Map(pairs))
    }

    /// An extension of msgpack.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, ext: D) -> Result<Value, D::Error> {
        let Ext(tag, bytes) = Ext::deserialize(ext)?;
        // a timestamp that is none is kept as what it is
        Ok(match (tag, Timestamp::from_ext(&bytes)) {
            (-1, Ok(time)) => Value::Time(time),
            _ => Value::Ext(tag, bytes),
        })
    }
}

#[cfg(test)]
#[cfg(all(feature = "msgpack", feature = "json"))]
mod tests {
    use super::*;
    use crate::codec::{decode_serde, encode_serde};
    use crate::protocol::Codec;

    fn again(bytes: &[u8], codec: Codec) -> (Value, Vec<u8>) {
        let value: Value = decode_serde(codec, bytes).unwrap();
        let mut out = Vec::new();
        encode_serde(&value, codec, &mut out).unwrap();
        (value, out)
    }

    #[test]
    fn every_form_of_msgpack_is_kept() {
        let nested = Value::Map(vec![
            (
                1.into(),
                Value::List(vec![Value::Nil, true.into(), (-3).into()]),
            ),
            ("x".into(), Value::Bytes(vec![0, 255])),
            (Value::Bool(false), Value::Float(0.5)),
        ]);
        let time = Timestamp::new(5, 6).unwrap();
        for value in [
            Value::Nil,
            u64::MAX.into(),
            i64::MIN.into(),
            Value::from(7_u64),
            time.into(),
            Value::Ext(7, vec![1, 2, 3]),
            nested,
            Value::Map(Vec::new()),
        ] {
            let mut bytes = Vec::new();
            encode_serde(&value, Codec::MSGPACK, &mut bytes).unwrap();
            assert_eq!(again(&bytes, Codec::MSGPACK), (value, bytes));
        }
    }

    #[test]
    fn json_is_kept_too() {
        let text = br#"{"a":[1,-2,18446744073709551615,1.5,"x",null,true],"b":{}}"#;
        let (value, out) = again(text, Codec::JSON);
        assert_eq!(out, text);
        let list = value.get("a").unwrap();
        assert!(
            matches!(list, Value::List(all) if all[2] == Value::UInt(u64::MAX) && all[0].as_i64() == Some(1))
        );
        let mut out = Vec::new();
        let odd: Value = [("bytes", Value::Bytes(vec![1, 2]))].into_iter().collect();
        encode_serde(&odd, Codec::JSON, &mut out).unwrap();
        assert_eq!(out, br#"{"bytes":"AQI="}"#);
    }

    /// Forms that nest without end are an error and no overflow of the stack.
    #[test]
    fn depth_is_bounded() {
        for (codec, bytes) in [
            (Codec::MSGPACK, vec![0x91; 100_000]),
            (Codec::JSON, vec![b'['; 100_000]),
        ] {
            decode_serde::<Value>(codec, &bytes).unwrap_err();
        }
    }
}
