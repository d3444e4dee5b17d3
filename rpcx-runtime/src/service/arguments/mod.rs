//! The arguments of a method as one payload: nothing, one value, or a map with a name for each.
//!
//! The types here are never built; they tell a generic function how to read and write:
//!
//! | type | what it says |
//! |---|---|
//! | [`NoArgs`], [`One`], [`Fields`] | how many arguments there are, and whether they are a map |
//! | [`As`], [`OrDefault`] | one of them: its type, its form, and whether it may be missing |
//! | [`Plain`](crate::codec::Plain), [`Formed`], [`EmptyStruct`] | how its type is written |
//! | [`InField`] | that a reply is the only entry of a map |
//!
//! Each list and each argument has exactly one impl for a codec family, so that rustc blames a type that
//! cannot travel and not the list around it.

mod argument;
mod fields;
mod value;

use std::marker::PhantomData;

use serde::Serialize;

pub use argument::{Argument, As, MapArgument, OrDefault};
pub use fields::{ArgNames, Fields, InField, Names, ReplyName};
pub use value::{Checked, EmptyStruct, Formed, PartPayload, SerdeValue, TheContext, WholePayload};

use crate::codec::{Coding, DecodeError, EncodeError, Family};

/// The Rust side of a list of arguments, whatever can be done with their types.
pub trait ArgumentList {
    /// What a client passes.
    type Refs<'r>: Copy
    where
        Self: 'r;
    /// What a handler is called with.
    type Values;
}

/// A list that can be a payload of the family `F`.
pub trait Arguments<'de, F>: ArgumentList {
    /// Appends the payload to `out`.
    fn encode(
        refs: Self::Refs<'_>,
        coding: Coding<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError>;
    /// Reads all arguments from the whole of `bytes`.
    fn decode(coding: Coding<'_>, bytes: &'de [u8]) -> Result<Self::Values, DecodeError>;
}

/// A method without arguments: nil, the value that fits most Go types.
#[derive(Debug)]
pub struct NoArgs(PhantomData<()>);

impl ArgumentList for NoArgs {
    type Refs<'r> = ();
    type Values = ();
}

impl<F: Family> Arguments<'_, F> for NoArgs {
    fn encode((): (), coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        F::write_nothing(coding, out)
    }

    /// A method without arguments must not run for a request that no method with arguments would run
    /// for: its caller would hear of an error after the side effect.
    fn decode(coding: Coding<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        F::read_nothing(coding, bytes)
    }
}

/// A method with one argument, which is the message.
#[derive(Debug)]
pub struct One<A>(PhantomData<A>);

impl<A: Argument> ArgumentList for One<A> {
    type Refs<'r>
        = &'r A::Value
    where
        Self: 'r;
    type Values = A::Value;
}

impl<'de, F, A: Argument<Value: WholePayload<'de, F, A::Form>>> Arguments<'de, F> for One<A> {
    fn encode(value: &A::Value, coding: Coding<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        value.write(coding, out)
    }

    fn decode(coding: Coding<'_>, bytes: &'de [u8]) -> Result<A::Value, DecodeError> {
        A::Value::read(coding, bytes)
    }
}

/// Writes a value of serde. Not inlined: once for each type and not once more for each method.
#[inline(never)]
fn encode<T: Serialize>(
    value: &T,
    coding: Coding<'_>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    coding.encode(value, out)
}
