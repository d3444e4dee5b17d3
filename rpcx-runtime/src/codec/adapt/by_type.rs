//! Which types have a form of their own: a trait says so, and not what a type is called.
//!
//! Generated code asks for every type whether it is one, and takes serde's form where it is not. The question
//! is answered while the user's crate is compiled, for aliases and types of any name and depth alike.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    ByteArray, Bytes, DecodeAs, DequeBytes, EncodeAs, Entries, Fixed, Inside, LentBytes, LentText,
    Many, Maybe, Nanos, NoWay, Plain, Text, Time,
};
use crate::codec::direct::{Direct, Held, Output, Reader, Texts};
use crate::codec::{DecodeError, EncodeError, SharedText};

/// Types that travel in another form than serde's own, such as byte strings and times; types that MessagePack reads
/// and writes without serde ([`Direct`]); and containers of them.
pub trait OwnForm {
    /// The form.
    type Form;
    /// The same for a type with a lifetime in it, which is that of the payload: what can borrow from that does.
    type Lent;
}

macro_rules! own_form {
    ($($({$($generics:tt)*})? $ty:ty => $form:ty, $lent:ty;)*) => {$(
        impl<$($($generics)*)?> OwnForm for $ty {
            type Form = $form;
            type Lent = $lent;
        }
    )*};
}

macro_rules! one_form {
    ($($({$($generics:tt)*})? $ty:ty => $form:ty;)*) => {
        own_form! { $($({$($generics)*})? $ty => $form, $form;)* }
    };
}

macro_rules! around {
    ($({$($generics:tt)*} $ty:ty => $form:ident of $inner:ident;)*) => {
        own_form! { $({$($generics)*} $ty => $form<$inner::Form>, $form<$inner::Lent>;)* }
    };
}

one_form! {
    Vec<u8> => Bytes;
    VecDeque<u8> => DequeBytes;
    Box<[u8]> => Bytes;
    Arc<[u8]> => Bytes;
    Rc<[u8]> => Bytes;
    ::bytes::Bytes => Bytes;
    &[u8] => Bytes;
    {const N: usize} [u8; N] => ByteArray;
    Arc<str> => Text;
    Rc<str> => Text;
    SystemTime => Time;
    bool => Direct;
    i8 => Direct;
    i16 => Direct;
    i32 => Direct;
    i64 => Direct;
    u16 => Direct;
    u32 => Direct;
    u64 => Direct;
    f32 => Direct;
    f64 => Direct;
    String => Direct;
    SharedText => Direct;
    &str => Direct;
    // `u8` by itself has no form, because a list of it has one that is no list
    Option<u8> => Maybe<Direct>;
    Duration => Nanos;
}

own_form! {
    Cow<'_, [u8]> => Bytes, LentBytes;
    Cow<'_, str> => Text, LentText;
}

around! {
    {T: OwnForm} Option<T> => Maybe of T;
    {T: OwnForm} Box<T> => Inside of T;
    {T: OwnForm} Arc<T> => Inside of T;
    {T: OwnForm} Rc<T> => Inside of T;
    {T: OwnForm + Clone} Cow<'_, T> => Inside of T;
    {T: OwnForm} Vec<T> => Many of T;
    {T: OwnForm} VecDeque<T> => Many of T;
    {T: OwnForm} LinkedList<T> => Many of T;
    {T: OwnForm} BTreeSet<T> => Many of T;
    {T: OwnForm, S} HashSet<T, S> => Many of T;
    {T: OwnForm} Box<[T]> => Many of T;
    {T: OwnForm + Clone} Cow<'_, [T]> => Many of T;
    {T: OwnForm, const N: usize} [T; N] => Fixed of T;
    {K, V: OwnForm} BTreeMap<K, V> => Entries of V;
    {K, V: OwnForm, S} HashMap<K, V, S> => Entries of V;
}

macro_rules! by_type {
    ($($(#[$docs:meta])* $name:ident => $form:ident;)*) => {$(
        $(#[$docs])*
        #[derive(Debug)]
        #[non_exhaustive]
        pub enum $name {}

        impl<T: OwnForm<$form: EncodeAs<T>>> EncodeAs<T> for $name {
            #[inline]
            fn encode_as<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
                T::$form::encode_as(value, serializer)
            }

            #[inline(always)]
            fn write<const N: usize>(
                value: &T,
                out: &mut Output,
                at: usize,
                prefix: &'static [u8; N],
            ) -> Result<usize, EncodeError> {
                T::$form::write(value, out, at, prefix)
            }
        }

        impl<'de, T: OwnForm<$form: DecodeAs<'de, T>>> DecodeAs<'de, T> for $name {
            const TEXT: bool = <T::$form as DecodeAs<'de, T>>::TEXT;
            const IN_PLACE: bool = <T::$form as DecodeAs<'de, T>>::IN_PLACE;

            #[inline]
            fn decode_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
                T::$form::decode_as(deserializer)
            }

            #[inline(always)]
            fn zero() -> Option<T> {
                T::$form::zero()
            }

            #[inline(always)]
            fn read(reader: &mut Reader<'de>) -> Result<T, DecodeError> {
                T::$form::read(reader)
            }

            #[inline(always)]
            fn read_some(reader: &mut Reader<'de>) -> Result<T, DecodeError> {
                T::$form::read_some(reader)
            }

            #[inline(always)]
            fn read_in_place(bytes: &'de [u8]) -> Option<(T, &'de [u8])> {
                T::$form::read_in_place(bytes)
            }

            #[inline(always)]
            fn is_worth_waiting(bytes: &[u8]) -> bool {
                T::$form::is_worth_waiting(bytes)
            }

            #[inline(always)]
            fn from_short(bytes: &[u8]) -> Option<T> {
                T::$form::from_short(bytes)
            }

            #[inline(always)]
            fn hold(reader: &mut Reader<'de>) -> Result<Held<'de, T>, DecodeError> {
                T::$form::hold(reader)
            }

            #[inline(always)]
            fn from_texts(texts: &mut Texts<'_>, len: usize) -> Option<T> {
                T::$form::from_texts(texts, len)
            }
        }
    )*};
}

by_type! {
    /// The form that [`OwnForm`] names.
    ByType => Form;
    /// The one that [`OwnForm`] names for types with the lifetime of the payload.
    LentByType => Lent;
}

/// Asks about `T`: `Probe::<T>::OWN`. Where the answer is no, the constant of
/// [`NoForm`] is found, which has to be in scope.
pub struct Probe<T: ?Sized>(pub(super) PhantomData<T>);

impl<T: ?Sized> std::fmt::Debug for Probe<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

// Lifetimes make no difference to which of the constants is found, so `'static` stands for any payload's.
impl<T> Probe<T>
where
    ByType: EncodeAs<T> + DecodeAs<'static, T>,
{
    /// `T` has a form of its own.
    pub const OWN: u8 = 1;
}

impl<T: Serialize + Deserialize<'static>> Probe<T> {
    /// `T` has serde's form.
    pub const SERDE: u8 = 2;
}

/// Asks about the value of a `Result` that may be hidden by an alias: `Answer::<R>::OWN`, as [`Probe`]. For what is no
/// `Result` the answer is that of [`NoForm`].
pub struct Answer<R>(pub(super) PhantomData<R>);

impl<R> std::fmt::Debug for Answer<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer")
    }
}

impl<T, E> Answer<Result<T, E>>
where
    ByType: EncodeAs<T> + DecodeAs<'static, T>,
{
    /// The value has a form of its own.
    pub const OWN: u8 = 1;
}

impl<T: Serialize + Deserialize<'static>, E> Answer<Result<T, E>> {
    /// The value has serde's form.
    pub const SERDE: u8 = 2;
}

impl<R> NoForm for Answer<R> {}

/// The other answers of [`Probe`].
pub trait NoForm {
    /// The type has no form of its own.
    const OWN: u8 = 0;
    /// The type lacks one of serde's traits.
    const SERDE: u8 = 0;
    /// The type has to be encoded: it is no payload as it is.
    const RAW: bool = false;
}

impl<T: ?Sized> NoForm for Probe<T> {}

/// The form by the answers of [`Probe`], `OWN` and `SERDE` in one number: [`ByType`], [`Plain`] or [`NoWay`].
pub type Chosen<const FORMS: u8> = <Found<FORMS> as Pick>::Form;

/// The same for a type with the lifetime of the payload: [`LentByType`], [`Plain`] or [`NoWay`].
pub type LentChosen<const FORMS: u8> = <Found<FORMS> as Pick>::Lent;

/// The answers of [`Probe`] about forms, as a type.
#[derive(Debug)]
#[non_exhaustive]
pub enum Found<const FORMS: u8> {}

/// The form that goes with the answers.
pub trait Pick {
    /// The form.
    type Form;
    /// The form of a type with the lifetime of the payload.
    type Lent;
}

impl Pick for Found<0> {
    type Form = NoWay;
    type Lent = NoWay;
}

impl Pick for Found<1> {
    type Form = ByType;
    type Lent = LentByType;
}

impl Pick for Found<2> {
    type Form = Plain;
    type Lent = Plain;
}

impl Pick for Found<3> {
    type Form = ByType;
    type Lent = LentByType;
}

/// An answer of [`Probe`] as a type.
#[derive(Debug)]
#[non_exhaustive]
pub enum Choice<const YES: bool> {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Own;
    type Alias = HashMap<String, Vec<u8>>;

    #[test]
    fn the_type_decides_and_not_its_name() {
        mod own {
            pub(super) struct Duration;
        }
        const { assert!(Probe::<Duration>::OWN == 1) };
        const { assert!(Probe::<own::Duration>::OWN == 0) };
        const { assert!(Probe::<Alias>::OWN == 1) };
        const { assert!(Probe::<Option<Vec<Box<[u8; 4]>>>>::OWN == 1) };
        const { assert!(Probe::<Vec<u16>>::OWN == 1) };
        const { assert!(Probe::<Vec<Own>>::OWN == 0) };
        const { assert!(Probe::<str>::OWN == 0) };
        const { assert!(Probe::<u8>::OWN == 0) };
        const { assert!(Probe::<Option<String>>::OWN == 1) };
        const { assert!(Probe::<BTreeMap<u8, [Option<SystemTime>; 2]>>::OWN == 1) };
        const { assert!(Probe::<BTreeMap<Own, Vec<u8>>>::OWN == 0) };
        const { assert!(Probe::<Cow<'_, [u8]>>::OWN == 1) };
    }

    #[test]
    fn serde_has_a_form_where_both_of_its_traits_are() {
        const { assert!(Probe::<u8>::SERDE == 2) };
        const { assert!(Probe::<&str>::SERDE == 2) };
        const { assert!(Probe::<Own>::SERDE == 0) };
        const { assert!(Probe::<Vec<(u8, Own)>>::SERDE == 0) };
        // it can be written, and not read
        const { assert!(Probe::<&[String]>::SERDE == 0) };
        const { assert!(Probe::<str>::SERDE == 0) };
    }
}
