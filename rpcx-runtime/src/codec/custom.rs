//! Codecs that a program adds.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::budget::Budget;
use super::metered::Metered;
use super::unit::unit;
use super::{DecodeError, EncodeError};

/// A codec for all values that serde can write and read, under a number that both peers agree on.
///
/// Registered with `ServerBuilder::codec_with` and `ChannelBuilder::codec_with`. Methods with the default codecs (msgpack
/// and JSON) then travel in it too. Go programs do the same with `share.RegisterCodec`.
///
/// ```
/// use rpcx::codec::{CustomCodec, DecodeError, Decodable, EncodeError, Encodable};
///
/// /// JSON with spaces and line feeds, for eyes.
/// struct PrettyJson;
///
/// impl CustomCodec for PrettyJson {
///     fn encode(&self, value: Encodable<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
///         serde_json::to_writer_pretty(out, &value).map_err(EncodeError::value)
///     }
///
///     fn decode<'de>(&self, bytes: &'de [u8], value: Decodable<'_, 'de>) -> Result<(), DecodeError> {
///         let mut reader = serde_json::Deserializer::from_slice(bytes);
///         value.read(&mut reader).map_err(DecodeError::value)?;
///         // a payload is one value and nothing after it
///         reader.end().map_err(DecodeError::value)
///     }
/// }
/// ```
pub trait CustomCodec: Send + Sync + 'static {
    /// Appends the encoded value to `out`, which may be cut back after an error.
    ///
    /// # Errors
    /// A value that the codec cannot express. The call then fails before anything is sent, or with an error in place
    /// of its reply.
    fn encode(&self, value: Encodable<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Reads one value from the whole of `bytes`, with [`Decodable::read`].
    ///
    /// The bytes come from the network: they may be anything, nest as deep as they are long, and announce
    /// lengths that are not there.
    ///
    /// # Errors
    /// Bytes that are not one value, or go on behind it: the method then does not run.
    fn decode<'de>(&self, bytes: &'de [u8], value: Decodable<'_, 'de>) -> Result<(), DecodeError>;
}

/// A value to be encoded: any type, behind serde's [`Serialize`].
pub struct Encodable<'a>(&'a dyn erased_serde::Serialize);

impl Serialize for Encodable<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl fmt::Debug for Encodable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encodable").finish_non_exhaustive()
    }
}

/// The place of a value that is decoded: any type, behind serde's `Deserialize`.
pub struct Decodable<'a, 'de> {
    target: &'a mut dyn Read<'de>,
    /// What the value may take.
    budget: &'a Budget,
}

impl<'de> Decodable<'_, 'de> {
    /// Reads the value.
    ///
    /// # Errors
    /// Those of the deserializer, and values that do not fit the type.
    pub fn read<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let metered = Metered::new(deserializer, self.budget);
        let mut deserializer = <dyn erased_serde::Deserializer<'_>>::erase(metered);
        self.target
            .read(&mut deserializer)
            .map_err(D::Error::custom)
    }
}

impl fmt::Debug for Decodable<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decodable").finish_non_exhaustive()
    }
}

/// A seed and the value it reads, without their types.
trait Read<'de> {
    fn read(
        &mut self,
        deserializer: &mut dyn erased_serde::Deserializer<'de>,
    ) -> Result<(), erased_serde::Error>;
}

enum Slot<S, T> {
    Seed(S),
    /// While the seed reads, and after it has failed.
    Empty,
    Value(T),
}

impl<'de, S: DeserializeSeed<'de>> Read<'de> for Slot<S, S::Value> {
    fn read(
        &mut self,
        deserializer: &mut dyn erased_serde::Deserializer<'de>,
    ) -> Result<(), erased_serde::Error> {
        if let Self::Seed(seed) = std::mem::replace(self, Self::Empty) {
            *self = Self::Value(seed.deserialize(deserializer)?);
        }
        Ok(())
    }
}

/// A codec that is registered.
#[derive(Clone)]
pub(crate) struct OwnCodec(Arc<dyn CustomCodec>);

impl OwnCodec {
    pub(crate) fn new(codec: impl CustomCodec) -> Self {
        Self(Arc::new(codec))
    }

    pub(super) fn encode<T: Serialize>(
        &self,
        value: &T,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        self.0.encode(Encodable(value), out)
    }

    /// Reads a value; one that says nothing from any value, as the codecs that are compiled in do.
    pub(super) fn decode<'de, T: Deserialize<'de>>(
        &self,
        bytes: &'de [u8],
        decoded: usize,
    ) -> Result<T, DecodeError> {
        let read = self.decode_seed(PhantomData, bytes, decoded);
        match unit() {
            // Second, because formats that do not describe themselves cannot ignore anything.
            Some(nothing) if read.is_err() => self
                .decode_seed(PhantomData::<IgnoredAny>, bytes, decoded)
                .map(|IgnoredAny| nothing),
            _ => read,
        }
    }

    pub(super) fn decode_seed<'de, S: DeserializeSeed<'de>>(
        &self,
        seed: S,
        bytes: &'de [u8],
        decoded: usize,
    ) -> Result<S::Value, DecodeError> {
        let (mut slot, budget) = (Slot::Seed(seed), Budget::new(bytes, decoded));
        let target = Decodable {
            target: &mut slot,
            budget: &budget,
        };
        let read = self.0.decode(bytes, target);
        budget.note();
        read.map_err(|error| budget.explain(error))?;
        match slot {
            Slot::Value(value) => Ok(value),
            // Without this a faulty codec would let a method run for arguments that were not read.
            _ => Err(DecodeError::value("the codec has read no value")),
        }
    }
}
