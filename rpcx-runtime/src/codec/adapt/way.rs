//! Types that cannot travel, and the one place where the compiler says so.
//!
//! A field of a message is named in half a dozen places of generated code, and a type without serde's traits would be
//! an error in each. It has the form [`NoWay`], which is accepted wherever a form is, but for the one that asks
//! for [`Way`].

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserializer, Serializer};

use super::{
    ByType, ByteArray, Bytes, DecodeAs, DequeBytes, EncodeAs, Entries, Fixed, Inside, LentByType,
    LentBytes, LentText, Many, Maybe, Nanos, Parts, Plain, Text, Time,
};
use crate::codec::Direct;

/// The form of types that have none.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoWay {}

impl<T: ?Sized> EncodeAs<T> for NoWay {
    fn encode_as<S: Serializer>(_: &T, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("this type cannot travel"))
    }
}

impl<'de, T> DecodeAs<'de, T> for NoWay {
    fn decode_as<D: Deserializer<'de>>(_: D) -> Result<T, D::Error> {
        Err(D::Error::custom("this type cannot travel"))
    }
}

/// A form that can be asked for values of type `T`: any but [`NoWay`].
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot travel in an rpcx message",
    label = "no way to encode and decode it",
    note = "with the default codecs (msgpack, json) it and each type inside of it need `#[rpcx::message]` or `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait Way<T: ?Sized> {}

macro_rules! ways {
    ($($form:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: ?Sized> Way<T> for $form {}
    )*};
    (inside of $($form:ident),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: ?Sized, A: Way<T>> Way<T> for $form<A> {}
    )*};
    (parts of $(($($part:ident),+);)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: ?Sized, $($part: Way<T>),+> Way<T> for Parts<($($part,)+)> {}
    )*};
}

ways!(Plain, ByType, LentByType, Direct, Time, Nanos);
ways!(Text, LentText, Bytes, LentBytes, DequeBytes, ByteArray);
ways!(inside of Maybe, Many, Fixed, Entries, Inside);
ways! {parts of
    (A);
    (A, B);
    (A, B, C);
    (A, B, C, D);
    (A, B, C, D, E);
    (A, B, C, D, E, F);
    (A, B, C, D, E, F, G);
    (A, B, C, D, E, F, G, H);
    (A, B, C, D, E, F, G, H, I);
    (A, B, C, D, E, F, G, H, I, J);
    (A, B, C, D, E, F, G, H, I, J, K);
    (A, B, C, D, E, F, G, H, I, J, K, L);
}
