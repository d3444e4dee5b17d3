//! The codecs and compressions of one server or channel: those that are compiled in, and those that the
//! program has registered for it.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize};

use super::adapt::{Adapted, AdaptedRef};
use super::custom::OwnCodec;
use super::family::{decode_seed_within, decode_serde_within};
use super::{
    DECODED, DecodeAs, DecodeError, EncodeAs, EncodeError, decode_as_within, encode_as,
    encode_serde, json, msgpack,
};
use crate::protocol::{Codec, Compress, CompressError, Compression, Compressions, RegisterError};

/// What one payload is encoded in: the number on the wire, and what is registered for it.
#[derive(Clone, Copy)]
pub struct Coding<'a> {
    codec: Codec,
    /// `None` where nothing is registered or set.
    formats: Option<&'a Inner>,
}

/// What is registered for a number.
#[derive(Clone)]
#[cfg_attr(not(feature = "custom-codec"), allow(dead_code))]
pub(crate) enum Entry {
    /// Bytes as they are: methods with `codec = "raw"` travel under the number.
    Bytes,
    /// A codec for all values of serde.
    Values(OwnCodec),
}

impl<'a> Coding<'a> {
    /// What is registered for the number. `None` for nothing: then the number alone decides.
    #[inline]
    fn entry(self) -> Option<&'a Entry> {
        self.formats?.codecs[usize::from(self.codec.number())].as_ref()
    }

    /// Bytes of memory that a decoded value may take.
    #[inline]
    pub(crate) fn decoded(self) -> usize {
        self.formats.map_or(DECODED, |formats| formats.decoded)
    }

    /// The number on the wire.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The number by which [`Raw`](super::Raw) knows bytes as they are, if they are that under this number.
    pub(crate) fn bytes_as(self) -> Result<Codec, Codec> {
        match self.entry() {
            None => Ok(self.codec),
            Some(Entry::Bytes) => Ok(Codec::RAW),
            Some(Entry::Values(_)) => Err(self.codec),
        }
    }

    /// Whether a codec for all values of serde is registered for the number.
    pub(super) fn is_own(self) -> bool {
        matches!(self.entry(), Some(Entry::Values(_)))
    }

    /// The number, unless something is registered for it in place of a codec that is compiled in.
    pub(crate) fn built_in(self) -> Result<Codec, Codec> {
        match self.entry() {
            None => Ok(self.codec),
            Some(_) => Err(self.codec),
        }
    }

    /// Appends a value of serde.
    #[inline]
    pub(crate) fn encode<T: Serialize>(
        self,
        value: &T,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        match self.entry() {
            None => encode_serde(value, self.codec, out),
            Some(Entry::Values(own)) => own.encode(value, out),
            Some(Entry::Bytes) => Err(EncodeError::codec(self.codec)),
        }
    }

    /// Reads a value of serde.
    #[inline]
    pub(crate) fn decode<'de, T: Deserialize<'de>>(
        self,
        bytes: &'de [u8],
    ) -> Result<T, DecodeError> {
        match self.entry() {
            None => decode_serde_within(self.codec, bytes, self.decoded()),
            Some(Entry::Values(own)) => own.decode(bytes, self.decoded()),
            Some(Entry::Bytes) => Err(DecodeError::codec(self.codec)),
        }
    }

    /// Appends a value in a form.
    #[inline]
    pub(crate) fn encode_as<A: EncodeAs<T>, T>(
        self,
        value: &T,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        match self.entry() {
            None => encode_as::<A, T>(value, self.codec, out),
            Some(Entry::Values(own)) => own.encode(&AdaptedRef::<T, A>::new(value), out),
            Some(Entry::Bytes) => Err(EncodeError::codec(self.codec)),
        }
    }

    /// Reads a value in a form.
    #[inline]
    pub(crate) fn decode_as<'de, A: DecodeAs<'de, T>, T>(
        self,
        bytes: &'de [u8],
    ) -> Result<T, DecodeError> {
        match self.entry() {
            None => decode_as_within::<A, T>(self.codec, bytes, self.decoded()),
            Some(Entry::Values(own)) => own
                .decode::<Adapted<T, A>>(bytes, self.decoded())
                .map(Adapted::into_inner),
            Some(Entry::Bytes) => Err(DecodeError::codec(self.codec)),
        }
    }

    /// Reads a value of serde by a seed, which reads nil itself.
    #[inline]
    pub(crate) fn decode_seed<'de, S: DeserializeSeed<'de>>(
        self,
        seed: S,
        bytes: &'de [u8],
    ) -> Result<S::Value, DecodeError> {
        match self.entry() {
            None => decode_seed_within(seed, self.codec, bytes, self.decoded()),
            Some(Entry::Values(own)) => own.decode_seed(seed, bytes, self.decoded()),
            Some(Entry::Bytes) => Err(DecodeError::codec(self.codec)),
        }
    }
}

/// A codec that is compiled in, if it is.
impl From<Codec> for Coding<'_> {
    fn from(codec: Codec) -> Self {
        Self {
            codec,
            formats: None,
        }
    }
}

impl fmt::Debug for Coding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coding")
            .field("codec", &self.codec)
            .field("registered", &self.entry().is_some())
            .finish()
    }
}

/// The registry. One pointer, and none where nothing is registered and all limits are the defaults.
#[derive(Clone, Default)]
pub(crate) struct Formats(Option<Arc<Inner>>);

#[derive(Clone)]
struct Inner {
    codecs: [Option<Entry>; 16],
    compressions: Compressions,
    decoded: usize,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            codecs: Default::default(),
            compressions: Compressions::default(),
            decoded: DECODED,
        }
    }
}

impl Formats {
    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    /// Sets how many bytes of memory a decoded value may take.
    pub(crate) fn set_decoded(&mut self, decoded: usize) {
        if decoded != DECODED || self.0.is_some() {
            self.inner().decoded = decoded;
        }
    }

    /// Adds a codec. `replace` allows a number that is compiled in.
    pub(crate) fn register_codec(
        &mut self,
        codec: Codec,
        entry: Entry,
        replace: bool,
    ) -> Result<(), RegisterError> {
        let (what, number) = ("codec", codec.to_string());
        if is_built_in(codec) && !replace {
            let replace = "replace_codec";
            return Err(RegisterError::BuiltIn {
                what,
                number,
                replace,
            });
        }
        let place = &mut self.inner().codecs[usize::from(codec.number())];
        if place.is_some() {
            return Err(RegisterError::Twice { what, number });
        }
        *place = Some(entry);
        Ok(())
    }

    /// Adds a compression. `replace` allows the number of gzip.
    pub(crate) fn register_compression(
        &mut self,
        kind: Compression,
        algorithm: Arc<dyn Compress>,
        replace: bool,
    ) -> Result<(), RegisterError> {
        self.inner().compressions.register(kind, algorithm, replace)
    }

    /// Refuses a codec or a compression that calls are to use, and that this side has not.
    pub(crate) fn check(
        &self,
        codec: Option<Codec>,
        kind: Compression,
    ) -> Result<(), RegisterError> {
        let missing = |codec: &Codec| !is_built_in(*codec) && self.entry(*codec).is_none();
        if let Some(codec) = codec.filter(missing) {
            let (what, number) = ("codec", codec.number());
            return Err(RegisterError::Missing { what, number });
        }
        if !self.has_compression(kind) {
            let (what, number) = ("compression", kind.number());
            return Err(RegisterError::Missing { what, number });
        }
        Ok(())
    }

    fn has_compression(&self, kind: Compression) -> bool {
        match &self.0 {
            Some(inner) => inner.compressions.has(kind),
            None => Compressions::default().has(kind),
        }
    }

    fn entry(&self, codec: Codec) -> Option<&Entry> {
        self.coding(codec).entry()
    }

    /// How payloads with this number are read and written.
    #[inline]
    pub(crate) fn coding(&self, codec: Codec) -> Coding<'_> {
        Coding {
            codec,
            formats: self.0.as_deref(),
        }
    }

    /// Compresses a payload.
    pub(crate) fn compress(
        &self,
        kind: Compression,
        payload: &[u8],
    ) -> Result<Vec<u8>, CompressError> {
        match &self.0 {
            None => crate::protocol::compress(kind, payload),
            Some(inner) => inner.compressions.compress(kind, payload),
        }
    }

    /// Inflates a payload to at most `limit` bytes.
    pub(crate) fn inflate(
        &self,
        kind: Compression,
        payload: &[u8],
        limit: usize,
    ) -> Result<Vec<u8>, CompressError> {
        match &self.0 {
            None => crate::protocol::inflate(kind, payload, limit),
            Some(inner) => inner.compressions.inflate(kind, payload, limit),
        }
    }
}

/// The numbers that Go rpcx gives a meaning, and whether this build has their codecs.
const BUILT_IN: [(Codec, bool); 5] = [
    (Codec::RAW, true),
    (Codec::JSON, json::PRESENT),
    (Codec::PROTOBUF, PROTOBUF),
    (Codec::MSGPACK, msgpack::PRESENT),
    (Codec::THRIFT, THRIFT),
];

const PROTOBUF: bool = cfg!(feature = "protobuf");
const THRIFT: bool = cfg!(feature = "thrift");

fn is_built_in(codec: Codec) -> bool {
    BUILT_IN.contains(&(codec, true))
}

impl fmt::Debug for Formats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(inner) = &self.0 else {
            return f.write_str("Formats");
        };
        let codecs = (0..).zip(&inner.codecs).filter(|(_, own)| own.is_some());
        let codecs: Vec<u8> = codecs.map(|(number, _)| number).collect();
        f.debug_struct("Formats")
            .field("codecs", &codecs)
            .field("compressions", &inner.compressions)
            .finish()
    }
}
