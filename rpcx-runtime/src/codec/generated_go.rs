//! What the code generated for messages of `.proto` files is made of, where they travel as msgpack and JSON too: as
//! the structs that protoc-gen-go generates do in Go. Not for use by hand: it changes with the generator.
//!
//! Go's msgpack knows such a struct by the names of its Go fields; Go's JSON by its tags, which have the
//! names of the `.proto` file and leave out zero values. Codecs that are not text have the names of msgpack.

use std::marker::PhantomData;

use serde::de::{Deserializer, Error as _, MapAccess};
use serde::ser::{SerializeMap, Serializer};

use super::adapt::{AdaptedRef, EncodeAs};
use super::message::{self, Keys, ReadMap};

/// The names of a field.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "generated code makes it")]
pub struct Name {
    /// In msgpack.
    pub go: &'static str,
    /// In JSON.
    pub json: &'static str,
}

/// A message as the struct of Go.
pub trait GoStruct: Default {
    /// The name of the message, for errors.
    const NAME: &'static str;
    /// The names of its fields in msgpack, in order.
    const GO: &'static [&'static str];
    /// The names of its fields in JSON, in the same order.
    const JSON: &'static [&'static str];
    /// Reads the value of the field with this place, which is that of the key just read.
    ///
    /// # Errors
    /// Those of the deserializer.
    fn read<'de, A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error>;
}

/// A `oneof` as Go has it: the field of the struct is another struct, with the field that is set.
pub trait GoOneof: Sized {
    /// The name of the `oneof`, for errors.
    const NAME: &'static str;
    /// The names of the fields, in order.
    const GO: &'static [&'static str];
    /// Reads the value of the field with this place.
    ///
    /// # Errors
    /// Those of the deserializer.
    fn read<'de, A: MapAccess<'de>>(place: usize, map: &mut A) -> Result<Self, A::Error>;
}

/// Writes the fields of a struct.
#[derive(Debug)]
pub struct Writer<M> {
    map: M,
    json: bool,
}

/// Begins a struct. `zeros` says of each field whether it has the zero value of its type and may be left out.
///
/// # Errors
/// Those of the serializer.
pub fn begin<S: Serializer>(
    serializer: S,
    zeros: &[bool],
) -> Result<Writer<S::SerializeMap>, S::Error> {
    let json = serializer.is_human_readable();
    let left_out = zeros.iter().filter(|zero| json && **zero).count();
    let map = serializer.serialize_map(Some(zeros.len() - left_out))?;
    Ok(Writer { map, json })
}

impl<M: SerializeMap> Writer<M> {
    /// Writes a field in the form `F`, unless it is one that JSON leaves out.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn field<T, F: EncodeAs<T>>(
        &mut self,
        name: Name,
        value: &T,
        zero: bool,
    ) -> Result<(), M::Error> {
        let name = match self.json {
            true if zero => return Ok(()),
            true => name.json,
            false => name.go,
        };
        self.map
            .serialize_entry(name, &AdaptedRef::<T, F>::new(value))
    }

    /// Ends the struct.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn end(self) -> Result<M::Ok, M::Error> {
        self.map.end()
    }
}

/// Whether a field has the zero value of its type, which Go leaves out of JSON.
pub fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a struct: fields that are missing have their default values.
///
/// # Errors
/// Those of the deserializer.
pub fn read<'de, T: GoStruct, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let names = match deserializer.is_human_readable() {
        true => T::JSON,
        false => T::GO,
    };
    let reader = StructReader(names, PhantomData::<T>);
    message::read(reader, deserializer)
}

/// Reads a `oneof` that is set.
///
/// # Errors
/// Those of the deserializer; a struct without a field of the `oneof`.
pub fn read_oneof<'de, T: GoOneof, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    message::read(OneofReader(PhantomData::<T>), deserializer)
}

struct StructReader<T>(&'static [&'static str], PhantomData<T>);

impl<'de, T: GoStruct> ReadMap<'de> for StructReader<T> {
    type Value = T;

    fn keys(&self) -> Keys {
        Keys {
            name: T::NAME,
            names: self.0,
        }
    }

    fn read_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut value = T::default();
        let mut turn = 0;
        loop {
            let name = self.0.get(turn).copied().unwrap_or_default();
            let place = message::next_key_of(&mut map, self.0, turn, name)?;
            if place == message::END {
                return Ok(value);
            }
            value.read(place, &mut map)?;
            turn = place + 1;
        }
    }

    fn read_nil<E: serde::de::Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
}

struct OneofReader<T>(PhantomData<T>);

impl<T: GoOneof> OneofReader<T> {
    fn nothing<E: serde::de::Error>() -> E {
        let (name, fields) = (T::NAME, T::GO.join("`, `"));
        E::custom(format_args!("`{name}` has none of the fields `{fields}`"))
    }
}

impl<'de, T: GoOneof> ReadMap<'de> for OneofReader<T> {
    type Value = T;

    fn keys(&self) -> Keys {
        Keys {
            name: T::NAME,
            names: T::GO,
        }
    }

    fn read_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut found = None;
        loop {
            let place = message::next_key_of(&mut map, T::GO, 0, "")?;
            if place == message::END {
                return found.ok_or_else(Self::nothing);
            }
            if found.is_some() {
                let name = T::NAME;
                return Err(A::Error::custom(format_args!(
                    "`{name}` has two fields, and one can be set"
                )));
            }
            found = Some(T::read(place, &mut map)?);
        }
    }

    fn read_nil<E: serde::de::Error>(self) -> Result<T, E> {
        Err(Self::nothing())
    }
}
