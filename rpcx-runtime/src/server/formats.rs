//! Codecs and compressions of a server's own.

use std::sync::Arc;

use super::ServerBuilder;
use crate::codec::Entry;
#[cfg(feature = "custom-codec")]
use crate::codec::{CustomCodec, OwnCodec};
use crate::error::Error;
use crate::protocol::{Codec, Compress, Compression, RegisterError};

#[cfg(feature = "custom-codec")]
impl ServerBuilder {
    /// Adds a codec: requests with its number are then decoded and answered in it, by every method with the default
    /// codecs. Needs the feature `custom-codec`.
    ///
    /// A number that a codec of this build has, or that is registered already, is an error when the server is bound.
    /// Go programs that use number 4 for a codec of their own need [`replace_codec`](Self::replace_codec) where the
    /// feature `thrift` is on.
    pub fn codec_with(self, number: Codec, codec: impl CustomCodec) -> Self {
        self.add_codec(number, Entry::Values(OwnCodec::new(codec)), false)
    }

    /// The same in place of a codec that is compiled in: methods that have that codec by name are then refused.
    pub fn replace_codec(self, number: Codec, codec: impl CustomCodec) -> Self {
        self.add_codec(number, Entry::Values(OwnCodec::new(codec)), true)
    }
}

impl ServerBuilder {
    /// Lets methods with `codec = "raw"` take and give payloads with this number too, as the bytes that they are.
    ///
    /// For payloads that only the methods themselves understand. A number that a codec of this build has, or that is
    /// registered already, is an error when the server is bound.
    pub fn raw_codec(self, number: Codec) -> Self {
        self.add_codec(number, Entry::Bytes, false)
    }

    /// Adds an algorithm: requests that are compressed with its number are then inflated, and their replies compressed
    /// with it.
    ///
    /// The numbers of snappy and zstd are free, also where their features are on. That of gzip, where its feature is
    /// on, and a number that is registered already are an error when the server is bound.
    pub fn compression_with(self, number: Compression, algorithm: impl Compress) -> Self {
        self.add_compression(number, algorithm, false)
    }

    /// The same, also in place of gzip.
    pub fn replace_compression(self, number: Compression, algorithm: impl Compress) -> Self {
        self.add_compression(number, algorithm, true)
    }

    fn add_codec(mut self, number: Codec, entry: Entry, replace: bool) -> Self {
        let added = self.parts.formats.register_codec(number, entry, replace);
        self.note(added)
    }

    fn add_compression(
        mut self,
        number: Compression,
        algorithm: impl Compress,
        replace: bool,
    ) -> Self {
        let algorithm = Arc::new(algorithm);
        let added = self
            .parts
            .formats
            .register_compression(number, algorithm, replace);
        self.note(added)
    }

    fn note(mut self, added: Result<(), RegisterError>) -> Self {
        self.mistakes.extend(
            added
                .err()
                .map(|mistake| Error::setup(mistake.to_string()).with_source(mistake)),
        );
        self
    }
}
