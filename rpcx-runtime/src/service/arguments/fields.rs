//! Arguments that travel as a map with a name for each, and replies that do.

use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Argument, ArgumentList, Arguments, As, Formed, MapArgument, SerdeValue};
use crate::codec::AdaptedRef;
use crate::codec::message::{self, Keys, ReadMap};
use crate::codec::{Coding, DecodeAs, DecodeError, EncodeAs, EncodeError, Serde, Way};
use crate::service::method::Method;

/// The names of the fields of a map.
pub trait Names {
    /// The name of the map, for errors.
    const NAME: &'static str;
    /// In the order of the values.
    const NAMES: &'static [&'static str];
}

/// The names of the arguments of `M`.
#[derive(Debug)]
pub struct ArgNames<M>(PhantomData<M>);

impl<M: Method> Names for ArgNames<M> {
    const NAME: &'static str = M::INFO.name;
    const NAMES: &'static [&'static str] = M::NAMES;
}

/// The name of the one field that the reply of `M` travels in.
#[derive(Debug)]
pub struct ReplyName<M>(PhantomData<M>);

impl<M: Method> Names for ReplyName<M> {
    const NAME: &'static str = M::INFO.name;
    const NAMES: &'static [&'static str] = M::REPLY;
}

/// A method with several arguments: a map with the names `N`.
#[derive(Debug)]
pub struct Fields<N, T>(PhantomData<(N, T)>);

/// A [`Fields`] being written: `T` says how, `V` are references to the values. The names are values, so that
/// methods with arguments of the same types share the code for them.
struct FieldsWriter<T, V> {
    keys: Keys,
    values: V,
    arguments: PhantomData<T>,
}

impl<T, V> FieldsWriter<T, V> {
    #[inline]
    fn new<N: Names>(values: V) -> Self {
        Self {
            keys: keys::<N>(),
            values,
            arguments: PhantomData,
        }
    }
}

/// Reads a [`Fields`] with the arguments `T`.
struct FieldsReader<T> {
    keys: Keys,
    arguments: PhantomData<T>,
}

impl<T> FieldsReader<T> {
    #[inline]
    fn new<N: Names>() -> Self {
        Self {
            keys: keys::<N>(),
            arguments: PhantomData,
        }
    }
}

impl<'de, T> DeserializeSeed<'de> for FieldsReader<T>
where
    Self: ReadMap<'de>,
{
    type Value = <Self as ReadMap<'de>>::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        message::read(self, deserializer)
    }
}

#[inline]
fn keys<N: Names>() -> Keys {
    Keys {
        name: N::NAME,
        names: N::NAMES,
    }
}

/// Not inlined: once for each type and not once more for each method.
#[inline(never)]
fn decode<'de, T>(
    fields: FieldsReader<T>,
    coding: Coding<'_>,
    bytes: &'de [u8],
) -> Result<<FieldsReader<T> as ReadMap<'de>>::Value, DecodeError>
where
    FieldsReader<T>: ReadMap<'de>,
{
    coding.decode_seed(fields, bytes)
}

macro_rules! fields {
    ($count:literal: $($index:tt $argument:ident $value:ident),+) => {
        impl<N, $($argument: Argument),+> ArgumentList for Fields<N, ($($argument,)+)> {
            type Refs<'r> = ($(&'r $argument::Value,)+) where Self: 'r;
            type Values = ($($argument::Value,)+);
        }

        impl<'de, N: Names, $($argument: MapArgument<'de>),+> Arguments<'de, Serde>
            for Fields<N, ($($argument,)+)>
        {
            fn encode(
                refs: ($(&$argument::Value,)+),
                coding: Coding<'_>,
                out: &mut Vec<u8>,
            ) -> Result<(), EncodeError> {
                super::encode(&FieldsWriter::<($(($argument, FormOf<'de, $argument>),)+), _>::new::<N>(refs), coding, out)
            }

            fn decode(coding: Coding<'_>, bytes: &'de [u8]) -> Result<Self::Values, DecodeError> {
                decode(FieldsReader::<($($argument,)+)>::new::<N>(), coding, bytes)
            }
        }

        impl<$($argument, $value),+> Serialize
            for FieldsWriter<($(($argument, $value),)+), ($(&$argument::Value,)+)>
        where
            $($argument: Argument, $value: EncodeAs<$argument::Value>),+
        {
            #[inline]
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let name = |index| name(self.keys.names, index);
                let mut map = serializer.serialize_struct(self.keys.name, $count)?;
                $(map.serialize_field(
                    name($index),
                    &AdaptedRef::<$argument::Value, $value>::new(self.values.$index),
                )?;)+
                map.end()
            }
        }

        impl<'de, $($argument: MapArgument<'de>),+> ReadMap<'de> for FieldsReader<($($argument,)+)> {
            type Value = ($($argument::Value,)+);

            #[inline]
            fn keys(&self) -> Keys {
                self.keys
            }

            fn read_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let names = self.keys.names;
                let mut found = ($(None::<$argument::Value>,)+);
                let mut turn = 0;
                loop {
                    let index = message::next_key_of(&mut map, names, turn, name(names, turn))?;
                    match index {
                        message::END => break,
                        $($index => {
                            let name = name(names, index);
                            let value = message::value::<_, FormOf<'de, $argument>, A>(&mut map, name)?;
                            found.$index = Some(value);
                        })+
                        _ => {}
                    }
                    turn = index + 1;
                }
                Ok(($(present::<$argument, A::Error>(found.$index, name(names, $index))?,)+))
            }

            fn read_nil<Error: serde::de::Error>(self) -> Result<Self::Value, Error> {
                let names = self.keys.names;
                Ok(($(present::<$argument, Error>(None, name(names, $index))?,)+))
            }
        }
    };
}

/// What reads and writes an element.
type FormOf<'de, E> = <<E as Argument>::Value as SerdeValue<'de, <E as Argument>::Form>>::As;

/// The name at a place, if it has one.
#[inline]
fn name(names: &'static [&'static str], index: usize) -> &'static str {
    names.get(index).copied().unwrap_or_default()
}

#[inline]
fn present<'de, E: MapArgument<'de>, Error: serde::de::Error>(
    found: Option<E::Value>,
    name: &'static str,
) -> Result<E::Value, Error> {
    match found.or_else(E::missing) {
        Some(value) => Ok(value),
        None => Err(Error::custom(format_args!(
            "the argument `{name}` is missing"
        ))),
    }
}

fields!(1: 0 E0 V0);
fields!(2: 0 E0 V0, 1 E1 V1);
fields!(3: 0 E0 V0, 1 E1 V1, 2 E2 V2);
fields!(4: 0 E0 V0, 1 E1 V1, 2 E2 V2, 3 E3 V3);
fields!(5: 0 E0 V0, 1 E1 V1, 2 E2 V2, 3 E3 V3, 4 E4 V4);
fields!(6: 0 E0 V0, 1 E1 V1, 2 E2 V2, 3 E3 V3, 4 E4 V4, 5 E5 V5);
fields!(7: 0 E0 V0, 1 E1 V1, 2 E2 V2, 3 E3 V3, 4 E4 V4, 5 E5 V5, 6 E6 V6);
fields!(8: 0 E0 V0, 1 E1 V1, 2 E2 V2, 3 E3 V3, 4 E4 V4, 5 E5 V5, 6 E6 V6, 7 E7 V7);
fields!(9: 0 E0 V0, 1 E1 V1, 2 E2 V2, 3 E3 V3, 4 E4 V4, 5 E5 V5, 6 E6 V6, 7 E7 V7, 8 E8 V8);
fields!(10: 0 E0 V0, 1 E1 V1, 2 E2 V2, 3 E3 V3, 4 E4 V4, 5 E5 V5, 6 E6 V6, 7 E7 V7, 8 E8 V8, 9 E9 V9);
fields!(11: 0 E0 V0, 1 E1 V1, 2 E2 V2, 3 E3 V3, 4 E4 V4, 5 E5 V5, 6 E6 V6, 7 E7 V7, 8 E8 V8, 9 E9 V9, 10 E10 V10);
fields!(12: 0 E0 V0, 1 E1 V1, 2 E2 V2, 3 E3 V3, 4 E4 V4, 5 E5 V5, 6 E6 V6, 7 E7 V7, 8 E8 V8, 9 E9 V9, 10 E10 V10, 11 E11 V11);

/// The form of a reply that travels as the one field of a map, in the form `A` inside it.
#[derive(Debug)]
pub struct InField<M, A>(PhantomData<(M, A)>);

impl<T, M: Method, A: EncodeAs<T>> EncodeAs<T> for InField<M, A> {
    fn encode_as<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct(M::INFO.name, 1)?;
        map.serialize_field(ReplyName::<M>::NAMES[0], &AdaptedRef::<T, A>::new(value))?;
        map.end()
    }
}

#[diagnostic::do_not_recommend]
impl<T, M, A: Way<T>> Way<T> for InField<M, A> {}

impl<'de, T, M, A> DecodeAs<'de, T> for InField<M, A>
where
    M: Method,
    A: EncodeAs<T> + DecodeAs<'de, T> + Way<T>,
{
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let field = FieldsReader::<(As<T, Formed<A>>,)>::new::<ReplyName<M>>();
        field.deserialize(deserializer).map(|(value,)| value)
    }
}
