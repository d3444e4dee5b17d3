//! Texts.

use serde::Deserialize;

use super::super::msgpack::short_text;
use super::super::{DecodeError, EncodeError};
use super::texts::is_worth_waiting;
use super::{Held, Output, Read, Reader, Texts, Write};
use crate::codec::{SharedText, utf8};

type Result<T> = std::result::Result<T, DecodeError>;

macro_rules! written {
    ($($ty:ty;)*) => {$(
        impl Write for $ty {
            #[inline(always)]
            fn write<const N: usize>(
                &self,
                out: &mut Output,
                at: usize,
                prefix: &'static [u8; N],
            ) -> std::result::Result<usize, EncodeError> {
                let at = out.put(at, prefix);
                out.words(at, self)
            }
        }
    )*};
}

written! {
    String;
    &str;
    SharedText;
}

impl<'de> Read<'de> for String {
    const TEXT: bool = true;
    const LEAF: bool = true;

    #[inline(never)]
    fn read(reader: &mut Reader<'de>) -> Result<Self> {
        match reader.bytes_of_text() {
            Some(bytes) => Ok(reader.utf8(bytes)?.to_owned()),
            None => Self::deserialize(reader),
        }
    }

    #[inline(always)]
    fn is_worth_waiting(bytes: &[u8]) -> bool {
        is_worth_waiting(bytes)
    }

    #[inline(always)]
    fn from_short(bytes: &[u8]) -> Option<Self> {
        Some(utf8::text(bytes).ok()?.to_owned())
    }

    #[inline(never)]
    fn hold(reader: &mut Reader<'de>) -> Result<Held<'de, Self>> {
        match reader.bytes_of_text() {
            Some(bytes) if Self::is_worth_waiting(bytes) => Ok(Held::Text(bytes)),
            Some(bytes) => Ok(Held::Value(reader.utf8(bytes)?.to_owned())),
            None => Self::deserialize(reader).map(Held::Value),
        }
    }

    #[inline]
    fn from_texts(texts: &mut Texts<'_>, len: usize) -> Option<Self> {
        Some(texts.next(len).to_owned())
    }
}

impl<'de: 'a, 'a> Read<'de> for &'a str {
    const LEAF: bool = true;
    const IN_PLACE: bool = true;

    #[inline(always)]
    fn read_in_place(bytes: &'de [u8]) -> Option<(Self, &'de [u8])> {
        let (text, rest) = short_text(bytes)?;
        let text = utf8::text(text).ok()?;
        Some((text, rest))
    }

    #[inline(never)]
    fn read(reader: &mut Reader<'de>) -> Result<Self> {
        match reader.bytes_of_text() {
            Some(bytes) => reader.utf8(bytes),
            None => Self::deserialize(reader),
        }
    }
}

/// Texts that are shared wait in any case: there is one allocation for all of a message.
impl<'de> Read<'de> for SharedText {
    const TEXT: bool = true;
    const LEAF: bool = true;

    fn read(reader: &mut Reader<'de>) -> Result<Self> {
        match reader.bytes_of_text() {
            Some(bytes) => reader.utf8(bytes).map(Self::from),
            None => Self::deserialize(reader),
        }
    }

    #[inline(always)]
    fn is_worth_waiting(bytes: &[u8]) -> bool {
        !bytes.is_empty()
    }

    #[inline(never)]
    fn hold(reader: &mut Reader<'de>) -> Result<Held<'de, Self>> {
        match reader.bytes_of_text() {
            Some([]) => Ok(Held::Value(Self::default())),
            Some(bytes) => Ok(Held::Text(bytes)),
            None => Self::deserialize(reader).map(Held::Value),
        }
    }

    #[inline(always)]
    fn from_texts(texts: &mut Texts<'_>, len: usize) -> Option<Self> {
        Some(texts.share(len))
    }
}
