//! Asks what is known of a type, in code that is generated for types of any kind.

use std::marker::PhantomData;

use super::containers::Container;
use super::{ErrorInfo, ErrorInfos, Json, JsonSchema, Schemas};

/// Makes a schema.
pub type Part<'a> = &'a dyn Fn(&mut Schemas) -> Json;

/// Asks for the schema of `T`: `Shaped::<T>::NEW.schema(schemas, parts)`. If `T` has none and is a container of the
/// standard library, it is that of the container with the given `parts` inside; if it is any other type, that of
/// every value. [`ByParts`] and [`Unknown`] have to be in scope.
pub struct Shaped<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> Shaped<T> {
    /// The question.
    pub const NEW: Self = Self(PhantomData);
}

impl<T: ?Sized> std::fmt::Debug for Shaped<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shaped")
    }
}

impl<T: JsonSchema + ?Sized> Shaped<T> {
    /// The type has a schema.
    pub fn schema(self, schemas: &mut Schemas, _: &[Part<'_>]) -> Json {
        T::schema(schemas)
    }
}

/// The second answer of [`Shaped`].
pub trait ByParts: Sized {
    /// The type is a container of something.
    fn schema(self, schemas: &mut Schemas, parts: &[Part<'_>]) -> Json;
}

impl<T: Container + ?Sized> ByParts for Shaped<T> {
    fn schema(self, schemas: &mut Schemas, parts: &[Part<'_>]) -> Json {
        T::around(schemas, parts)
    }
}

/// The last answer of [`Shaped`], found by a reference to it, which is tried last.
pub trait Unknown: Sized {
    /// Nothing is known of the type.
    fn schema(self, schemas: &mut Schemas, parts: &[Part<'_>]) -> Json;
}

impl<T: ?Sized> Unknown for &Shaped<T> {
    fn schema(self, _: &mut Schemas, _: &[Part<'_>]) -> Json {
        Json::object()
    }
}

/// Asks for the errors of an error type: `Failing::<E>::ERRORS`, with [`Silent`] in scope.
pub struct Failing<E>(PhantomData<E>);

impl<E> std::fmt::Debug for Failing<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Failing")
    }
}

impl<E: ErrorInfos> Failing<E> {
    /// The type says which they are.
    pub const ERRORS: &'static [ErrorInfo] = E::ERRORS;
}

/// The other answer of [`Failing`].
pub trait Silent {
    /// Nothing is known of them.
    const ERRORS: &'static [ErrorInfo] = &[];
}

impl<E> Silent for Failing<E> {}
