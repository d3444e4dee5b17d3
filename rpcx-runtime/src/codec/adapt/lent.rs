//! Lists that a caller lends and that a handler is lent.

use std::fmt;
use std::ops::Deref;

use serde::de::Deserializer;
use serde::ser::Serializer;

use super::{AdaptedRef, DecodeAs, EncodeAs, Many};
use crate::codec::direct::{Output, Reader, list};
use crate::codec::{DecodeError, EncodeError};

/// The argument `&[T]`: written from a slice, read into a list of its own.
#[allow(clippy::exhaustive_enums, reason = "generated code names both")]
pub enum List<'a, T> {
    /// What a caller passes.
    Lent(&'a [T]),
    /// What was read.
    Owned(Vec<T>),
}

impl<T> Deref for List<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Lent(list) => list,
            Self::Owned(list) => list,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&**self).finish()
    }
}

impl<T, A: EncodeAs<T>> EncodeAs<List<'_, T>> for Many<A> {
    #[inline]
    fn encode_as<S: Serializer>(value: &List<'_, T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(AdaptedRef::<T, A>::new))
    }

    fn write<const N: usize>(
        value: &List<'_, T>,
        out: &mut Output,
        at: usize,
        prefix: &'static [u8; N],
    ) -> Result<usize, EncodeError> {
        let at = out.put(at, prefix);
        let mut at = out.list(at, value.len())?;
        for element in value.iter() {
            at = A::write(element, out, at, &[])?;
        }
        Ok(at)
    }
}

impl<'de, 'a, T, A: DecodeAs<'de, T>> DecodeAs<'de, List<'a, T>> for Many<A> {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<List<'a, T>, D::Error> {
        <Self as DecodeAs<'de, Vec<T>>>::decode_as(deserializer).map(List::Owned)
    }

    #[inline]
    fn read(reader: &mut Reader<'de>) -> Result<List<'a, T>, DecodeError> {
        list::<A, T>(reader).map(List::Owned)
    }
}
