//! The `(tag, bytes)` pair of an extension, as rmp-serde's convention has it.

use serde::ser::{Error as _, Impossible, Serialize, SerializeTuple, Serializer};

use super::super::EncodeError;
use super::write;

type Result<T = ()> = std::result::Result<T, EncodeError>;
type Never = Impossible<(), EncodeError>;

fn refused<T>() -> Result<T> {
    Err(EncodeError::custom("`_ExtStruct` holds a pair of an `i8` and a byte string"))
}

/// Takes the pair.
pub(super) struct ExtSerializer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> ExtSerializer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }
}

/// Takes the two elements of the pair.
pub(super) struct Pair<'a> {
    out: &'a mut Vec<u8>,
    tag: Option<i8>,
    done: bool,
}

impl SerializeTuple for Pair<'_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        value.serialize(Element(self))
    }

    fn end(self) -> Result {
        if self.done { Ok(()) } else { refused() }
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
    () => {
        type Ok = ();
        type Error = EncodeError;
        type SerializeSeq = Never;
        type SerializeTupleStruct = Never;
        type SerializeTupleVariant = Never;
        type SerializeMap = Never;
        type SerializeStruct = Never;
        type SerializeStructVariant = Never;

        refuse! {
            serialize_bool(bool) -> ();
            serialize_i16(i16) -> ();
            serialize_i32(i32) -> ();
            serialize_i64(i64) -> ();
            serialize_u8(u8) -> ();
            serialize_u16(u16) -> ();
            serialize_u32(u32) -> ();
            serialize_u64(u64) -> ();
            serialize_f32(f32) -> ();
            serialize_f64(f64) -> ();
            serialize_char(char) -> ();
            serialize_str(&str) -> ();
            serialize_none() -> ();
            serialize_unit() -> ();
            serialize_unit_struct(&'static str) -> ();
            serialize_unit_variant(&'static str, u32, &'static str) -> ();
            serialize_seq(Option<usize>) -> Never;
            serialize_tuple_struct(&'static str, usize) -> Never;
            serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
            serialize_map(Option<usize>) -> Never;
            serialize_struct(&'static str, usize) -> Never;
            serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
        }

        fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result {
            refused()
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result {
            refused()
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result {
            refused()
        }

        fn is_human_readable(&self) -> bool {
            false
        }
    };
}

impl<'a> Serializer for ExtSerializer<'a> {
    type SerializeTuple = Pair<'a>;

    refuse_rest!();
    refuse! {
        serialize_i8(i8) -> ();
        serialize_bytes(&[u8]) -> ();
    }

    fn serialize_tuple(self, _: usize) -> Result<Pair<'a>> {
        Ok(Pair { out: self.out, tag: None, done: false })
    }
}

impl Serializer for Element<'_, '_> {
    type SerializeTuple = Never;

    refuse_rest!();
    refuse! {
        serialize_tuple(usize) -> Never;
    }

    fn serialize_i8(self, tag: i8) -> Result {
        self.0.tag = Some(tag);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result {
        match (self.0.tag, self.0.done) {
            (Some(tag), false) => {
                self.0.done = true;
                write::extension(self.0.out, tag, bytes)
            }
            _ => refused(),
        }
    }
}
