//! What [`codec::direct`](crate::codec::direct) needs beside serde's way.

use std::convert::Infallible;
use std::fmt;

use serde::de::Visitor;

use super::super::{DecodeError, DecodeErrorKind, EncodeError, utf8};
use super::marker;
use super::read::Reader;
use super::ser::Serializer;
use super::write::{Container, Output};

type Result<T = ()> = std::result::Result<T, DecodeError>;
type Encoded = std::result::Result<usize, EncodeError>;

impl<'de> Reader<'de> {
    /// A struct of this size is going to be made.
    #[inline]
    pub(in crate::codec) fn compound_of(&self, size: usize) -> Result {
        let charged = self.budget.compound_of(size);
        charged.map_err(|kind| self.error(kind))
    }

    /// An element of this size is going to be made.
    #[inline]
    pub(in crate::codec) fn element_of(&self, size: usize) -> Result {
        self.budget.charge(size).map_err(|kind| self.error(kind))
    }

    /// A key of this size, and an entry around it, are going to be made.
    #[inline]
    pub(in crate::codec) fn key_of(&self, size: usize) -> Result {
        self.budget.key_of(size).map_err(|kind| self.error(kind))
    }

    /// Not even nil stands where a map belongs.
    #[cold]
    pub(in crate::codec) fn no_map<T>(&mut self) -> Result<Option<T>> {
        self.other(NoMap).map(|never: Infallible| match never {})
    }

    /// The bytes of a text or byte string that is whole. `None`, and nothing consumed, for everything else.
    #[inline(always)]
    pub(in crate::codec) fn bytes_of_text(&mut self) -> Option<&'de [u8]> {
        match short_text(self.rest) {
            Some((text, rest)) => {
                self.rest = rest;
                Some(text)
            }
            None => self.long_text(),
        }
    }

    #[inline(never)]
    fn long_text(&mut self) -> Option<&'de [u8]> {
        let start = self.rest;
        if let Ok(Some((bytes, _))) = self.string() {
            return Some(bytes);
        }
        self.rest = start;
        None
    }

    /// Makes an error of a part of the payload that is not UTF-8, unless there is one that is earlier.
    #[cold]
    pub(in crate::codec) fn find_invalid(&self, bytes: &[u8], first: &mut Option<DecodeError>) {
        let Err(valid) = utf8::text(bytes) else {
            return;
        };
        // what was read lies before what is left, in the same payload
        let behind = self.rest.as_ptr().addr() - bytes.as_ptr().addr();
        let offset = self.position() - behind + valid;
        let before = first.as_ref().and_then(DecodeError::offset);
        if before.is_none_or(|before| offset < before) {
            let text = "a text that is not UTF-8".to_owned();
            *first = Some(DecodeError::new(DecodeErrorKind::Value(text), Some(offset)));
        }
    }

    /// The error of a message whose texts are not all UTF-8, or that has the error `first`: the one that is earliest in
    /// the payload.
    #[cold]
    #[inline(never)]
    pub fn invalid(&self, mut first: Option<DecodeError>, texts: &[Option<&[u8]>]) -> DecodeError {
        for text in texts.iter().flatten() {
            self.find_invalid(text, &mut first);
        }
        first.unwrap_or_else(|| self.wrong("a text that is not UTF-8".to_owned()))
    }

    #[cold]
    pub(in crate::codec) fn wrong_list(
        &self,
        start: usize,
        len: usize,
        count: usize,
    ) -> DecodeError {
        let text = format!("a list of {len} elements for a struct of {count} fields");
        DecodeError::new(DecodeErrorKind::Value(text), Some(start))
    }
}

/// The bytes of a text or byte string with a length of up to one byte, and what follows them. `None` for everything
/// else.
#[inline(always)]
pub(in crate::codec) fn short_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = match bytes {
        [marker @ 0xa0..=0xbf, rest @ ..] => (marker & 0x1f, rest),
        [marker::STR8 | marker::BIN8, len, rest @ ..] => (*len, rest),
        _ => return None,
    };
    rest.split_at_checked(usize::from(len))
}

/// Takes no value: its errors are those of a map.
struct NoMap;

impl Visitor<'_> for NoMap {
    type Value = Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }
}

impl Output {
    /// The header of a list.
    #[inline]
    pub(in crate::codec) fn list(&mut self, at: usize, len: usize) -> Encoded {
        self.header(at, Container::Array, len)
    }

    /// The header of a map.
    #[inline]
    pub(in crate::codec) fn map(&mut self, at: usize, len: usize) -> Encoded {
        self.header(at, Container::Map, len)
    }

    /// A text, most of which are short.
    #[inline(never)]
    pub(in crate::codec) fn words(&mut self, at: usize, text: &str) -> Encoded {
        let Ok(len) = u8::try_from(text.len()) else {
            return self.text(at, text);
        };
        let room = self.room(at, 2 + text.len());
        let (header, room) = match len {
            0..32 => {
                room[0] = marker::FIXSTR | len;
                (1, &mut room[1..])
            }
            _ => {
                room[0] = marker::STR8;
                room[1] = len;
                (2, &mut room[2..])
            }
        };
        room[..text.len()].copy_from_slice(text.as_bytes());
        Ok(at + header + text.len())
    }

    /// nil behind a constant.
    #[inline(always)]
    pub(in crate::codec) fn nil_behind<const N: usize>(
        &mut self,
        at: usize,
        prefix: &'static [u8; N],
    ) -> usize {
        self.byte_behind(at, prefix, marker::NIL)
    }

    /// Writes a value of serde at this position.
    #[inline]
    pub(in crate::codec) fn serializer(
        &mut self,
        at: usize,
    ) -> impl serde::Serializer<Ok = usize, Error = EncodeError> {
        Serializer::new(self, at)
    }

    /// Bytes that are known when the caller is compiled; gives the position behind them.
    #[inline(always)]
    pub fn put<const N: usize>(&mut self, at: usize, bytes: &'static [u8; N]) -> usize {
        self.array(at, *bytes)
    }

    /// One byte behind a constant.
    #[inline(always)]
    pub(in crate::codec) fn byte_behind<const N: usize>(
        &mut self,
        at: usize,
        prefix: &'static [u8; N],
        byte: u8,
    ) -> usize {
        let room = self.room(at, N + 1);
        room[..N].copy_from_slice(prefix);
        room[N] = byte;
        at + N + 1
    }

    /// An integer behind a constant.
    #[inline(always)]
    pub(in crate::codec) fn unsigned_behind<const N: usize>(
        &mut self,
        at: usize,
        prefix: &'static [u8; N],
        value: u64,
    ) -> usize {
        self.number_behind(at, prefix, |room| match u32::try_from(value) {
            Ok(value) => usual(room, value),
            Err(_) => unsigned(room, value),
        })
    }

    /// The same with a sign.
    #[inline(always)]
    pub(in crate::codec) fn signed_behind<const N: usize>(
        &mut self,
        at: usize,
        prefix: &'static [u8; N],
        value: i64,
    ) -> usize {
        self.number_behind(at, prefix, |room| match u32::try_from(value) {
            Ok(value) => usual(room, value),
            Err(_) => signed(room, value),
        })
    }

    /// A constant and up to nine bytes, which `write` says how many are.
    #[inline(always)]
    fn number_behind<const N: usize>(
        &mut self,
        at: usize,
        prefix: &'static [u8; N],
        write: impl FnOnce(&mut Number) -> usize,
    ) -> usize {
        let room = self.room(at, N + size_of::<Number>());
        let (front, number) = room.split_at_mut(N);
        front.copy_from_slice(prefix);
        match number.first_chunk_mut() {
            Some(number) => at + N + write(number),
            None => at,
        }
    }

    /// Makes room for at least so many bytes, so that it is made once.
    #[inline(always)]
    pub fn expect(&mut self, at: usize, bytes: usize) {
        self.room(at, bytes);
    }
}

/// Room for any number.
type Number = [u8; 9];

/// An integer in one byte or in five, the usual forms, without a call.
#[inline(always)]
fn usual(room: &mut Number, value: u32) -> usize {
    match value {
        0..0x80 => {
            room[0] = value as u8;
            1
        }
        0x1_0000.. => {
            let [a, b, c, d] = value.to_be_bytes();
            [room[0], room[1], room[2], room[3], room[4]] = [marker::U32, a, b, c, d];
            5
        }
        _ => unsigned(room, value.into()),
    }
}

/// An integer of more than one byte.
#[inline(never)]
fn unsigned(room: &mut Number, value: u64) -> usize {
    if let Ok(value) = u32::try_from(value) {
        if value > 0xffff {
            let [a, b, c, d] = value.to_be_bytes();
            [room[0], room[1], room[2], room[3], room[4]] = [marker::U32, a, b, c, d];
            return 5;
        }
        let [.., a, b] = value.to_be_bytes();
        if a > 0 {
            [room[0], room[1], room[2]] = [marker::U16, a, b];
            return 3;
        }
        [room[0], room[1]] = [marker::U8, b];
        return 2;
    }
    let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
    *room = [marker::U64, a, b, c, d, e, f, g, h];
    9
}

/// The same with a sign.
#[inline(never)]
fn signed(room: &mut Number, value: i64) -> usize {
    match u64::try_from(value) {
        Ok(value) => unsigned(room, value),
        Err(_) => negative(room, value),
    }
}

fn negative(room: &mut Number, value: i64) -> usize {
    if value >= -32 {
        room[0] = value as u8;
        1
    } else if let Ok(value) = i8::try_from(value) {
        [room[0], room[1]] = [marker::I8, value.cast_unsigned()];
        2
    } else if let Ok(value) = i16::try_from(value) {
        let [a, b] = value.to_be_bytes();
        [room[0], room[1], room[2]] = [marker::I16, a, b];
        3
    } else if let Ok(value) = i32::try_from(value) {
        let [a, b, c, d] = value.to_be_bytes();
        [room[0], room[1], room[2], room[3], room[4]] = [marker::I32, a, b, c, d];
        5
    } else {
        let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
        *room = [marker::I64, a, b, c, d, e, f, g, h];
        9
    }
}
