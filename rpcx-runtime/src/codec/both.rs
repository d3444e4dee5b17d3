//! Values that can travel in the codecs of several families.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use super::family::Nothing;
use super::{Answer, Choice, Coding, DecodeError, EncodeError, Family, Probe, Raw, Serde};
use crate::protocol::Codec;

/// The codecs of `A` and those of `B`. What a client uses, unless its channel says otherwise, is that of `A`.
#[derive(Debug)]
pub struct Both<A, B>(PhantomData<(A, B)>);

impl<A: Family, B: Family> Family for Both<A, B> {
    fn choose(preferred: Option<Coding<'_>>) -> Codec {
        match preferred {
            Some(coding) if B::accepts(coding) && !A::accepts(coding) => B::choose(preferred),
            _ => A::choose(preferred),
        }
    }

    fn supports(codec: Codec) -> bool {
        A::supports(codec) || B::supports(codec)
    }

    fn accepts(coding: Coding<'_>) -> bool {
        A::accepts(coding) || B::accepts(coding)
    }
}

impl<A: Family, B: Family> Nothing for Both<A, B> {
    fn write_nothing(coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match B::accepts(coding) && !A::accepts(coding) {
            true => B::write_nothing(coding, out),
            false => A::write_nothing(coding, out),
        }
    }

    fn read_nothing(coding: Coding<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        match B::accepts(coding) && !A::accepts(coding) {
            true => B::read_nothing(coding, bytes),
            false => A::read_nothing(coding, bytes),
        }
    }
}

/// The codecs of three families, in their order.
#[derive(Debug)]
pub struct Three<A, B, C>(PhantomData<(A, B, C)>);

/// Those of the first two, and of the third.
type Pairs<A, B, C> = Both<Both<A, B>, C>;

impl<A: Family, B: Family, C: Family> Family for Three<A, B, C> {
    fn choose(preferred: Option<Coding<'_>>) -> Codec {
        Pairs::<A, B, C>::choose(preferred)
    }

    fn supports(codec: Codec) -> bool {
        Pairs::<A, B, C>::supports(codec)
    }

    fn accepts(coding: Coding<'_>) -> bool {
        Pairs::<A, B, C>::accepts(coding)
    }
}

impl<A: Family, B: Family, C: Family> Nothing for Three<A, B, C> {
    fn write_nothing(coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        Pairs::<A, B, C>::write_nothing(coding, out)
    }

    fn read_nothing(coding: Coding<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        Pairs::<A, B, C>::read_nothing(coding, bytes)
    }
}

/// The family of a method for which no `codec` is said: that of serde, and bytes as they are where its
/// argument and its reply are byte strings or nothing.
pub trait PickFamily {
    /// The family.
    type Family;
}

impl PickFamily for Choice<true> {
    type Family = Both<Serde, Raw>;
}

impl PickFamily for Choice<false> {
    type Family = Serde;
}

/// Byte strings, which are payloads as they are, and nothing.
pub trait RawBytes {}

impl RawBytes for () {}
impl RawBytes for &[u8] {}
impl RawBytes for Vec<u8> {}
impl RawBytes for Box<[u8]> {}
impl RawBytes for Arc<[u8]> {}
impl RawBytes for bytes::Bytes {}
impl RawBytes for Cow<'_, [u8]> {}
/// The argument and the reply of a method.
impl<A: RawBytes, R: RawReply> RawBytes for (A, R) {}

/// The same among replies, which live as long as they like and so cannot borrow from their payload: `Cow<'static, [u8]>`
/// is read in the other form.
pub trait RawReply {}

impl RawReply for () {}
impl RawReply for Vec<u8> {}
impl RawReply for Box<[u8]> {}
impl RawReply for Arc<[u8]> {}
impl RawReply for bytes::Bytes {}

impl<A: RawBytes, R: RawReply, E> Answer<(A, Result<R, E>)> {
    /// The argument and the value of the reply are payloads as they are.
    pub const RAW: bool = true;
}

impl<T: RawBytes + ?Sized> Probe<T> {
    /// `T` is a payload as it is.
    pub const RAW: bool = true;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::NoForm as _;

    const JSON: Codec = Codec::JSON;

    #[test]
    fn a_channel_that_says_nothing_uses_the_first_family() {
        type Bytes = Both<Serde, Raw>;
        assert_eq!(Bytes::choose(None), Serde::choose(None));
        assert_eq!(Bytes::choose(Some(Codec::RAW.into())), Codec::RAW);
        assert_eq!(Both::<Raw, Serde>::choose(None), Codec::RAW);
        assert_eq!(
            Both::<Raw, Serde>::choose(Some(JSON.into())),
            Serde::choose(Some(JSON.into()))
        );
        // of neither: the first again
        assert_eq!(
            Bytes::choose(Some(Codec::THRIFT.into())),
            Serde::choose(None)
        );
    }

    #[test]
    fn byte_strings_and_nothing_are_payloads_as_they_are() {
        type Alias = Vec<u8>;
        const { assert!(Probe::<Alias>::RAW) };
        const { assert!(Probe::<Cow<'_, [u8]>>::RAW) };
        const { assert!(Probe::<()>::RAW) };
        const { assert!(!Probe::<Vec<u16>>::RAW) };
        const { assert!(!Probe::<Option<Vec<u8>>>::RAW) };
        const { assert!(Probe::<(Cow<'_, [u8]>, Vec<u8>)>::RAW) };
        const { assert!(!Probe::<((), Cow<'static, [u8]>)>::RAW) };
    }
}
