//! The arguments of a method as one payload: nothing, one value, or a map with a name for each.
//!
//! The types here are never built; they tell a generic function how to read and write. Each group and
//! each element has exactly one impl for a codec family, so that rustc blames a type that cannot
//! travel and not the group around it.

use std::marker::PhantomData;

use serde::de::{DeserializeSeed, MapAccess};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde::{Deserialize, Deserializer};

use super::method::Method;
#[cfg(feature = "thrift")]
use crate::codec::EmptyMessage;
use crate::codec::message::{self, Keys, ReadMap};
use crate::codec::{
    Adapted, DecodeAs, DecodeError, EncodeAs, EncodeError, Family, Payload, Plain, Prost, Raw,
    Serde, Thrift, decode_seed, decode_serde, encode_serde,
};
use crate::protocol::Codec;

/// A value of the family [`Serde`], in the form `Form`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in an rpcx message",
    label = "no way to encode and decode it",
    note = "with the default codecs (msgpack, json) every argument and reply needs `#[derive(serde::Serialize, serde::Deserialize)]` or `#[rpcx::message]`"
)]
pub trait Value<'de, Form>: Sized {
    /// What reads and writes it.
    type As: EncodeAs<Self> + DecodeAs<'de, Self>;
}

#[diagnostic::do_not_recommend]
impl<'de, T: Serialize + Deserialize<'de>> Value<'de, Plain> for T {
    type As = Plain;
}

/// Any form but [`Plain`].
#[derive(Debug)]
pub struct Formed<A>(PhantomData<A>);

impl<'de, T, A: EncodeAs<T> + DecodeAs<'de, T>> Value<'de, Formed<A>> for T {
    type As = A;
}

/// A value that can be a whole payload of the family `F`, in the form `Form`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in an rpcx message",
    label = "no way to encode and decode it",
    note = "with the default codecs (msgpack, json) every argument and reply needs `#[derive(serde::Serialize, serde::Deserialize)]` or `#[rpcx::message]`"
)]
pub trait Carried<'de, F, Form>: Sized {
    /// Appends the value to `out`.
    fn write(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// Reads the value from the whole of `bytes`.
    fn read(codec: Codec, bytes: &'de [u8]) -> Result<Self, DecodeError>;
}

impl<'de, T: Value<'de, Form>, Form> Carried<'de, Serde, Form> for T {
    fn write(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode(&message::field::<T, T::As>(self), codec, out)
    }

    // Not inlined: once for each type, and not once more for each method.
    #[inline(never)]
    fn read(codec: Codec, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        decode_serde::<Adapted<T, T::As>>(codec, bytes).map(Adapted::into_inner)
    }
}

impl<'de, T: Payload<'de, Raw>, Form> Carried<'de, Raw, Form> for T {
    fn write(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode(codec, out)
    }

    fn read(codec: Codec, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        T::decode(codec, bytes)
    }
}

#[cfg(feature = "protobuf")]
impl<'de, T: Payload<'de, Prost>, Form> Carried<'de, Prost, Form> for T {
    fn write(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode(codec, out)
    }

    fn read(codec: Codec, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        T::decode(codec, bytes)
    }
}

/// Everything, so that rustc speaks of the missing feature and of nothing else: without it `Prost` is
/// no `Family`, and no method can have it.
#[cfg(not(feature = "protobuf"))]
impl<T, Form> Carried<'_, Prost, Form> for T {
    fn write(&self, codec: Codec, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::codec(codec))
    }

    fn read(codec: Codec, _: &[u8]) -> Result<Self, DecodeError> {
        Err(DecodeError::codec(codec))
    }
}

#[cfg(feature = "thrift")]
impl<'de, T: Payload<'de, Thrift>> Carried<'de, Thrift, Plain> for T {
    fn write(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode(codec, out)
    }

    fn read(codec: Codec, bytes: &'de [u8]) -> Result<Self, DecodeError> {
        T::decode(codec, bytes)
    }
}

/// The form of `()` in the family [`Thrift`]: a struct without fields. The thrift crate could one day
/// say that `()` is a message, so it cannot be one of ours in the plain form.
#[derive(Debug)]
#[non_exhaustive]
pub enum EmptyStruct {}

#[cfg(feature = "thrift")]
#[diagnostic::do_not_recommend]
impl Carried<'_, Thrift, Formed<EmptyStruct>> for () {
    fn write(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        EmptyMessage.encode(codec, out)
    }

    fn read(codec: Codec, bytes: &[u8]) -> Result<Self, DecodeError> {
        EmptyMessage::decode(codec, bytes).map(|EmptyMessage| ())
    }
}

/// Everything, as for `Prost`.
#[cfg(not(feature = "thrift"))]
impl<T, Form> Carried<'_, Thrift, Form> for T {
    fn write(&self, codec: Codec, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::codec(codec))
    }

    fn read(codec: Codec, _: &[u8]) -> Result<Self, DecodeError> {
        Err(DecodeError::codec(codec))
    }
}

/// One argument.
pub trait Element {
    /// Its type.
    type Value;
    /// How it is written: [`Plain`] or [`Formed`].
    type Form;
}

/// An argument that can be missing, or not.
pub trait Part<'de>: Element<Value: Value<'de, Self::Form>> {
    /// What stands for a name that is not in the map.
    fn missing() -> Option<Self::Value>;
}

/// A `T` in the form `Form`.
#[derive(Debug)]
pub struct As<T, Form = Plain>(PhantomData<(T, Form)>);

impl<T, Form> Element for As<T, Form> {
    type Value = T;
    type Form = Form;
}

impl<'de, T: Value<'de, Form>, Form> Part<'de> for As<T, Form> {
    fn missing() -> Option<T> {
        None
    }
}

/// The same, and the default value where the map does not have it.
#[derive(Debug)]
pub struct OrDefault<E>(PhantomData<E>);

impl<E: Element> Element for OrDefault<E> {
    type Value = E::Value;
    type Form = E::Form;
}

impl<'de, E: Part<'de, Value: Default>> Part<'de> for OrDefault<E>
where
    Self: Element<Value = E::Value, Form = E::Form>,
{
    fn missing() -> Option<E::Value> {
        Some(E::Value::default())
    }
}

/// The Rust side of an argument group, whatever its elements can do.
pub trait Group {
    /// What a client passes.
    type Refs<'r>: Copy
    where
        Self: 'r;
    /// What a handler is called with.
    type Values;
}

/// A group that can be a payload of the family `F`.
pub trait Arguments<'de, F>: Group {
    /// Appends the payload to `out`.
    fn pack(refs: Self::Refs<'_>, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// Reads all arguments from the whole of `bytes`.
    fn unpack(codec: Codec, bytes: &'de [u8]) -> Result<Self::Values, DecodeError>;
}

/// A method without arguments: nil, the value that fits most Go types.
#[derive(Debug)]
pub struct NoArgs(PhantomData<()>);

impl Group for NoArgs {
    type Refs<'r> = ();
    type Values = ();
}

impl<F: Family> Arguments<'_, F> for NoArgs {
    fn pack((): (), codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        F::write_nothing(codec, out)
    }

    /// A method without arguments must not run for a request that no method with arguments would run
    /// for: its caller would hear of an error after the side effect.
    fn unpack(codec: Codec, bytes: &[u8]) -> Result<(), DecodeError> {
        F::read_nothing(codec, bytes)
    }
}

/// A method with one argument, which is the message.
#[derive(Debug)]
pub struct One<E>(PhantomData<E>);

impl<E: Element> Group for One<E> {
    type Refs<'r>
        = &'r E::Value
    where
        Self: 'r;
    type Values = E::Value;
}

impl<'de, F, E: Element<Value: Carried<'de, F, E::Form>>> Arguments<'de, F> for One<E> {
    fn pack(value: &E::Value, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        value.write(codec, out)
    }

    fn unpack(codec: Codec, bytes: &'de [u8]) -> Result<E::Value, DecodeError> {
        E::Value::read(codec, bytes)
    }
}

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
struct Written<T, V> {
    keys: Keys,
    values: V,
    elements: PhantomData<T>,
}

impl<T, V> Written<T, V> {
    #[inline]
    fn new<N: Names>(values: V) -> Self {
        Self {
            keys: keys::<N>(),
            values,
            elements: PhantomData,
        }
    }
}

/// Reads a [`Fields`] with the elements `T`.
struct ReadFields<T> {
    keys: Keys,
    elements: PhantomData<T>,
}

impl<T> ReadFields<T> {
    #[inline]
    fn new<N: Names>() -> Self {
        Self {
            keys: keys::<N>(),
            elements: PhantomData,
        }
    }
}

impl<'de, T> DeserializeSeed<'de> for ReadFields<T>
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

/// Not inlined, as [`decode`]: once for each type and not once more for each method.
#[inline(never)]
fn encode<T: Serialize>(value: &T, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    encode_serde(value, codec, out)
}

#[inline(never)]
fn decode<'de, T>(
    fields: ReadFields<T>,
    codec: Codec,
    bytes: &'de [u8],
) -> Result<<ReadFields<T> as ReadMap<'de>>::Value, DecodeError>
where
    ReadFields<T>: ReadMap<'de>,
{
    decode_seed(fields, codec, bytes)
}

macro_rules! fields {
    ($count:literal: $($index:tt $element:ident $value:ident),+) => {
        impl<N, $($element: Element),+> Group for Fields<N, ($($element,)+)> {
            type Refs<'r> = ($(&'r $element::Value,)+) where Self: 'r;
            type Values = ($($element::Value,)+);
        }

        impl<'de, N: Names, $($element: Part<'de>),+> Arguments<'de, Serde>
            for Fields<N, ($($element,)+)>
        {
            fn pack(
                refs: ($(&$element::Value,)+),
                codec: Codec,
                out: &mut Vec<u8>,
            ) -> Result<(), EncodeError> {
                encode(&Written::<($(($element, As_<'de, $element>),)+), _>::new::<N>(refs), codec, out)
            }

            fn unpack(codec: Codec, bytes: &'de [u8]) -> Result<Self::Values, DecodeError> {
                decode(ReadFields::<($($element,)+)>::new::<N>(), codec, bytes)
            }
        }

        impl<$($element, $value),+> Serialize
            for Written<($(($element, $value),)+), ($(&$element::Value,)+)>
        where
            $($element: Element, $value: EncodeAs<$element::Value>),+
        {
            #[inline]
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let name = |index| name(self.keys.names, index);
                let mut map = serializer.serialize_struct(self.keys.name, $count)?;
                $(map.serialize_field(
                    name($index),
                    &message::field::<$element::Value, $value>(self.values.$index),
                )?;)+
                map.end()
            }
        }

        impl<'de, $($element: Part<'de>),+> ReadMap<'de> for ReadFields<($($element,)+)> {
            type Value = ($($element::Value,)+);

            #[inline]
            fn keys(&self) -> Keys {
                self.keys
            }

            fn read_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let names = self.keys.names;
                let mut found = ($(None::<$element::Value>,)+);
                let mut turn = 0;
                loop {
                    let index = message::next_key_of(&mut map, names, turn, name(names, turn))?;
                    match index {
                        message::END => break,
                        $($index => {
                            let name = name(names, index);
                            let value = message::value::<_, As_<'de, $element>, A>(&mut map, name)?;
                            found.$index = Some(value);
                        })+
                        _ => {}
                    }
                    turn = index + 1;
                }
                Ok(($(present::<$element, A::Error>(found.$index, name(names, $index))?,)+))
            }

            fn read_nil<Error: serde::de::Error>(self) -> Result<Self::Value, Error> {
                let names = self.keys.names;
                Ok(($(present::<$element, Error>(None, name(names, $index))?,)+))
            }
        }
    };
}

/// What reads and writes an element.
type As_<'de, E> = <<E as Element>::Value as Value<'de, <E as Element>::Form>>::As;

/// The name at a place, if it has one.
#[inline]
fn name(names: &'static [&'static str], index: usize) -> &'static str {
    names.get(index).copied().unwrap_or_default()
}

#[inline]
fn present<'de, E: Part<'de>, Error: serde::de::Error>(
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
        map.serialize_field(ReplyName::<M>::NAMES[0], &message::field::<T, A>(value))?;
        map.end()
    }
}

impl<'de, T, M: Method, A: EncodeAs<T> + DecodeAs<'de, T>> DecodeAs<'de, T> for InField<M, A> {
    fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let field = ReadFields::<(As<T, Formed<A>>,)>::new::<ReplyName<M>>();
        field.deserialize(deserializer).map(|(value,)| value)
    }
}
