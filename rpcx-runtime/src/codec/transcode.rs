//! A payload of one codec as one of another, without a type.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::budget::DECODED;
use super::family::{decode_seed_within, encode_serde};
use super::timestamp::{EXT_STRUCT, Timestamp};
use super::{DecodeError, EncodeError};
use crate::protocol::Codec;

/// The only member of an object that stands for a byte string, in base64.
const BYTES: &str = "$bytes";
/// The same for a point in time, in RFC 3339.
const TIME: &str = "$time";
/// The same for any other extension of msgpack: a list of its number and of its bytes in base64.
const EXT: &str = "$ext";

/// The same value in another codec: [`Codec::JSON`] and [`Codec::MSGPACK`] in both ways. Names, their order and
/// their repetitions stay. In the codec that it has already a payload is returned as it is; an empty one is null.
///
/// | JSON | msgpack |
/// |---|---|
/// | a number without fraction and exponent, if 64 bits hold it | an integer |
/// | any other number | a float of 64 bits |
/// | `{"$bytes":"AQI="}` | a byte string |
/// | `{"$time":"2023-11-14T22:13:20Z"}` | a timestamp |
/// | `{"$ext":[5,"AQI="]}` | another extension |
///
/// Towards JSON a byte string is its base64, and a timestamp its text in RFC 3339, as Go and serde write them. NaN and
/// infinities become `null`; keys of a map that are numbers become texts, and byte strings in UTF-8 too.
///
/// # Errors
/// A payload that is not well formed, is nested too deeply or has what the other codec has not, such as a list as a
/// key or a whole number of more than 64 bits; and any codec beside those two, and one that this build lacks.
///
/// ```
/// use rpcx::protocol::Codec;
/// use rpcx::codec::transcode;
///
/// let msgpack = transcode(br#"{"A":10,"B":20}"#, Codec::JSON, Codec::MSGPACK)?;
/// assert_eq!(msgpack, b"\x82\xa1A\x0a\xa1B\x14");
/// assert_eq!(transcode(&msgpack, Codec::MSGPACK, Codec::JSON)?, br#"{"A":10,"B":20}"#);
/// # Ok::<(), rpcx::codec::DecodeError>(())
/// ```
pub fn transcode(payload: &[u8], from: Codec, to: Codec) -> Result<Vec<u8>, DecodeError> {
    if from == to {
        return Ok(payload.to_vec());
    }
    for codec in [from, to] {
        if ![Codec::JSON, Codec::MSGPACK].contains(&codec) {
            return Err(DecodeError::codec(codec));
        }
    }
    if from == Codec::JSON
        && let Some(number) = wide_number(payload)
    {
        let text = format!("{to} has no whole numbers of more than 64 bits: {number}");
        return Err(DecodeError::value(text));
    }
    let mut out = Vec::with_capacity(payload.len());
    match payload {
        [] => encode_serde(&(), to, &mut out).map_err(DecodeError::value)?,
        payload => decode_seed_within(Rewrite(to, &mut out), from, payload, DECODED)?,
    }
    Ok(out)
}

/// The first whole number of a JSON text that 64 bits do not hold: read as a number it would be one near it.
fn wide_number(json: &[u8]) -> Option<&str> {
    let mut rest = json;
    loop {
        let start = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'-' | b'0'..=b'9'))?;
        rest = &rest[start..];
        if rest[0] == b'"' {
            rest = behind_string(rest);
            continue;
        }
        let is_part = |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        let (number, behind) = rest.split_at(length);
        rest = behind;
        let number = std::str::from_utf8(number).unwrap_or_default();
        let is_whole = number.bytes().skip(1).all(|byte| byte.is_ascii_digit());
        if is_whole
            && length > 18
            && number.parse::<i64>().is_err()
            && number.parse::<u64>().is_err()
        {
            return Some(number);
        }
    }
}

/// What follows the string that a piece of JSON begins with.
fn behind_string(json: &[u8]) -> &[u8] {
    let mut escaped = false;
    let end = json.iter().skip(1).position(|byte| {
        let is_end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        is_end
    });
    end.and_then(|end| json.get(end + 2..)).unwrap_or_default()
}

/// Reads one value and appends it in a codec.
struct Rewrite<'a>(Codec, &'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Rewrite<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        let Self(codec, out) = self;
        let written: Result<(), EncodeError> = encode_serde(&Unread::new(value), codec, out);
        written.map_err(D::Error::custom)
    }
}

/// A value that is read while it is written.
struct Unread<'de, D> {
    value: Cell<Option<D>>,
    lifetime: PhantomData<&'de ()>,
}

impl<'de, D: Deserializer<'de>> Unread<'de, D> {
    fn new(value: D) -> Self {
        Self {
            value: Cell::new(Some(value)),
            lifetime: PhantomData,
        }
    }
}

impl<'de, D: Deserializer<'de>> Serialize for Unread<'de, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(value) = self.value.take() else {
            return Err(S::Error::custom("a value can be read once"));
        };
        value
            .deserialize_any(Writer(serializer))
            .map_err(S::Error::custom)
    }
}

/// Writes what it visits.
struct Writer<S>(S);

macro_rules! visits {
    ($($visit:ident($ty:ty) = $serialize:ident;)*) => {$(
        fn $visit<E: serde::de::Error>(self, value: $ty) -> Result<S::Ok, E> {
            self.0.$serialize(value).map_err(E::custom)
        }
    )*};
}

impl<'de, S: Serializer> Visitor<'de> for Writer<S> {
    type Value = S::Ok;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    visits! {
        visit_bool(bool) = serialize_bool;
        visit_i64(i64) = serialize_i64;
        visit_u64(u64) = serialize_u64;
        visit_f32(f32) = serialize_f32;
        visit_f64(f64) = serialize_f64;
        visit_str(&str) = serialize_str;
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<S::Ok, E> {
        let written = match self.0.is_human_readable() {
            true => self.0.serialize_str(&STANDARD.encode(bytes)),
            false => self.0.serialize_bytes(bytes),
        };
        written.map_err(E::custom)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<S::Ok, E> {
        self.0.serialize_unit().map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<S::Ok, A::Error> {
        let length = list.size_hint();
        let mut out = self.0.serialize_seq(length).map_err(A::Error::custom)?;
        while list.next_element_seed(Element(&mut out))?.is_some() {}
        out.end().map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<S::Ok, A::Error> {
        let Some(first) = map.next_key::<Key>()? else {
            let out = self.0.serialize_map(Some(0)).map_err(A::Error::custom)?;
            return out.end().map_err(A::Error::custom);
        };
        if !self.0.is_human_readable()
            && let Key::Text(name) = &first
            && [BYTES, TIME, EXT].contains(&&**name)
        {
            return marked(self.0, name, map);
        }
        let length = map.size_hint().map(|others| others + 1);
        let mut out = self.0.serialize_map(length).map_err(A::Error::custom)?;
        let mut next = Some(first);
        while let Some(key) = next {
            out.serialize_key(&key).map_err(A::Error::custom)?;
            map.next_value_seed(Value(&mut out))?;
            next = map.next_key()?;
        }
        out.end().map_err(A::Error::custom)
    }

    /// An extension of msgpack.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, ext: D) -> Result<S::Ok, D::Error> {
        let Ext(tag, bytes) = Ext::deserialize(ext)?;
        let timestamp = (tag == -1).then(|| Timestamp::from_ext(&bytes));
        let written = match timestamp {
            Some(time) => time.map_err(D::Error::custom)?.serialize(self.0),
            None if self.0.is_human_readable() => {
                let mut out = self.0.serialize_map(Some(1)).map_err(D::Error::custom)?;
                let pair = (tag, STANDARD.encode(bytes));
                out.serialize_entry(EXT, &pair).map_err(D::Error::custom)?;
                out.end()
            }
            None => self
                .0
                .serialize_newtype_struct(EXT_STRUCT, &(tag, Plain(&bytes))),
        };
        written.map_err(D::Error::custom)
    }
}

/// Writes what an object with a marker stands for.
fn marked<'de, S: Serializer, A: MapAccess<'de>>(
    serializer: S,
    name: &str,
    mut map: A,
) -> Result<S::Ok, A::Error> {
    let decode = |text: &str| {
        let bytes = STANDARD.decode(text);
        bytes.map_err(|error| A::Error::custom(format!("`{name}` holds no base64: {error}")))
    };
    let written = match name {
        BYTES => {
            let bytes = decode(&map.next_value::<String>()?)?;
            serializer.serialize_bytes(&bytes)
        }
        TIME => map.next_value::<Text>()?.0.serialize(serializer),
        _ => {
            let (tag, text) = map.next_value::<(i8, String)>()?;
            let bytes = decode(&text)?;
            serializer.serialize_newtype_struct(EXT_STRUCT, &(tag, Plain(&bytes)))
        }
    };
    if map.next_key::<Key>()?.is_some() {
        let text = format!("`{name}` is the only member of its object");
        return Err(A::Error::custom(text));
    }
    written.map_err(A::Error::custom)
}

/// A point in time that is there, as a text.
struct Text(Timestamp);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::from_text(&text)
            .map(Self)
            .map_err(D::Error::custom)
    }
}

struct Plain<'a>(&'a [u8]);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// An element of a list that is being written.
struct Element<'a, S>(&'a mut S);

impl<'de, S: SerializeSeq> DeserializeSeed<'de> for Element<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        let written = self.0.serialize_element(&Unread::new(value));
        written.map_err(D::Error::custom)
    }
}

/// The value of a key that was written.
struct Value<'a, S>(&'a mut S);

impl<'de, S: SerializeMap> DeserializeSeed<'de> for Value<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        let written = self.0.serialize_value(&Unread::new(value));
        written.map_err(D::Error::custom)
    }
}

/// A key of a map.
enum Key {
    Text(String),
    Unsigned(u64),
    Signed(i64),
    Bool(bool),
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Unsigned(number) => serializer.serialize_u64(*number),
            Self::Signed(number) => serializer.serialize_i64(*number),
            Self::Bool(is) => serializer.serialize_bool(*is),
        }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or a truth value as the key of a map")
    }

    fn visit_str<E>(self, text: &str) -> Result<Key, E> {
        Ok(Key::Text(text.to_owned()))
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Key, E> {
        let text = std::str::from_utf8(bytes);
        let text = text.map_err(|_| E::custom("a key of a map is a byte string and not UTF-8"))?;
        Ok(Key::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Key, E> {
        Ok(Key::Unsigned(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Key, E> {
        Ok(Key::Signed(number))
    }

    fn visit_bool<E>(self, is: bool) -> Result<Key, E> {
        Ok(Key::Bool(is))
    }
}

/// The number and the bytes of an extension.
pub(super) struct Ext(pub(super) i8, pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Ext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExtVisitor)
    }
}

struct ExtVisitor;

impl<'de> Visitor<'de> for ExtVisitor {
    type Value = Ext;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an extension")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<Ext, A::Error> {
        let tag = pair.next_element()?;
        let bytes = pair.next_element_seed(Owned)?;
        match (tag, bytes) {
            (Some(tag), Some(bytes)) => Ok(Ext(tag, bytes)),
            _ => Err(A::Error::invalid_length(0, &self)),
        }
    }
}

/// Copies a byte string.
struct Owned;

impl<'de> DeserializeSeed<'de> for Owned {
    type Value = Vec<u8>;

    fn deserialize<D: Deserializer<'de>>(self, bytes: D) -> Result<Vec<u8>, D::Error> {
        bytes.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Owned {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a byte string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }
}

#[cfg(test)]
#[cfg(all(feature = "json", feature = "msgpack"))]
mod tests {
    use super::*;

    fn there(json: &str) -> Vec<u8> {
        transcode(json.as_bytes(), Codec::JSON, Codec::MSGPACK).unwrap()
    }

    fn back(msgpack: &[u8]) -> String {
        let json = transcode(msgpack, Codec::MSGPACK, Codec::JSON).unwrap();
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn numbers_that_would_be_rounded_are_refused() {
        for (json, number) in [
            ("18446744073709551616", "18446744073709551616"),
            (
                r#"{"a\\":"9\"9","b":[-9223372036854775809]}"#,
                "-9223372036854775809",
            ),
        ] {
            let error = transcode(json.as_bytes(), Codec::JSON, Codec::MSGPACK).unwrap_err();
            assert!(error.to_string().contains(number), "{error}");
        }
        for json in [
            r#""18446744073709551616""#,
            r#"["\"18446744073709551616"]"#,
            "18446744073709551616.0",
            "[1e30,18446744073709551615,-9223372036854775808]",
        ] {
            there(json);
        }
    }

    #[test]
    fn values_of_json_go_there_and_back() {
        for json in [
            r#"{"A":10,"B":-20,"z":[1,[],{}],"a":null,"A":true}"#,
            "[18446744073709551615,-9223372036854775808,0.5,1e300]",
            r#""\u00e4\n""#,
            "null",
            r#"{"$ext":[5,"AQI="]}"#,
        ] {
            let wanted = json.replace(r"\u00e4", "ä").replace("1e300", "1e+300");
            assert_eq!(back(&there(json)), wanted, "{json}");
        }
    }

    #[test]
    fn bytes_and_times_have_markers_in_json_that_goes_out() {
        assert_eq!(there(r#"{"$bytes":"AQI="}"#), [0xc4, 2, 1, 2]);
        let time = there(r#"{"$time":"2023-11-14T22:13:20Z"}"#);
        assert_eq!(time, [0xd6, 0xff, 0x65, 0x53, 0xf1, 0x00]);
        assert_eq!(back(&[0xc4, 2, 1, 2]), r#""AQI=""#);
        assert_eq!(back(&time), r#""2023-11-14T22:13:20Z""#);
        for wrong in [
            r#"{"$bytes":"?"}"#,
            r#"{"$bytes":1}"#,
            r#"{"$bytes":"AQI=","more":1}"#,
            r#"{"$time":"yesterday"}"#,
            r#"{"$ext":[5]}"#,
        ] {
            transcode(wrong.as_bytes(), Codec::JSON, Codec::MSGPACK).unwrap_err();
        }
    }

    #[test]
    fn what_json_has_no_form_for_is_near_or_an_error() {
        assert_eq!(back(&[0x81, 7, 0xc3]), r#"{"7":true}"#);
        assert_eq!(back(&[0x81, 0xc4, 1, b'k', 1]), r#"{"k":1}"#);
        assert_eq!(back(b"\xcb\x7f\xf8\0\0\0\0\0\0"), "null");
        assert_eq!(back(b"\xca\x3d\xcc\xcc\xcd"), "0.1");
        assert_eq!(back(b""), "null");
        assert_eq!(there(""), [0xc0]);
        for wrong in [
            &[0x81, 0x90, 1][..],
            &[0x81, 0xc0, 1],
            &[0xc1],
            &[0x91],
            &[0xc0, 0xc0],
        ] {
            transcode(wrong, Codec::MSGPACK, Codec::JSON).unwrap_err();
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        transcode(deep.as_bytes(), Codec::JSON, Codec::MSGPACK).unwrap_err();
        transcode(b"1 2", Codec::JSON, Codec::MSGPACK).unwrap_err();
        transcode(b"1", Codec::JSON, Codec::PROTOBUF).unwrap_err();
    }

    #[test]
    fn an_error_names_its_place_once() {
        let error = transcode(br#"{"A":[1,{"b":tru}]}"#, Codec::JSON, Codec::MSGPACK).unwrap_err();
        assert_eq!(error.to_string(), "expected ident at byte 16");
    }
}
