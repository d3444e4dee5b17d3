//! msgpack to serde's data model, as leniently as Go reads and never more.

use serde::de::{Deserializer, Error as _, Visitor};

use super::super::DecodeError;
use super::super::message::{KEY, STRUCT};
use super::super::timestamp::EXT_STRUCT;
use super::super::zero::{Zero, ZeroMap};
use super::access::{ByteElements, Elements, Entries, Extension, Variant};
use super::marker;
use super::read::Reader;

type Result<T = ()> = std::result::Result<T, DecodeError>;

impl<'de> Reader<'de> {
    /// A value that is not of the kind asked for: the visitor decides, and its refusal is placed.
    #[cold]
    #[inline(never)]
    pub(in crate::codec) fn other<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let start = self.position();
        self.any(visitor).map_err(|error| error.at(start))
    }

    fn any<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.peek()? {
            marker::NIL => {
                self.rest = &self.rest[1..];
                visitor.visit_unit()
            }
            marker @ (marker::FALSE | marker::TRUE) => {
                self.rest = &self.rest[1..];
                visitor.visit_bool(marker == marker::TRUE)
            }
            marker::F32 => {
                let [_, a, b, c, d] = self.chunk()?;
                visitor.visit_f32(f32::from_be_bytes([a, b, c, d]))
            }
            marker::F64 => {
                let [_, a, b, c, d, e, f, g, h] = self.chunk()?;
                visitor.visit_f64(f64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
            marker::UNUSED => Err(self.wrong("the byte 0xc1 begins no value".to_owned())),
            _ => self.any_sized(visitor),
        }
    }

    fn any_sized<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.unsigned() {
            Ok(value) => return visitor.visit_u64(value),
            Err(Some(error)) => return Err(error),
            Err(None) => {}
        }
        match self.signed() {
            Ok(value) => return visitor.visit_i64(value),
            Err(Some(error)) => return Err(error),
            Err(None) => {}
        }
        match self.string()? {
            Some((bytes, true)) => return visitor.visit_borrowed_str(self.utf8(bytes)?),
            Some((bytes, false)) => return visitor.visit_borrowed_bytes(bytes),
            None => {}
        }
        if let Some(len) = self.array()? {
            return self.list(len, visitor);
        }
        if let Some(len) = self.map()? {
            return self.entries::<V, true>(len, visitor);
        }
        match self.extension()? {
            Some((tag, bytes)) => visitor.visit_newtype_struct(Extension::new(tag, bytes)),
            None => Err(self.wrong("no value begins with this byte".to_owned())),
        }
    }

    #[inline]
    fn list<V: Visitor<'de>>(&mut self, len: usize, visitor: V) -> Result<V::Value> {
        self.enter()?;
        let mut elements = Elements::new(self, len);
        let value = visitor.visit_seq(&mut elements)?;
        elements.all_read(len)?;
        self.leave();
        Ok(value)
    }

    #[inline]
    fn entries<V: Visitor<'de>, const KEPT: bool>(
        &mut self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.enter()?;
        let mut elements = Elements::new(self, len);
        let value = visitor.visit_map(Entries::<KEPT>(&mut elements))?;
        elements.all_read(len)?;
        self.leave();
        Ok(value)
    }

    #[inline]
    fn signed_value<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let start = self.position();
        match self.signed() {
            Ok(value) => visitor
                .visit_i64(value)
                .map_err(|error: DecodeError| error.at(start)),
            Err(None) => self.other(visitor),
            Err(Some(error)) => Err(error),
        }
    }

    #[inline]
    fn unsigned_value<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let start = self.position();
        match self.unsigned() {
            Ok(value) => visitor
                .visit_u64(value)
                .map_err(|error: DecodeError| error.at(start)),
            Err(None) => self.other(visitor),
            Err(Some(error)) => Err(error),
        }
    }

    /// A number of 128 bits: an integer, or the 16 bytes of one.
    fn wide<V: Visitor<'de>>(
        &mut self,
        visitor: V,
        visit: impl FnOnce(V, [u8; 16]) -> Result<V::Value>,
    ) -> Result<V::Value> {
        let start = self.rest;
        if let Some((bytes, false)) = self.string()?
            && let Ok(bytes) = bytes.try_into()
        {
            return visit(visitor, bytes);
        }
        self.rest = start;
        match self.nil() {
            true => visitor.visit_i64(0),
            false => self.other(visitor),
        }
    }

    fn float<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        if self.nil() {
            visitor.visit_f64(0.0)
        } else {
            self.other(visitor)
        }
    }

    /// The name of a field. Names are short and mostly known, so this is all there is to compare one.
    #[inline(always)]
    fn key<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.short_text() {
            Some(bytes) => visitor.visit_borrowed_bytes(bytes),
            None => self.long_key(visitor),
        }
    }

    #[cold]
    fn long_key<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn extension_pair<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.extension()? {
            Some((tag, bytes)) => visitor.visit_newtype_struct(Extension::new(tag, bytes)),
            None => self.other(visitor),
        }
    }

    /// An array for a struct, which has to have one element for each field.
    #[cold]
    fn fields<V: Visitor<'de>>(&mut self, count: usize, visitor: V) -> Result<V::Value> {
        let start = self.position();
        match self.array()? {
            Some(len) if len == count => self.list(len, visitor),
            Some(len) => {
                let text = format!("a list of {len} elements for a struct of {count} fields");
                Err(DecodeError::custom(text).at(start))
            }
            None => self.other(visitor),
        }
    }
}

macro_rules! integers {
    ($($method:ident => $read:ident;)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.$read(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = DecodeError;

    integers! {
        deserialize_any => any;
        deserialize_i8 => signed_value;
        deserialize_i16 => signed_value;
        deserialize_i32 => signed_value;
        deserialize_i64 => signed_value;
        deserialize_u8 => unsigned_value;
        deserialize_u16 => unsigned_value;
        deserialize_u32 => unsigned_value;
        deserialize_u64 => unsigned_value;
        deserialize_f32 => float;
        deserialize_f64 => float;
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.wide(visitor, |visitor, bytes| {
            visitor.visit_i128(i128::from_be_bytes(bytes))
        })
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.wide(visitor, |visitor, bytes| {
            visitor.visit_u128(u128::from_be_bytes(bytes))
        })
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.rest.split_first() {
            Some((&marker @ (marker::FALSE | marker::TRUE | marker::NIL), rest)) => {
                self.rest = rest;
                visitor.visit_bool(marker == marker::TRUE)
            }
            _ => self.other(visitor),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.nil() {
            visitor.visit_char('\0')
        } else {
            self.deserialize_str(visitor)
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.text() {
            Ok(text) => visitor.visit_borrowed_str(text),
            Err(None) if self.nil() => visitor.visit_borrowed_str(""),
            Err(None) => self.other(visitor),
            Err(Some(error)) => Err(error),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.string()? {
            Some((bytes, _)) => visitor.visit_borrowed_bytes(bytes),
            None if self.nil() => visitor.visit_borrowed_bytes(&[]),
            None => self.other(visitor),
        }
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.nil() {
            return visitor.visit_none();
        }
        self.enter_some()?;
        visitor.visit_some(self)
    }

    /// Anything is fine for nothing: Go has `struct{}`, nil and the empty map for it.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    #[inline(always)]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        if name == KEY {
            return self.key(visitor);
        }
        if name != EXT_STRUCT {
            return visitor.visit_newtype_struct(self);
        }
        self.extension_pair(visitor)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if let Some(len) = self.array()? {
            return self.list(len, visitor);
        }
        if self.nil() {
            return visitor.visit_seq(ByteElements(&[], &self.budget));
        }
        let start = self.rest;
        match self.string()? {
            Some((bytes, false)) => {
                let mut elements = ByteElements(bytes, &self.budget);
                let value = visitor.visit_seq(&mut elements)?;
                match elements.0.len() {
                    0 => Ok(value),
                    left => {
                        let (len, fit) = (bytes.len(), bytes.len() - left);
                        Err(self.wrong(format!("{len} bytes where {fit} fit")))
                    }
                }
            }
            _ => {
                self.rest = start;
                self.other(visitor)
            }
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        self.compound::<V::Value>()?;
        if self.nil() {
            return Zero::new("").deserialize_tuple(len, visitor);
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.map()? {
            Some(len) => self.entries::<V, true>(len, visitor),
            None if self.nil() => visitor.visit_map(ZeroMap::new(&[])),
            None => self.other(visitor),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.compound::<V::Value>()?;
        match self.map()? {
            Some(len) => self.entries::<V, false>(len, visitor),
            None if name == STRUCT && self.nil() => self.entries::<V, false>(0, visitor),
            None if self.nil() => visitor.visit_map(ZeroMap::new(fields)),
            None => self.fields(fields.len(), visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.compound::<V::Value>()?;
        match self.peek()? {
            marker::NIL => Err(self.wrong(format!(
                "nil for the enum `{name}`, which has no zero value"
            ))),
            marker::FIXMAP..=0x8f | marker::MAP16 | marker::MAP32 => match self.map()? {
                Some(1) => {
                    self.enter()?;
                    let value = visitor.visit_enum(Variant {
                        reader: &mut *self,
                        has_data: true,
                    })?;
                    self.leave();
                    Ok(value)
                }
                _ => Err(self.wrong(format!("the enum `{name}` is a map of one entry"))),
            },
            _ => visitor.visit_enum(Variant {
                reader: self,
                has_data: false,
            }),
        }
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        false
    }
}
