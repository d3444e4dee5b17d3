//! What types hide: maps whose keys have no form for other languages, and values that have serde's form where they need one
//! of their own.
//!
//! Values in a map have the form of their type, and its keys serde's. For times that is one that Go does not read, and lists,
//! maps and structs are no keys in JSON, so generated code asks for such keys, and refuses them. In tuples,
//! in parameters of messages and in what only serde knows the values have serde's form too; where one of them needs another,
//! it is refused as well.
//!
//! Each trait here says where in a type the value is: a type that hides two of them has the trait twice, and the
//! compiler finds whether there is any, at any depth ([`AskKeys`], [`AskPlaces`]).

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::num::{Saturating, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo};
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, SystemTime};

use super::{Answer, Choice, Probe};
use crate::codec::Timestamp;

/// The place `P` inside of the part `N` of a type.
#[derive(Debug)]
pub struct At<const N: usize, P>(PhantomData<P>);

/// What is no key in any form: a list, a map, a struct, or nothing. A message around one of them is none either, other than a
/// message around a time, which has a form that Go reads.
#[derive(Debug)]
pub struct Compound<P>(PhantomData<P>);

/// Types that cannot be the key of a map.
pub trait NoKey<P> {}

/// Types that hold such a map.
pub trait NoKeys<P> {}

/// Types whose values Go does not read in serde's form.
pub trait NeedsForm<P> {}

/// Types that hold such a value where it has serde's form.
pub trait Misplaced<P> {}

macro_rules! values {
    ($($name:ident: $($({$($generics:tt)*})? $ty:ty),*;)*) => {$($(
        impl<$($($generics)*)?> $name<()> for $ty {}
    )*)*};
}

values! {
    NoKey: Duration, SystemTime, Timestamp;
    NeedsForm: Duration, SystemTime, ::bytes::Bytes, Vec<u8>, VecDeque<u8>, [u8], {const N: usize} [u8; N];
}

macro_rules! compounds {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> NoKey<Compound<()>> for $ty {}
    )*};
}

compounds! {
    [] ();
    [] ::bytes::Bytes;
    [T] Option<T>;
    [T] [T];
    [T, const N: usize] [T; N];
    [T] Vec<T>;
    [T] VecDeque<T>;
    [T] LinkedList<T>;
    [T] BTreeSet<T>;
    [K, V] BTreeMap<K, V>;
    [A] (A,);
    [A, B] (A, B);
    [A, B, C] (A, B, C);
    [A, B, C, D] (A, B, C, D);
    [A, B, C, D, E] (A, B, C, D, E);
    [A, B, C, D, E, F] (A, B, C, D, E, F);
    [A, B, C, D, E, F, G] (A, B, C, D, E, F, G);
    [A, B, C, D, E, F, G, H] (A, B, C, D, E, F, G, H);
    [A, B, C, D, E, F, G, H, I] (A, B, C, D, E, F, G, H, I);
    [A, B, C, D, E, F, G, H, I, J] (A, B, C, D, E, F, G, H, I, J);
    [A, B, C, D, E, F, G, H, I, J, K] (A, B, C, D, E, F, G, H, I, J, K);
    [A, B, C, D, E, F, G, H, I, J, K, L] (A, B, C, D, E, F, G, H, I, J, K, L);
}

/// Containers whose values have their own form.
macro_rules! around {
    ($name:ident: $({$($generics:tt)*} $ty:ty;)*) => {$(
        impl<T: $name<P> + ?Sized, P, $($generics)*> $name<P> for $ty {}
    )*};
    (pointers: $($name:ident),*) => {$(
        around! { $name:
            {} &T;
            {} Box<T>;
            {} Arc<T>;
            {} Rc<T>;
        }
        impl<T: $name<P> + ?Sized + ToOwned, P> $name<P> for Cow<'_, T> {}
    )*};
    (lists: $($name:ident),*) => {$(
        impl<T: $name<P>, P> $name<P> for Option<T> {}
        impl<T: $name<P>, P> $name<P> for Vec<T> {}
        impl<T: $name<P>, P> $name<P> for VecDeque<T> {}
        impl<T: $name<P>, P> $name<P> for LinkedList<T> {}
        impl<T: $name<P>, P> $name<P> for BTreeSet<T> {}
        impl<T: $name<P>, S, P> $name<P> for HashSet<T, S> {}
        impl<T: $name<P>, P> $name<P> for [T] {}
        impl<T: $name<P>, P, const N: usize> $name<P> for [T; N] {}
    )*};
}

around!(pointers: NoKey, NoKeys, NeedsForm, Misplaced);
around!(lists: NoKeys, NeedsForm, Misplaced);

/// Maps: the values have their own form, the keys serde's.
macro_rules! maps {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<K: NoKey<P>, V, P, $($generics)*> NoKeys<At<0, P>> for $ty {}
        impl<K: NoKeys<P>, V, P, $($generics)*> NoKeys<At<1, P>> for $ty {}
        impl<K, V: NoKeys<P>, P, $($generics)*> NoKeys<At<2, P>> for $ty {}
        impl<K, V: NeedsForm<P>, P, $($generics)*> NeedsForm<P> for $ty {}
        impl<K: Misplaced<P>, V, P, $($generics)*> Misplaced<At<1, P>> for $ty {}
        impl<K, V: Misplaced<P>, P, $($generics)*> Misplaced<At<2, P>> for $ty {}
    )*};
}

maps! {
    [] BTreeMap<K, V>;
    [S] HashMap<K, V, S>;
}

/// What only serde knows: each of its parts has serde's form.
macro_rules! of_serde {
    ($({$($part:ident $needs:literal $inside:literal),+} $ty:ty;)*) => {$(
        of_serde! { each {$($part $needs $inside),+} {$($part),+} $ty }
    )*};
    (each {$part:ident $needs:literal $inside:literal $(, $($rest:tt)+)?} $all:tt $ty:ty) => {
        of_serde! { one $part $needs $inside $all $ty }
        $(of_serde! { each {$($rest)+} $all $ty })?
    };
    (one $part:ident $needs:literal $inside:literal {$($all:ident),+} $ty:ty) => {
        impl<$($all,)+ P> NoKeys<At<$inside, P>> for $ty where $part: NoKeys<P> {}
        impl<$($all,)+ P> Misplaced<At<$needs, P>> for $ty where $part: NeedsForm<P> {}
        impl<$($all,)+ P> Misplaced<At<$inside, P>> for $ty where $part: Misplaced<P> {}
    };
}

of_serde! {
    {A 0 1} Cell<A>;
    {A 0 1} RefCell<A>;
    {A 0 1} Mutex<A>;
    {A 0 1} RwLock<A>;
    {A 0 1} Reverse<A>;
    {A 0 1} Wrapping<A>;
    {A 0 1} Saturating<A>;
    {A 0 1} BinaryHeap<A>;
    {A 0 1} Bound<A>;
    {A 0 1} Range<A>;
    {A 0 1} RangeFrom<A>;
    {A 0 1} RangeTo<A>;
    {A 0 1} RangeInclusive<A>;
    {A 0 1, B 2 3} Result<A, B>;
    {A 0 1} (A,);
    {A 0 1, B 2 3} (A, B);
    {A 0 1, B 2 3, C 4 5} (A, B, C);
    {A 0 1, B 2 3, C 4 5, D 6 7} (A, B, C, D);
    {A 0 1, B 2 3, C 4 5, D 6 7, E 8 9} (A, B, C, D, E);
    {A 0 1, B 2 3, C 4 5, D 6 7, E 8 9, F 10 11} (A, B, C, D, E, F);
    {A 0 1, B 2 3, C 4 5, D 6 7, E 8 9, F 10 11, G 12 13} (A, B, C, D, E, F, G);
    {A 0 1, B 2 3, C 4 5, D 6 7, E 8 9, F 10 11, G 12 13, H 14 15} (A, B, C, D, E, F, G, H);
    {A 0 1, B 2 3, C 4 5, D 6 7, E 8 9, F 10 11, G 12 13, H 14 15, I 16 17} (A, B, C, D, E, F, G, H, I);
    {A 0 1, B 2 3, C 4 5, D 6 7, E 8 9, F 10 11, G 12 13, H 14 15, I 16 17, J 18 19} (A, B, C, D, E, F, G, H, I, J);
    {A 0 1, B 2 3, C 4 5, D 6 7, E 8 9, F 10 11, G 12 13, H 14 15, I 16 17, J 18 19, K 20 21} (A, B, C, D, E, F, G, H, I, J, K);
    {A 0 1, B 2 3, C 4 5, D 6 7, E 8 9, F 10 11, G 12 13, H 14 15, I 16 17, J 18 19, K 20 21, L 22 23} (A, B, C, D, E, F, G, H, I, J, K, L);
}

impl<T: ?Sized> Probe<T> {
    /// Asks about `T`.
    pub const NEW: Self = Self(PhantomData);
}

impl<R> Answer<R> {
    /// Asks about `R`.
    pub const NEW: Self = Self(PhantomData);
}

/// Asks whether there is a place with a map that has such keys. Two of them are as good as one: that the compiler
/// cannot tell which is meant is no error beside the one of [`GoodKeys`].
pub trait AskKeys<P> {
    /// There is.
    fn keys(&self) -> PhantomData<Choice<true>> {
        PhantomData
    }
}

impl<T: NoKeys<P> + ?Sized, P> AskKeys<P> for Probe<T> {}

impl<T: NoKeys<P>, E, P> AskKeys<P> for Answer<Result<T, E>> {}

/// Asks the same about values in serde's form.
pub trait AskPlaces<P> {
    /// There is.
    fn places(&self) -> PhantomData<Choice<true>> {
        PhantomData
    }
}

impl<T: Misplaced<P> + ?Sized, P> AskPlaces<P> for Probe<T> {}

impl<T: Misplaced<P>, E, P> AskPlaces<P> for Answer<Result<T, E>> {}

/// The other answers: a reference more, so that they are found last.
pub trait AskNothing {
    /// There is none.
    fn keys(&self) -> PhantomData<Choice<false>> {
        PhantomData
    }

    /// There is none.
    fn places(&self) -> PhantomData<Choice<false>> {
        PhantomData
    }
}

impl<T: ?Sized> AskNothing for &Probe<T> {}
impl<R> AskNothing for &Answer<R> {}

/// The answer that no map has such keys; `T` is the type that was asked about.
#[diagnostic::on_unimplemented(
    message = "a map in `{T}` has keys that cannot travel in an rpcx message",
    label = "bytes, times, durations, lists, tuples and structs are no keys in Go and JSON",
    note = "use a `String` or an integer as the key, a message around one of them, or a list of messages that have a field for it"
)]
pub trait GoodKeys<T: ?Sized> {}

impl<T: ?Sized> GoodKeys<T> for Choice<false> {}

/// The answer that no value has serde's form where it needs its own; `T` is the type that was asked about.
#[diagnostic::on_unimplemented(
    message = "bytes, a time or a duration in `{T}` would travel as serde writes it, which Go does not read",
    label = "what is inside of a tuple, of a generic message or of a type that only serde knows has serde's form",
    note = "make a message of it, such as `#[rpcx::message] struct Blob(Vec<u8>);`, and use that; in place of the alias of a tuple write the tuple"
)]
pub trait GoodPlaces<T: ?Sized> {}

impl<T: ?Sized> GoodPlaces<T> for Choice<false> {}

/// That the keys of maps in `T` travel.
pub fn keys_travel<T: ?Sized, A: GoodKeys<T>>(_: PhantomData<A>) {}

/// That its values do.
pub fn places_travel<T: ?Sized, A: GoodPlaces<T>>(_: PhantomData<A>) {}

/// That these types hide nothing that cannot travel: an error for each where they do. `Probe` asks about a type, `Answer` about the
/// value of a `Result`.
#[doc(hidden)]
#[macro_export]
macro_rules! __keys {
    ($asks:ident in $($ty:ty),+) => {
        const _: () = {
            let _ = || {
                use $crate::codec::{AskKeys as _, AskNothing as _, AskPlaces as _};
                $(
                    $crate::codec::keys_travel::<$ty, _>((&$crate::codec::$asks::<$ty>::NEW).keys());
                    $crate::codec::places_travel::<$ty, _>((&$crate::codec::$asks::<$ty>::NEW).places());
                )+
            };
        };
    };
}
