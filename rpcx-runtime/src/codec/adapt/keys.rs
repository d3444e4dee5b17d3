//! Maps whose keys have no form for other languages.
//!
//! Values in a map have the form of their type, and its keys serde's. For byte strings and times that is one
//! that Go does not read and JSON does not have, so generated code asks for such keys, and refuses them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Choice, Probe};
use crate::codec::Timestamp;

/// Types that cannot be the key of a map.
pub trait NoKey {}

macro_rules! no_key {
    ($($({$($generics:tt)*})? $ty:ty;)*) => {$(
        impl<$($($generics)*)?> NoKey for $ty {}
    )*};
}

no_key! {
    Duration;
    SystemTime;
    Timestamp;
    ::bytes::Bytes;
    Vec<u8>;
    VecDeque<u8>;
    [u8];
    {const N: usize} [u8; N];
    {T: NoKey + ?Sized} &T;
    {T: NoKey} Option<T>;
    {T: NoKey + ?Sized} Box<T>;
    {T: NoKey + ?Sized} Arc<T>;
    {T: NoKey + ?Sized} Rc<T>;
    {T: NoKey + ?Sized + ToOwned} Cow<'_, T>;
    {T: NoKey} Vec<T>;
    {T: NoKey} VecDeque<T>;
    {T: NoKey} LinkedList<T>;
    {T: NoKey} BTreeSet<T>;
    {T: NoKey} [T];
    {T: NoKey, const N: usize} [T; N];
}

/// Maps with such keys, and containers of them: `MAPS` is the number of maps around the one with the keys.
// Without that number a map with such keys and a map with such a map as its value would be one implementation twice.
pub trait NoKeys<const MAPS: u8> {}

macro_rules! around {
    ($({$($generics:tt)*} $ty:ty;)*) => {$(
        impl<$($generics)*, const MAPS: u8> NoKeys<MAPS> for $ty {}
    )*};
}

around! {
    {T: NoKeys<MAPS> + ?Sized} &T;
    {T: NoKeys<MAPS>} Option<T>;
    {T: NoKeys<MAPS> + ?Sized} Box<T>;
    {T: NoKeys<MAPS> + ?Sized} Arc<T>;
    {T: NoKeys<MAPS> + ?Sized} Rc<T>;
    {T: NoKeys<MAPS> + ?Sized + ToOwned} Cow<'_, T>;
    {T: NoKeys<MAPS>} Vec<T>;
    {T: NoKeys<MAPS>} VecDeque<T>;
    {T: NoKeys<MAPS>} LinkedList<T>;
    {T: NoKeys<MAPS>} BTreeSet<T>;
    {T: NoKeys<MAPS>, S} HashSet<T, S>;
    {T: NoKeys<MAPS>} [T];
}

impl<T: NoKeys<MAPS>, const N: usize, const MAPS: u8> NoKeys<MAPS> for [T; N] {}

impl<K: NoKey, V> NoKeys<0> for BTreeMap<K, V> {}
impl<K: NoKey, V, S> NoKeys<0> for HashMap<K, V, S> {}

macro_rules! inside {
    ($($maps:literal in $outer:literal, $keys:ident;)*) => {$(
        impl<K, V: NoKeys<$maps>> NoKeys<$outer> for BTreeMap<K, V> {}
        impl<K, V: NoKeys<$maps>, S> NoKeys<$outer> for HashMap<K, V, S> {}

        impl<T: NoKeys<$outer> + ?Sized> Probe<T> {
            /// A map inside of maps has keys that cannot travel.
            pub const $keys: bool = true;
        }
    )*};
}

impl<T: NoKeys<0> + ?Sized> Probe<T> {
    /// A map has keys that cannot travel.
    pub const KEYS_0: bool = true;
}

inside! {
    0 in 1, KEYS_1;
    1 in 2, KEYS_2;
    2 in 3, KEYS_3;
}

/// The answer that no map has such keys; `T` is the type that was asked about.
#[diagnostic::on_unimplemented(
    message = "a map in `{T}` has keys that cannot travel in an rpcx message",
    label = "bytes, times and durations are no keys in Go and JSON",
    note = "use a `String` or an integer as the key, or a list of messages that have a field for it"
)]
pub trait GoodKeys<T: ?Sized> {}

impl<T: ?Sized> GoodKeys<T> for Choice<false> {}

/// That the keys of maps in these types travel: an error for each where they do not.
#[doc(hidden)]
#[macro_export]
macro_rules! __keys {
    ($($ty:ty),+) => {
        const _: () = {$(
            let _: $crate::codec::message::Keyed<$ty, {
                $crate::codec::Probe::<$ty>::KEYS_0
                    | $crate::codec::Probe::<$ty>::KEYS_1
                    | $crate::codec::Probe::<$ty>::KEYS_2
                    | $crate::codec::Probe::<$ty>::KEYS_3
            }>;
        )+};
    };
}
