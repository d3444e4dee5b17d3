//! Enums with data: a map of which one entry is not nil, as Go programs write unions.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, SerializeStruct as _, Serializer};

use super::message::no_variant;

/// An enum that travels as a map with one entry: the name of a variant, and what that carries.
pub trait Choice<'de>: Sized {
    /// The name of the enum, for errors.
    const NAME: &'static str;
    /// The names of its variants on the wire, in order.
    const NAMES: &'static [&'static str];
    /// What nil and a map without entries read as.
    fn nothing() -> Option<Self>;
    /// The variant with the next value of the map; `None` for nil.
    fn value<A: MapAccess<'de>>(index: usize, map: &mut A) -> Result<Option<Self>, A::Error>;
    /// The variant with the zero value of what it carries.
    fn zero<E: serde::de::Error>(index: usize) -> Result<Self, E>;
}

/// Writes a variant with what it carries.
///
/// # Errors
/// Those of the serializer.
pub fn entry<S: Serializer, T: Serialize>(
    serializer: S,
    name: &'static str,
    value: &T,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(name, value)?;
    map.end()
}

/// Writes a variant that carries nothing: an empty map, Go's `struct{}`.
///
/// # Errors
/// Those of the serializer.
pub fn empty<S: Serializer>(serializer: S, name: &'static str) -> Result<S::Ok, S::Error> {
    entry(serializer, name, &Empty)
}

struct Empty;

impl Serialize for Empty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_struct("Empty", 0)?.end()
    }
}

/// `Deserialize::deserialize` of such an enum.
///
/// # Errors
/// Those of the deserializer; no variant, or several.
pub fn deserialize<'de, T: Choice<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let visitor = ChoiceVisitor(PhantomData);
    match deserializer.is_human_readable() {
        true => deserializer.deserialize_option(visitor),
        false => deserializer.deserialize_map(visitor),
    }
}

/// No variant is there.
#[cold]
pub fn no_case<'de, T: Choice<'de>, E: serde::de::Error>() -> E {
    let names = T::NAMES.join("`, `");
    E::custom(format_args!(
        "`{}` needs one of `{names}`, and all are missing or nil",
        T::NAME
    ))
}

struct ChoiceVisitor<T>(PhantomData<T>);

impl<'de, T: Choice<'de>> Visitor<'de> for ChoiceVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a map with one variant of `{}`", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut found: Option<(usize, T)> = None;
        let mut nil = Nil::None;
        while let Some(key) = map.next_key_seed(KeySeed(T::NAMES))? {
            let index = match key {
                Key::Known(index) => index,
                Key::Unknown(name) => {
                    // nil says that it is not this one, whatever that is
                    match map.next_value::<Option<IgnoredAny>>()? {
                        Some(_) => return Err(no_variant(T::NAME, format_args!("`{name}`"))),
                        None => nil = Nil::Several,
                    }
                    continue;
                }
            };
            match (T::value(index, &mut map)?, &found) {
                (Some(_), Some((first, _))) => {
                    return Err(A::Error::custom(format_args!(
                        "`{}` is one variant, and two are set: `{}` and `{}`",
                        T::NAME,
                        T::NAMES[*first],
                        T::NAMES[index]
                    )));
                }
                (Some(value), None) => found = Some((index, value)),
                (None, _) => nil = nil.and(index),
            }
        }
        match (found, nil) {
            (Some((_, value)), _) => Ok(value),
            // the only entry: Go's nil slice or map, which is its zero value
            (None, Nil::Only(index)) => T::zero(index),
            (None, _) => T::nothing().ok_or_else(no_case::<T, A::Error>),
        }
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<T, E> {
        T::nothing().ok_or_else(no_case::<T, E>)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<T, E> {
        self.visit_none()
    }
}

/// Which entries were nil.
enum Nil {
    None,
    Only(usize),
    Several,
}

impl Nil {
    fn and(self, index: usize) -> Self {
        match self {
            Self::None => Self::Only(index),
            Self::Only(_) | Self::Several => Self::Several,
        }
    }
}

enum Key {
    Known(usize),
    Unknown(String),
}

struct KeySeed(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        let any_case = deserializer.is_human_readable();
        deserializer.deserialize_str(KeyVisitor {
            names: self.0,
            any_case,
        })
    }
}

struct KeyVisitor {
    names: &'static [&'static str],
    any_case: bool,
}

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a variant")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Key, E> {
        let exact = self.names.iter().position(|name| *name == key);
        let found = match exact {
            None if self.any_case => {
                let mut names = self.names.iter();
                names.position(|name| name.eq_ignore_ascii_case(key))
            }
            exact => exact,
        };
        Ok(found.map_or_else(|| Key::Unknown(key.to_owned()), Key::Known))
    }
}
