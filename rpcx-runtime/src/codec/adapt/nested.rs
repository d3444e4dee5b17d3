//! Forms inside of `Option`, lists, maps, pointers and tuples.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use super::{Adapted, AdaptedRef, DecodeAs, EncodeAs};
use crate::codec::direct::{Held, Output, Reader, Texts, entries, entry, list};
use crate::codec::msgpack::marker::NIL;
use crate::codec::{DecodeError, EncodeError};

/// An `Option` of something in the form `A`: nil for `None`.
#[derive(Debug)]
pub struct Maybe<A>(PhantomData<A>);

/// A list or a set of something in the form `A`.
#[derive(Debug)]
pub struct Many<A>(PhantomData<A>);

/// An array of something in the form `A`, which has as many elements on the wire.
#[derive(Debug)]
pub struct Fixed<A>(PhantomData<A>);

/// A map with values in the form `A`.
#[derive(Debug)]
pub struct Entries<A>(PhantomData<A>);

/// A pointer to something in the form `A`, of which nothing is seen on the wire.
#[derive(Debug)]
pub struct Inside<A>(PhantomData<A>);

/// A tuple whose parts have the forms of the tuple `A`.
#[derive(Debug)]
pub struct Parts<A>(PhantomData<A>);

impl<T, A: EncodeAs<T>> EncodeAs<Option<T>> for Maybe<A> {
    #[inline]
    fn encode_as<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_some(&AdaptedRef::<T, A>::new(value)),
            None => serializer.serialize_none(),
        }
    }

    #[inline(always)]
    fn write<const N: usize>(
        value: &Option<T>,
        out: &mut Output,
        at: usize,
        prefix: &'static [u8; N],
    ) -> Result<usize, EncodeError> {
        match value {
            Some(value) => A::write(value, out, at, prefix),
            None => Ok(out.nil_behind(at, prefix)),
        }
    }
}

impl<'de, T, A: DecodeAs<'de, T>> DecodeAs<'de, Option<T>> for Maybe<A> {
    #[inline]
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let value: Option<Adapted<T, A>> = Deserialize::deserialize(deserializer)?;
        Ok(value.map(Adapted::into_inner))
    }

    const TEXT: bool = A::TEXT;
    const IN_PLACE: bool = A::IN_PLACE;

    #[inline(always)]
    fn zero() -> Option<Option<T>> {
        Some(None)
    }

    #[inline(always)]
    fn read(reader: &mut Reader<'de>) -> Result<Option<T>, DecodeError> {
        match reader.nil() {
            true => Ok(None),
            false => A::read_some(reader).map(Some),
        }
    }

    // What is read in place consumes bytes, so that no depth has to be counted.
    #[inline(always)]
    fn read_in_place(bytes: &'de [u8]) -> Option<(Option<T>, &'de [u8])> {
        match bytes.split_first() {
            Some((&NIL, rest)) if A::IN_PLACE => Some((None, rest)),
            _ => A::read_in_place(bytes).map(|(value, rest)| (Some(value), rest)),
        }
    }

    #[inline(always)]
    fn is_worth_waiting(bytes: &[u8]) -> bool {
        A::is_worth_waiting(bytes)
    }

    #[inline(always)]
    fn from_short(bytes: &[u8]) -> Option<Option<T>> {
        A::from_short(bytes).map(Some)
    }

    #[inline(always)]
    fn hold(reader: &mut Reader<'de>) -> Result<Held<'de, Option<T>>, DecodeError> {
        if !A::TEXT {
            return Self::read(reader).map(Held::Value);
        }
        if reader.nil() {
            return Ok(Held::Value(None));
        }
        Ok(match A::hold(reader)? {
            Held::Value(value) => Held::Value(Some(value)),
            Held::Text(bytes) => Held::Text(bytes),
        })
    }

    #[inline(always)]
    fn from_texts(texts: &mut Texts<'_>, len: usize) -> Option<Option<T>> {
        A::from_texts(texts, len).map(Some)
    }
}

macro_rules! many {
    ($([$($bounds:tt)*] $ty:ty, $zero:expr;)*) => {$(
        impl<$($bounds)*, A: EncodeAs<T>> EncodeAs<$ty> for Many<A> {
            #[inline]
            fn encode_as<Z: Serializer>(value: &$ty, serializer: Z) -> Result<Z::Ok, Z::Error> {
                serializer.collect_seq(value.iter().map(AdaptedRef::<T, A>::new))
            }

            fn write<const N: usize>(
                value: &$ty,
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

        impl<'de, $($bounds)*, A: DecodeAs<'de, T>> DecodeAs<'de, $ty> for Many<A> {
            #[inline]
            fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<$ty, D::Error> {
                let list: Vec<Adapted<T, A>> = Deserialize::deserialize(deserializer)?;
                Ok(list.into_iter().map(Adapted::into_inner).collect())
            }

            #[inline(always)]
            fn zero() -> Option<$ty> {
                $zero
            }

            #[inline]
            fn read(reader: &mut Reader<'de>) -> Result<$ty, DecodeError> {
                Ok(list::<A, T>(reader)?.into_iter().collect())
            }
        }
    )*};
}

// A hasher is made for a set that is there, and not for each message before its fields are read.
many! {
    [T] Vec<T>, Some(Default::default());
    [T] VecDeque<T>, Some(Default::default());
    [T] LinkedList<T>, Some(Default::default());
    [T] Box<[T]>, Some(Default::default());
    ['c, T: Clone] Cow<'c, [T]>, Some(Default::default());
    [T: Ord] BTreeSet<T>, Some(Default::default());
    [T: Eq + Hash, S: BuildHasher + Default] HashSet<T, S>, None;
}

impl<T, A: EncodeAs<T>, const N: usize> EncodeAs<[T; N]> for Fixed<A> {
    #[inline]
    fn encode_as<S: Serializer>(value: &[T; N], serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_tuple(N)?;
        for element in value {
            list.serialize_element(&AdaptedRef::<T, A>::new(element))?;
        }
        list.end()
    }
}

impl<'de, T, A: DecodeAs<'de, T>, const N: usize> DecodeAs<'de, [T; N]> for Fixed<A> {
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<[T; N], D::Error> {
        let list = deserializer.deserialize_tuple(N, ArrayVisitor::<T, A, N>(PhantomData))?;
        let count = list.len();
        list.try_into()
            .map_err(|_| D::Error::custom(format_args!("{count} elements for an array of {N}")))
    }
}

struct ArrayVisitor<T, A, const N: usize>(PhantomData<(T, A)>);

impl<'de, T, A: DecodeAs<'de, T>, const N: usize> Visitor<'de> for ArrayVisitor<T, A, N> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {N}")
    }

    fn visit_seq<L: SeqAccess<'de>>(self, mut list: L) -> Result<Vec<T>, L::Error> {
        let mut values = Vec::with_capacity(N.min(256));
        while values.len() < N {
            let Some(value) = list.next_element::<Adapted<T, A>>()? else {
                break;
            };
            values.push(value.value);
        }
        Ok(values)
    }
}

macro_rules! entries {
    ($([$($bounds:tt)*] $ty:ty;)*) => {$(
        impl<A: EncodeAs<V>, V, $($bounds)*> EncodeAs<$ty> for Entries<A>
        where
            K: Serialize,
        {
            #[inline]
            fn encode_as<Z: Serializer>(value: &$ty, serializer: Z) -> Result<Z::Ok, Z::Error> {
                let entries = value.iter();
                serializer.collect_map(entries.map(|(key, value)| (key, AdaptedRef::<V, A>::new(value))))
            }

            fn write<const N: usize>(
                value: &$ty,
                out: &mut Output,
                at: usize,
                prefix: &'static [u8; N],
            ) -> Result<usize, EncodeError> {
                let at = out.put(at, prefix);
                let mut at = out.map(at, value.len())?;
                for (key, value) in value {
                    at = key.serialize(out.serializer(at))?;
                    at = A::write(value, out, at, &[])?;
                }
                Ok(at)
            }
        }

        impl<'de, A: DecodeAs<'de, V>, V, $($bounds)*> DecodeAs<'de, $ty> for Entries<A>
        where
            K: Deserialize<'de>,
        {
            #[inline]
            fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<$ty, D::Error> {
                deserializer.deserialize_map(EntriesVisitor::<$ty, A>(PhantomData))
            }

            fn read(reader: &mut Reader<'de>) -> Result<$ty, DecodeError> {
                let Some(len) = entries(reader)? else {
                    return Ok(<$ty>::with_room(0));
                };
                let mut map = <$ty>::with_room(len.min(MAX_ROOM));
                for _ in 0..len {
                    let (key, value) = entry::<A, K, V>(reader)?;
                    map.insert(key, value);
                }
                reader.leave();
                Ok(map)
            }
        }
    )*};
}

/// Entries that room is set aside for before they are seen.
const MAX_ROOM: usize = 512;

/// What entries are added to one by one.
trait Map {
    type Key;
    type Value;

    /// An empty one, with room for some entries.
    fn with_room(len: usize) -> Self;

    fn add(&mut self, key: Self::Key, value: Self::Value);
}

impl<K: Ord, V> Map for BTreeMap<K, V> {
    type Key = K;
    type Value = V;

    fn with_room(_: usize) -> Self {
        Self::new()
    }

    #[inline(always)]
    fn add(&mut self, key: K, value: V) {
        self.insert(key, value);
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> Map for HashMap<K, V, S> {
    type Key = K;
    type Value = V;

    fn with_room(len: usize) -> Self {
        Self::with_capacity_and_hasher(len, S::default())
    }

    #[inline(always)]
    fn add(&mut self, key: K, value: V) {
        self.insert(key, value);
    }
}

/// Reads a map whose values have the form `A`.
// Into the map itself: one that is collected from another is sorted or hashed once more, by some ten kilobytes of code for each
// type and deserializer.
struct EntriesVisitor<M, A>(PhantomData<(M, A)>);

impl<'de, M: Map, A: DecodeAs<'de, M::Value>> Visitor<'de> for EntriesVisitor<M, A>
where
    M::Key: Deserialize<'de>,
{
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<E: MapAccess<'de>>(self, mut entries: E) -> Result<M, E::Error> {
        let len = entries.size_hint().unwrap_or(0);
        let mut map = M::with_room(len.min(MAX_ROOM));
        while let Some((key, value)) = entries.next_entry::<M::Key, Adapted<M::Value, A>>()? {
            map.add(key, value.value);
        }
        Ok(map)
    }
}

entries! {
    [K: Ord] BTreeMap<K, V>;
    [K: Eq + Hash, S: BuildHasher + Default] HashMap<K, V, S>;
}

impl<T: Clone, A: EncodeAs<T>> EncodeAs<Cow<'_, T>> for Inside<A> {
    fn encode_as<S: Serializer>(value: &Cow<'_, T>, serializer: S) -> Result<S::Ok, S::Error> {
        A::encode_as(value, serializer)
    }
}

impl<'de, 'c, T: Clone, A: DecodeAs<'de, T>> DecodeAs<'de, Cow<'c, T>> for Inside<A> {
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'c, T>, D::Error> {
        A::decode_as(deserializer).map(Cow::Owned)
    }
}

macro_rules! inside {
    ($($pointer:ident)*) => {$(
        impl<T, A: EncodeAs<T>> EncodeAs<$pointer<T>> for Inside<A> {
            #[inline]
            fn encode_as<S: Serializer>(value: &$pointer<T>, serializer: S) -> Result<S::Ok, S::Error> {
                A::encode_as(value, serializer)
            }

            #[inline(always)]
            fn write<const N: usize>(
                value: &$pointer<T>,
                out: &mut Output,
                at: usize,
                prefix: &'static [u8; N],
            ) -> Result<usize, EncodeError> {
                A::write(value, out, at, prefix)
            }
        }

        impl<'de, T, A: DecodeAs<'de, T>> DecodeAs<'de, $pointer<T>> for Inside<A> {
            #[inline]
            fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<$pointer<T>, D::Error> {
                A::decode_as(deserializer).map($pointer::new)
            }

            #[inline]
            fn read(reader: &mut Reader<'de>) -> Result<$pointer<T>, DecodeError> {
                A::read(reader).map($pointer::new)
            }
        }
    )*};
}

inside!(Box Arc Rc);

macro_rules! parts {
    ($($count:literal ($($ty:ident $form:ident $value:ident),*);)*) => {$(
        impl<$($ty, $form: EncodeAs<$ty>),*> EncodeAs<($($ty,)*)> for Parts<($($form,)*)> {
            fn encode_as<Z: Serializer>(value: &($($ty,)*), serializer: Z) -> Result<Z::Ok, Z::Error> {
                let ($($value,)*) = value;
                let mut parts = serializer.serialize_tuple($count)?;
                $(parts.serialize_element(&AdaptedRef::<$ty, $form>::new($value))?;)*
                parts.end()
            }
        }

        impl<'de, $($ty, $form: DecodeAs<'de, $ty>),*> DecodeAs<'de, ($($ty,)*)> for Parts<($($form,)*)> {
            fn decode_as<Z: Deserializer<'de>>(deserializer: Z) -> Result<($($ty,)*), Z::Error> {
                let ($($value,)*): ($(Adapted<$ty, $form>,)*) = Deserialize::deserialize(deserializer)?;
                Ok(($($value.value,)*))
            }
        }
    )*};
}

parts! {
    1 (A FA a);
    2 (A FA a, B FB b);
    3 (A FA a, B FB b, C FC c);
    4 (A FA a, B FB b, C FC c, D FD d);
    5 (A FA a, B FB b, C FC c, D FD d, E FE e);
    6 (A FA a, B FB b, C FC c, D FD d, E FE e, F FF f);
    7 (A FA a, B FB b, C FC c, D FD d, E FE e, F FF f, G FG g);
    8 (A FA a, B FB b, C FC c, D FD d, E FE e, F FF f, G FG g, H FH h);
}
