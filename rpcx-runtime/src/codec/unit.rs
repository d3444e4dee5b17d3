//! Types that say nothing.

use serde::de::{Deserialize, Deserializer, Error as _, Visitor};

/// The value of `()` and of types like it: unit structs, newtypes around them, and what ignores its input. `None` for
/// every other type, also for those that take no memory, such as an enum with one variant.
///
/// Peers write a value without a meaning in different ways, so these types are read from any value.
#[cfg_attr(not(any(feature = "json", feature = "custom-codec")), allow(dead_code))]
pub(super) fn unit<'de, T: Deserialize<'de>>() -> Option<T> {
    if size_of::<T>() > 0 {
        return None;
    }
    T::deserialize(Unit).ok()
}

/// Yields `()`, and nothing else.
struct Unit;

type Result<T> = std::result::Result<T, serde::de::value::Error>;

impl<'de> Deserializer<'de> for Unit {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(Self::Error::custom("not a unit"))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        seq tuple tuple_struct map struct enum identifier
    }
}
