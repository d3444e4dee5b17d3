//! Text that borrows from the payload where it can.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use serde::Serializer;
use serde::de::{Deserializer, Error, Visitor};

use super::{DecodeAs, EncodeAs};

/// Text of its own. nil reads as the empty text.
#[derive(Debug)]
#[non_exhaustive]
pub enum Text {}

/// Text: borrowed from the payload, except where a codec has to rewrite it, as JSON does with
/// escapes. nil reads as the empty text.
#[derive(Debug)]
#[non_exhaustive]
pub enum LentText {}

impl EncodeAs<Cow<'_, str>> for LentText {
    #[inline]
    fn encode_as<S: Serializer>(value: &Cow<'_, str>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value)
    }
}

impl<'de: 'a, 'a> DecodeAs<'de, Cow<'a, str>> for LentText {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'a, str>, D::Error> {
        // JSON's null is nil too, and only an option may be null to its deserializer.
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(TextVisitor);
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

impl EncodeAs<Cow<'_, str>> for Text {
    #[inline]
    fn encode_as<S: Serializer>(value: &Cow<'_, str>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value)
    }
}

impl<'de, 'a> DecodeAs<'de, Cow<'a, str>> for Text {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'a, str>, D::Error> {
        let text: Cow<'de, str> = LentText::decode_as(deserializer)?;
        Ok(Cow::Owned(text.into_owned()))
    }
}

macro_rules! shared_text {
    ($($ty:ty),*) => {$(
        impl EncodeAs<$ty> for Text {
            #[inline]
            fn encode_as<S: Serializer>(value: &$ty, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(value)
            }
        }

        impl<'de> DecodeAs<'de, $ty> for Text {
            #[inline]
            fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<$ty, D::Error> {
                let text: Cow<'de, str> = LentText::decode_as(deserializer)?;
                Ok(text.into())
            }
        }
    )*};
}

// serde itself has them only with its feature `rc`
shared_text!(Arc<str>, Rc<str>);

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    #[inline]
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text))
    }

    fn visit_unit<E: Error>(self) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(""))
    }
}
