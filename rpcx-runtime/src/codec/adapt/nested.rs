//! Forms inside `Option` and `Vec`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::ser::{SerializeSeq, Serializer};

use super::{Adapted, AdaptedRef, DecodeAs, EncodeAs};

/// An `Option` of something in the form `A`: nil for `None`.
#[derive(Debug)]
pub struct Maybe<A>(PhantomData<A>);

/// A `Vec` of something in the form `A`.
#[derive(Debug)]
pub struct Many<A>(PhantomData<A>);

impl<T, A: EncodeAs<T>> EncodeAs<Option<T>> for Maybe<A> {
    #[inline]
    fn encode_as<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_some(&AdaptedRef::<T, A>::new(value)),
            None => serializer.serialize_none(),
        }
    }
}

impl<'de, T, A: DecodeAs<'de, T>> DecodeAs<'de, Option<T>> for Maybe<A> {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let value: Option<Adapted<T, A>> = serde::Deserialize::deserialize(deserializer)?;
        Ok(value.map(Adapted::into_inner))
    }
}

impl<T, A: EncodeAs<T>> EncodeAs<Vec<T>> for Many<A> {
    #[inline]
    fn encode_as<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(value.len()))?;
        for element in value {
            list.serialize_element(&AdaptedRef::<T, A>::new(element))?;
        }
        list.end()
    }
}

impl<'de, T, A: DecodeAs<'de, T>> DecodeAs<'de, Vec<T>> for Many<A> {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(ListVisitor::<T, A>(PhantomData))
    }
}

struct ListVisitor<T, A>(PhantomData<(T, A)>);

impl<'de, T, A: DecodeAs<'de, T>> Visitor<'de> for ListVisitor<T, A> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<L: SeqAccess<'de>>(self, mut list: L) -> Result<Vec<T>, L::Error> {
        let mut values = Vec::with_capacity(list.size_hint().unwrap_or(0).min(256));
        while let Some(value) = list.next_element::<Adapted<T, A>>()? {
            values.push(value.value);
        }
        Ok(values)
    }
}
