//! One argument: its type, its form, and whether it may be missing.

use std::marker::PhantomData;

use super::SerdeValue;
use crate::codec::Plain;

/// One argument.
pub trait Argument {
    /// Its type.
    type Value;
    /// How it is written: [`Plain`] or [`Formed`](super::Formed).
    type Form;
}

/// An argument that is an entry of a map.
pub trait MapArgument<'de>: Argument<Value: SerdeValue<'de, Self::Form>> {
    /// What stands for a name that is not in the map, if it may be missing.
    fn missing() -> Option<Self::Value>;
}

/// A `T` in the form `Form`.
#[derive(Debug)]
pub struct As<T, Form = Plain>(PhantomData<(T, Form)>);

impl<T, Form> Argument for As<T, Form> {
    type Value = T;
    type Form = Form;
}

impl<'de, T: SerdeValue<'de, Form>, Form> MapArgument<'de> for As<T, Form> {
    fn missing() -> Option<T> {
        None
    }
}

/// The same, and the default value where the map does not have it.
#[derive(Debug)]
pub struct OrDefault<A>(PhantomData<A>);

impl<A: Argument> Argument for OrDefault<A> {
    type Value = A::Value;
    type Form = A::Form;
}

impl<'de, A: MapArgument<'de, Value: Default>> MapArgument<'de> for OrDefault<A>
where
    Self: Argument<Value = A::Value, Form = A::Form>,
{
    fn missing() -> Option<A::Value> {
        Some(A::Value::default())
    }
}
