//! The zero value of any type, for what a Go peer sends as nil or leaves out.

use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::message::STRUCT;

/// Yields what Go calls the zero value: 0, "", nothing, or a struct of such fields.
///
/// An enum has none, so it fails with serde's "missing field" and the name given here.
pub(crate) struct Zero<E> {
    field: &'static str,
    error: PhantomData<E>,
}

impl<E> Zero<E> {
    /// The zero value for the field of this name on the wire.
    pub(crate) fn new(field: &'static str) -> Self {
        Self {
            field,
            error: PhantomData,
        }
    }
}

impl<E> std::fmt::Debug for Zero<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Zero").field(&self.field).finish()
    }
}

macro_rules! zero {
    ($($method:ident => $visit:ident($value:expr);)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            visitor.$visit($value)
        }
    )*};
}

impl<'de, E: Error> Deserializer<'de> for Zero<E> {
    type Error = E;

    zero! {
        deserialize_bool => visit_bool(false);
        deserialize_i8 => visit_i8(0);
        deserialize_i16 => visit_i16(0);
        deserialize_i32 => visit_i32(0);
        deserialize_i64 => visit_i64(0);
        deserialize_i128 => visit_i128(0);
        deserialize_u8 => visit_u8(0);
        deserialize_u16 => visit_u16(0);
        deserialize_u32 => visit_u32(0);
        deserialize_u64 => visit_u64(0);
        deserialize_u128 => visit_u128(0);
        deserialize_f32 => visit_f32(0.0);
        deserialize_f64 => visit_f64(0.0);
        deserialize_char => visit_char('\0');
        deserialize_str => visit_borrowed_str("");
        deserialize_string => visit_borrowed_str("");
        deserialize_bytes => visit_borrowed_bytes(&[]);
        deserialize_byte_buf => visit_borrowed_bytes(&[]);
        deserialize_identifier => visit_borrowed_str("");
        deserialize_map => visit_map(ZeroMap::new(&[]));
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_unit()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_none()
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_seq(ZeroSeq {
            left: 0,
            field: self.field,
            error: PhantomData,
        })
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        if name == super::timestamp::EXT_STRUCT {
            return visitor.visit_unit();
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, E> {
        visitor.visit_seq(ZeroSeq {
            left: len,
            field: self.field,
            error: PhantomData,
        })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, E> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_map(ZeroMap::new(if name == STRUCT { &[] } else { fields }))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, E> {
        Err(E::missing_field(self.field))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

struct ZeroSeq<E> {
    left: usize,
    field: &'static str,
    error: PhantomData<E>,
}

impl<'de, E: Error> SeqAccess<'de> for ZeroSeq<E> {
    type Error = E;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, E> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(Zero::new(self.field)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// A map that has every name, each with a zero value.
pub(crate) struct ZeroMap<E> {
    names: &'static [&'static str],
    current: &'static str,
    error: PhantomData<E>,
}

impl<E> ZeroMap<E> {
    pub(crate) fn new(names: &'static [&'static str]) -> Self {
        Self {
            names,
            current: "",
            error: PhantomData,
        }
    }
}

impl<'de, E: Error> MapAccess<'de> for ZeroMap<E> {
    type Error = E;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, E> {
        let Some((name, rest)) = self.names.split_first() else {
            return Ok(None);
        };
        (self.names, self.current) = (rest, name);
        seed.deserialize(serde::de::value::BorrowedStrDeserializer::new(name))
            .map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, E> {
        seed.deserialize(Zero::new(self.current))
    }
}
