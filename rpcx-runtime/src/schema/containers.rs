//! The schemas of what holds other values.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use super::schemas::array;
use super::{Json, JsonSchema, Part, Schemas};

/// A container of the standard library, whatever is inside.
#[allow(unnameable_types, reason = "only bounds of generated code see it")]
pub trait Container {
    /// The schema with those of the parts, in the order of the type's parameters.
    fn around(schemas: &mut Schemas, parts: &[Part<'_>]) -> Json;
}

/// The schema of a part. An alias of a container hides what is inside.
fn part(schemas: &mut Schemas, parts: &[Part<'_>], index: usize) -> Json {
    parts
        .get(index)
        .map_or_else(Json::object, |part| part(schemas))
}

/// The schema itself, or `null`.
fn nullable(schema: Json) -> Json {
    if schema.is_empty() {
        return schema;
    }
    let null = Json::object().with("type", "null");
    match schema.get("type").and_then(Json::as_str) {
        Some(kind) => {
            let kinds = vec![kind.to_owned().into(), "null".into()];
            schema.with("type", kinds)
        }
        None => Json::object().with("anyOf", vec![schema, null]),
    }
}

/// The names of members are texts, so numbers are written as such.
fn map(schemas: &Schemas, key: &Json, value: Json) -> Json {
    let kind = schemas.body(key).get("type").and_then(Json::as_str);
    let object = Json::object().with("type", "object");
    let object = match kind {
        Some("integer") => {
            let digits = Json::object().with("pattern", "^-?[0-9]+$");
            object.with("propertyNames", digits)
        }
        _ => object,
    };
    object.with("additionalProperties", value)
}

fn fixed(length: usize, items: Json) -> Json {
    let length = length as u64;
    array(items)
        .with("minItems", length)
        .with("maxItems", length)
}

/// A list, whose bytes are text.
macro_rules! list {
    ($($ty:ty),*) => {$(
        impl<T: JsonSchema> JsonSchema for $ty {
            fn schema(schemas: &mut Schemas) -> Json {
                T::list(schemas)
            }
        }

        impl<T> Container for $ty {
            fn around(schemas: &mut Schemas, parts: &[Part<'_>]) -> Json {
                array(part(schemas, parts, 0))
            }
        }
    )*};
}

list!(Vec<T>, VecDeque<T>, [T]);

/// A list of other values than bytes.
macro_rules! collection {
    ($({$($more:ident)?} $ty:ty),*) => {$(
        impl<T: JsonSchema $(, $more)?> JsonSchema for $ty {
            fn schema(schemas: &mut Schemas) -> Json {
                array(T::schema(schemas))
            }
        }

        impl<T $(, $more)?> Container for $ty {
            fn around(schemas: &mut Schemas, parts: &[Part<'_>]) -> Json {
                array(part(schemas, parts, 0))
            }
        }
    )*};
}

collection!({} LinkedList<T>, {} BTreeSet<T>, {S} HashSet<T, S>);

/// Of bytes too: as in Go, an array of them is a list of numbers in JSON.
impl<T: JsonSchema, const N: usize> JsonSchema for [T; N] {
    fn schema(schemas: &mut Schemas) -> Json {
        fixed(N, T::schema(schemas))
    }
}

impl<T, const N: usize> Container for [T; N] {
    fn around(schemas: &mut Schemas, parts: &[Part<'_>]) -> Json {
        fixed(N, part(schemas, parts, 0))
    }
}

/// What travels as its content.
macro_rules! transparent {
    ($($ty:ty),*) => {$(
        impl<T: JsonSchema + ?Sized> JsonSchema for $ty {
            fn schema(schemas: &mut Schemas) -> Json {
                T::schema(schemas)
            }
        }

        impl<T: ?Sized> Container for $ty {
            fn around(schemas: &mut Schemas, parts: &[Part<'_>]) -> Json {
                part(schemas, parts, 0)
            }
        }
    )*};
}

transparent!(Box<T>, Arc<T>, Rc<T>, &T);

impl<T: JsonSchema + ToOwned + ?Sized> JsonSchema for Cow<'_, T> {
    fn schema(schemas: &mut Schemas) -> Json {
        T::schema(schemas)
    }
}

impl<T: ToOwned + ?Sized> Container for Cow<'_, T> {
    fn around(schemas: &mut Schemas, parts: &[Part<'_>]) -> Json {
        part(schemas, parts, 0)
    }
}

impl<T: JsonSchema> JsonSchema for Option<T> {
    fn schema(schemas: &mut Schemas) -> Json {
        nullable(T::schema(schemas))
    }
}

impl<T> Container for Option<T> {
    fn around(schemas: &mut Schemas, parts: &[Part<'_>]) -> Json {
        nullable(part(schemas, parts, 0))
    }
}

macro_rules! maps {
    ($({$($more:ident)?} $ty:ty),*) => {$(
        impl<K: JsonSchema, V: JsonSchema $(, $more)?> JsonSchema for $ty {
            fn schema(schemas: &mut Schemas) -> Json {
                let (key, value) = (K::schema(schemas), V::schema(schemas));
                map(schemas, &key, value)
            }
        }

        impl<K, V $(, $more)?> Container for $ty {
            fn around(schemas: &mut Schemas, parts: &[Part<'_>]) -> Json {
                let (key, value) = (part(schemas, parts, 0), part(schemas, parts, 1));
                map(schemas, &key, value)
            }
        }
    )*};
}

maps!({} BTreeMap<K, V>, {S} HashMap<K, V, S>);

fn tuple(parts: Vec<Json>) -> Json {
    let length = parts.len() as u64;
    Json::object()
        .with("type", "array")
        .with("prefixItems", parts)
        .with("minItems", length)
        .with("maxItems", length)
}

macro_rules! tuples {
    ($($($name:ident)+;)*) => {$(
        impl<$($name: JsonSchema),+> JsonSchema for ($($name,)+) {
            fn schema(schemas: &mut Schemas) -> Json {
                tuple(vec![$($name::schema(schemas)),+])
            }
        }

        impl<$($name),+> Container for ($($name,)+) {
            fn around(schemas: &mut Schemas, parts: &[Part<'_>]) -> Json {
                tuple(parts.iter().map(|part| part(schemas)).collect())
            }
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}
