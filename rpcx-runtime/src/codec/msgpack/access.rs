//! Lists, maps, variants and extensions while they are read.

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::super::DecodeError;
use super::super::budget::Budget;
use super::read::Reader;

type Result<T = ()> = std::result::Result<T, DecodeError>;

/// Room that is set aside for the elements of a list before they are seen. Types may be large, so
/// the announced number is not trusted beyond this, although the payload could hold as many.
const MAX_HINT: usize = 512;

/// The elements of a list, or the entries of a map.
pub(super) struct Elements<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
}

impl<'a, 'de> Elements<'a, 'de> {
    #[inline]
    pub(super) fn new(reader: &'a mut Reader<'de>, len: usize) -> Self {
        Self { reader, left: len }
    }

    /// `len` elements were announced; fewer were wanted.
    #[inline]
    pub(super) fn all_read(&self, len: usize) -> Result {
        match self.left {
            0 => Ok(()),
            left => Err(self.too_many(len, left)),
        }
    }

    #[cold]
    fn too_many(&self, len: usize, left: usize) -> DecodeError {
        self.reader
            .wrong(format!("{len} elements where {} fit", len - left))
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = DecodeError;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let charged = self.reader.budget.element::<T::Value>();
        charged.map_err(|kind| self.reader.error(kind))?;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left.min(MAX_HINT))
    }
}

/// The elements of a map. Its own type, and not `&mut Elements`, because serde's methods for
/// references are not inlined, and comparing a key with a constant pays only when they are.
///
/// `KEPT` says that a map will keep the entries; those of a struct are parts of it.
pub(super) struct Entries<'a, 'b, 'de, const KEPT: bool>(pub(super) &'a mut Elements<'b, 'de>);

impl<'de, const KEPT: bool> MapAccess<'de> for Entries<'_, '_, 'de, KEPT> {
    type Error = DecodeError;

    #[inline(always)]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let elements = &mut *self.0;
        if elements.left == 0 {
            return Ok(None);
        }
        elements.left -= 1;
        if KEPT {
            let charged = elements.reader.budget.key::<K::Value>();
            charged.map_err(|kind| elements.reader.error(kind))?;
        }
        seed.deserialize(&mut *elements.reader).map(Some)
    }

    #[inline(always)]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        if KEPT {
            let charged = self.0.reader.budget.element::<T::Value>();
            charged.map_err(|kind| self.0.reader.error(kind))?;
        }
        seed.deserialize(&mut *self.0.reader)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.0.left.min(MAX_HINT))
    }
}

/// The bytes of a byte string, as the numbers of a list.
pub(super) struct ByteElements<'a, 'de>(pub(super) &'de [u8], pub(super) &'a Budget);

impl<'de> SeqAccess<'de> for ByteElements<'_, 'de> {
    type Error = DecodeError;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some((byte, rest)) = self.0.split_first() else {
            return Ok(None);
        };
        self.0 = rest;
        let charged = self.1.element::<T::Value>();
        charged.map_err(|kind| DecodeError::new(kind, None))?;
        seed.deserialize(de::value::U8Deserializer::new(*byte))
            .map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len().min(MAX_HINT))
    }
}

/// A variant: its name alone, or the one entry of a map.
pub(super) struct Variant<'a, 'de> {
    pub(super) reader: &'a mut Reader<'de>,
    pub(super) has_data: bool,
}

impl Variant<'_, '_> {
    #[cold]
    fn missing(&self, what: &str) -> DecodeError {
        self.reader
            .wrong(format!("a variant without data where {what} belongs"))
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let start = self.reader.position();
        let variant = seed
            .deserialize(&mut *self.reader)
            .map_err(|error| error.at(start))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result {
        if self.has_data {
            self.reader.skip()
        } else {
            Ok(())
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        if !self.has_data {
            return Err(self.missing("a value"));
        }
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        if !self.has_data {
            return Err(self.missing("a list"));
        }
        self.reader.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if !self.has_data {
            return Err(self.missing("a map"));
        }
        self.reader.deserialize_struct("", fields, visitor)
    }
}

/// An extension as the pair of its tag and its bytes.
pub(super) struct Extension<'de> {
    tag: Option<i8>,
    bytes: Option<&'de [u8]>,
}

impl<'de> Extension<'de> {
    pub(super) fn new(tag: i8, bytes: &'de [u8]) -> Self {
        Self {
            tag: Some(tag),
            bytes: Some(bytes),
        }
    }
}

impl<'de> SeqAccess<'de> for Extension<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if let Some(tag) = self.tag.take() {
            return seed
                .deserialize(de::value::I8Deserializer::new(tag))
                .map(Some);
        }
        match self.bytes.take() {
            Some(bytes) => seed
                .deserialize(de::value::BorrowedBytesDeserializer::new(bytes))
                .map(Some),
            None => Ok(None),
        }
    }
}

impl<'de> Deserializer<'de> for Extension<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
