//! serde's data model to msgpack.

use serde::ser::{self, Serialize};

use super::super::{EncodeError, timestamp::EXT_STRUCT};
use super::compound::Compound;
use super::ext::ExtSerializer;
use super::write::{Container, Output};

type Result<T = usize> = std::result::Result<T, EncodeError>;

/// Writes one value at a position, and gives the position behind it.
pub(super) struct Serializer<'a> {
    out: &'a mut Output,
    at: usize,
}

impl<'a> Serializer<'a> {
    #[inline]
    pub(super) fn new(out: &'a mut Output, at: usize) -> Self {
        Self { out, at }
    }

    /// The map of one entry that stands for a variant with data: its header and key.
    fn tag(&mut self, variant: &'static str) -> Result<()> {
        let at = self.out.header(self.at, Container::Map, 1)?;
        self.at = self.out.text(at, variant)?;
        Ok(())
    }
}

macro_rules! integers {
    ($($method:ident($ty:ty) => $write:ident;)*) => {$(
        #[inline]
        fn $method(self, value: $ty) -> Result {
            Ok(self.out.$write(self.at, value.into()))
        }
    )*};
}

impl<'a> ser::Serializer for Serializer<'a> {
    type Ok = usize;
    type Error = EncodeError;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    integers! {
        serialize_i8(i8) => signed;
        serialize_i16(i16) => signed;
        serialize_i32(i32) => signed;
        serialize_i64(i64) => signed;
        serialize_u8(u8) => unsigned;
        serialize_u16(u16) => unsigned;
        serialize_u32(u32) => unsigned;
        serialize_u64(u64) => unsigned;
        serialize_f32(f32) => float;
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result {
        Ok(self.out.bool(self.at, value))
    }

    fn serialize_i128(self, value: i128) -> Result {
        match i64::try_from(value) {
            Ok(value) => self.serialize_i64(value),
            Err(_) => self.out.bytes(self.at, &value.to_be_bytes()),
        }
    }

    fn serialize_u128(self, value: u128) -> Result {
        match u64::try_from(value) {
            Ok(value) => self.serialize_u64(value),
            Err(_) => self.out.bytes(self.at, &value.to_be_bytes()),
        }
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result {
        Ok(self.out.double(self.at, value))
    }

    fn serialize_char(self, value: char) -> Result {
        self.out.text(self.at, value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result {
        self.out.text(self.at, value)
    }

    #[inline]
    fn serialize_bytes(self, value: &[u8]) -> Result {
        self.out.bytes(self.at, value)
    }

    #[inline]
    fn serialize_none(self) -> Result {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result {
        Ok(self.out.nil(self.at))
    }

    #[inline]
    fn serialize_unit_struct(self, _: &'static str) -> Result {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result {
        self.out.text(self.at, variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result {
        if name == EXT_STRUCT {
            return value.serialize(ExtSerializer::new(self.out, self.at));
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result {
        self.tag(variant)?;
        value.serialize(self)
    }

    #[inline]
    fn serialize_seq(self, len: Option<usize>) -> Result<Compound<'a>> {
        Compound::new(self.out, self.at, Container::Array, len)
    }

    #[inline]
    fn serialize_tuple(self, len: usize) -> Result<Compound<'a>> {
        Compound::new(self.out, self.at, Container::Array, Some(len))
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'a>> {
        Compound::new(self.out, self.at, Container::Array, Some(len))
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a>> {
        self.tag(variant)?;
        Compound::new(self.out, self.at, Container::Array, Some(len))
    }

    #[inline]
    fn serialize_map(self, len: Option<usize>) -> Result<Compound<'a>> {
        Compound::new(self.out, self.at, Container::Map, len)
    }

    #[inline]
    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Compound<'a>> {
        Compound::new(self.out, self.at, Container::Map, Some(len))
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a>> {
        self.tag(variant)?;
        Compound::new(self.out, self.at, Container::Map, Some(len))
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        false
    }
}
