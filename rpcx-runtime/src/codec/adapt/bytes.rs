//! Byte strings: bin in msgpack, base64 text in JSON.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::{SerializeTuple, Serializer};

use super::{DecodeAs, EncodeAs};

/// A byte string, as Go's `[]byte`: bin in msgpack, base64 with padding in JSON.
///
/// Reading accepts a text in its place (msgpack), nil for the empty string, and a list of numbers
/// below 256.
#[derive(Debug)]
#[non_exhaustive]
pub enum Bytes {}

/// [`Bytes`] that are borrowed from the payload where they are in it as they are.
#[derive(Debug)]
#[non_exhaustive]
pub enum LentBytes {}

/// [`Bytes`] that are not in one piece here.
#[derive(Debug)]
#[non_exhaustive]
pub enum DequeBytes {}

/// A byte string of fixed length, as Go's `[N]byte`: bin in msgpack, a list of numbers in JSON.
///
/// Reading takes nil and the empty string for zeros; any other length is an error.
#[derive(Debug)]
#[non_exhaustive]
pub enum ByteArray {}

impl<T: AsRef<[u8]> + ?Sized> EncodeAs<T> for Bytes {
    #[inline]
    fn encode_as<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = value.as_ref();
        if serializer.is_human_readable() {
            return serializer.collect_str(&base64::display::Base64Display::new(bytes, &STANDARD));
        }
        serializer.serialize_bytes(bytes)
    }
}

impl EncodeAs<Cow<'_, [u8]>> for LentBytes {
    #[inline]
    fn encode_as<S: Serializer>(value: &Cow<'_, [u8]>, serializer: S) -> Result<S::Ok, S::Error> {
        Bytes::encode_as(value, serializer)
    }
}

impl<'de: 'a, 'a> DecodeAs<'de, Cow<'a, [u8]>> for LentBytes {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'a, [u8]>, D::Error> {
        let lent: Lent<'de> = Bytes::decode_as(deserializer)?;
        Ok(lent.0)
    }
}

impl EncodeAs<VecDeque<u8>> for DequeBytes {
    fn encode_as<S: Serializer>(value: &VecDeque<u8>, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = value.iter().copied().collect();
        Bytes::encode_as(&bytes, serializer)
    }
}

impl<'de> DecodeAs<'de, VecDeque<u8>> for DequeBytes {
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<VecDeque<u8>, D::Error> {
        let bytes: Vec<u8> = Bytes::decode_as(deserializer)?;
        Ok(bytes.into())
    }
}

impl<T: AsRef<[u8]> + ?Sized> EncodeAs<T> for ByteArray {
    #[inline]
    fn encode_as<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = value.as_ref();
        if !serializer.is_human_readable() {
            return serializer.serialize_bytes(bytes);
        }
        let mut list = serializer.serialize_tuple(bytes.len())?;
        for byte in bytes {
            list.serialize_element(byte)?;
        }
        list.end()
    }
}

/// Types that [`Bytes`] can be read into.
pub trait FromBytes<'de>: Sized {
    /// From bytes that live as long as the payload.
    fn borrowed(bytes: &'de [u8]) -> Self;
    /// From bytes made while reading; `None` if the type can only borrow.
    fn owned(bytes: Vec<u8>) -> Option<Self>;
}

/// Bytes that may be those of the payload.
struct Lent<'a>(Cow<'a, [u8]>);

macro_rules! from_bytes {
    ($de:lifetime $(: $shorter:lifetime)?, $ty:ty, $bytes:ident => $borrowed:expr, $owned:expr) => {
        impl<$de $(: $shorter, $shorter)?> FromBytes<$de> for $ty {
            #[inline]
            fn borrowed($bytes: &$de [u8]) -> Self {
                $borrowed
            }
            #[inline]
            fn owned($bytes: Vec<u8>) -> Option<Self> {
                $owned
            }
        }
    };
}

from_bytes!('de, Vec<u8>, bytes => bytes.to_vec(), Some(bytes));
from_bytes!('de, Box<[u8]>, bytes => bytes.into(), Some(bytes.into()));
from_bytes!('de, ::bytes::Bytes, bytes => Self::copy_from_slice(bytes), Some(bytes.into()));
from_bytes!('de, Arc<[u8]>, bytes => bytes.into(), Some(bytes.into()));
from_bytes!('de, Rc<[u8]>, bytes => bytes.into(), Some(bytes.into()));
from_bytes!('de: 'a, &'a [u8], bytes => bytes, { drop(bytes); None });
from_bytes!('de, Cow<'_, [u8]>, bytes => Cow::Owned(bytes.to_vec()), Some(Cow::Owned(bytes)));
from_bytes!('de: 'a, Lent<'a>, bytes => Self(Cow::Borrowed(bytes)), Some(Self(Cow::Owned(bytes))));

impl<'de, T: FromBytes<'de>> DecodeAs<'de, T> for Bytes {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(ByteVisitor {
                text: true,
                target: PhantomData,
            });
        }
        deserializer.deserialize_bytes(ByteVisitor {
            text: false,
            target: PhantomData,
        })
    }
}

impl<'de, const N: usize> DecodeAs<'de, [u8; N]> for ByteArray {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<[u8; N], D::Error> {
        let visitor = ByteVisitor::<Lent<'de>> {
            text: false,
            target: PhantomData,
        };
        let Lent(bytes) = match deserializer.is_human_readable() {
            true => deserializer.deserialize_any(visitor),
            false => deserializer.deserialize_bytes(visitor),
        }?;
        if bytes.is_empty() {
            return Ok([0; N]);
        }
        (*bytes).try_into().map_err(|_| {
            D::Error::custom(format_args!("{} bytes for an array of {N}", bytes.len()))
        })
    }
}

/// Reads bytes; `text` says that a text is base64 and not the bytes themselves.
struct ByteVisitor<T> {
    text: bool,
    target: PhantomData<T>,
}

impl<T> ByteVisitor<T> {
    fn made<'de, E: serde::de::Error>(bytes: Vec<u8>) -> Result<T, E>
    where
        T: FromBytes<'de>,
    {
        T::owned(bytes).ok_or_else(|| {
            E::custom(
                "these bytes are not in the payload as such and cannot be borrowed: use `Vec<u8>`",
            )
        })
    }
}

impl<'de, T: FromBytes<'de>> Visitor<'de> for ByteVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text {
            "a byte string in base64"
        } else {
            "a byte string"
        })
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<T, E> {
        Ok(T::borrowed(bytes))
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<T, E> {
        Self::made(bytes.to_vec())
    }

    fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<T, E> {
        Self::made(bytes)
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<T, E> {
        if self.text {
            self.visit_str(text)
        } else {
            Ok(T::borrowed(text.as_bytes()))
        }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        if !self.text {
            return Self::made(text.as_bytes().to_vec());
        }
        let bytes = STANDARD.decode(text);
        Self::made(bytes.map_err(|error| E::custom(format_args!("not base64: {error}")))?)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<T, E> {
        Ok(T::borrowed(&[]))
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<T, E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        let mut bytes = Vec::with_capacity(list.size_hint().unwrap_or(0).min(4096));
        while let Some(byte) = list.next_element::<u8>()? {
            bytes.push(byte);
        }
        Self::made(bytes)
    }
}
