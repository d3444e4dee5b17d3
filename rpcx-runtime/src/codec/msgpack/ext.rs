//! The `(tag, bytes)` pair of an extension, as rmp-serde's convention has it.

use serde::ser::{Error as _, Impossible, Serialize, SerializeTuple, Serializer};

use super::super::EncodeError;
use super::write::Output;

type Result<T = ()> = std::result::Result<T, EncodeError>;
type Never = Impossible<usize, EncodeError>;
type NeverElement = Impossible<(), EncodeError>;

fn refused<T>() -> Result<T> {
    Err(EncodeError::custom(
        "`_ExtStruct` holds a pair of an `i8` and a byte string",
    ))
}

/// Takes the pair.
pub(super) struct ExtSerializer<'a> {
    out: &'a mut Output,
    at: usize,
}

impl<'a> ExtSerializer<'a> {
    pub(super) fn new(out: &'a mut Output, at: usize) -> Self {
        Self { out, at }
    }
}

/// Takes the two elements of the pair.
pub(super) struct Pair<'a> {
    out: &'a mut Output,
    at: usize,
    tag: Option<i8>,
    end: Option<usize>,
}

impl SerializeTuple for Pair<'_> {
    type Ok = usize;
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        value.serialize(Element(self))
    }

    fn end(self) -> Result<usize> {
        self.end.map_or_else(refused, Ok)
    }
}

/// Takes one element of the pair.
struct Element<'a, 'b>(&'b mut Pair<'a>);

macro_rules! refuse {
    ($($method:ident($($ty:ty),*) -> $ret:ty;)*) => {$(
        fn $method(self $(, _: $ty)*) -> Result<$ret> {
            refused()
        }
    )*};
}

macro_rules! refuse_rest {
    ($ok:ty, $never:ty) => {
        type Ok = $ok;
        type Error = EncodeError;
        type SerializeSeq = $never;
        type SerializeTupleStruct = $never;
        type SerializeTupleVariant = $never;
        type SerializeMap = $never;
        type SerializeStruct = $never;
        type SerializeStructVariant = $never;

        refuse! {
            serialize_bool(bool) -> $ok;
            serialize_i16(i16) -> $ok;
            serialize_i32(i32) -> $ok;
            serialize_i64(i64) -> $ok;
            serialize_u8(u8) -> $ok;
            serialize_u16(u16) -> $ok;
            serialize_u32(u32) -> $ok;
            serialize_u64(u64) -> $ok;
            serialize_f32(f32) -> $ok;
            serialize_f64(f64) -> $ok;
            serialize_char(char) -> $ok;
            serialize_str(&str) -> $ok;
            serialize_none() -> $ok;
            serialize_unit() -> $ok;
            serialize_unit_struct(&'static str) -> $ok;
            serialize_unit_variant(&'static str, u32, &'static str) -> $ok;
            serialize_seq(Option<usize>) -> $never;
            serialize_tuple_struct(&'static str, usize) -> $never;
            serialize_tuple_variant(&'static str, u32, &'static str, usize) -> $never;
            serialize_map(Option<usize>) -> $never;
            serialize_struct(&'static str, usize) -> $never;
            serialize_struct_variant(&'static str, u32, &'static str, usize) -> $never;
        }

        fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<$ok> {
            refused()
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: &T,
        ) -> Result<$ok> {
            refused()
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<$ok> {
            refused()
        }

        fn is_human_readable(&self) -> bool {
            false
        }
    };
}

impl<'a> Serializer for ExtSerializer<'a> {
    type SerializeTuple = Pair<'a>;

    refuse_rest!(usize, Never);
    refuse! {
        serialize_i8(i8) -> usize;
        serialize_bytes(&[u8]) -> usize;
    }

    fn serialize_tuple(self, _: usize) -> Result<Pair<'a>> {
        Ok(Pair {
            out: self.out,
            at: self.at,
            tag: None,
            end: None,
        })
    }
}

impl Serializer for Element<'_, '_> {
    type SerializeTuple = NeverElement;

    refuse_rest!((), NeverElement);
    refuse! {
        serialize_tuple(usize) -> NeverElement;
    }

    fn serialize_i8(self, tag: i8) -> Result {
        self.0.tag = Some(tag);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result {
        let Some(tag) = self.0.tag.take() else {
            return refused();
        };
        self.0.end = Some(self.0.out.extension(self.0.at, tag, bytes)?);
        Ok(())
    }
}
