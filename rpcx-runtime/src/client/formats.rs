//! Codecs and compressions of a channel's own.

use std::sync::Arc;

use super::ChannelBuilder;
use crate::codec::Entry;
#[cfg(feature = "custom-codec")]
use crate::codec::{CustomCodec, OwnCodec};
use crate::error::{Error, Result};
use crate::protocol::{Codec, Compress, Compression, RegisterError};

#[cfg(feature = "custom-codec")]
impl ChannelBuilder {
    /// Adds a codec: replies and pushes with its number are then read in it, and calls are made in it if the channel's
    /// [`codec`](Self::codec) is that number. Needs the feature `custom-codec`.
    ///
    /// A number that a codec of this build has, or that is registered already, is an error when the channel is built.
    /// Go programs that use number 4 for a codec of their own need [`replace_codec`](Self::replace_codec) where the
    /// feature `thrift` is on.
    pub fn codec_with(self, number: Codec, codec: impl CustomCodec) -> Self {
        self.add_codec(number, Entry::Values(OwnCodec::new(codec)), false)
    }

    /// The same in place of a codec that is compiled in: methods that have that codec by name can then not be
    /// called.
    pub fn replace_codec(self, number: Codec, codec: impl CustomCodec) -> Self {
        self.add_codec(number, Entry::Values(OwnCodec::new(codec)), true)
    }
}

impl ChannelBuilder {
    /// Lets methods with `codec = "raw"` travel under this number: replies with it are taken as the bytes that they are,
    /// and calls are made with it if the channel's [`codec`](Self::codec) is that number.
    ///
    /// For payloads that only the callers themselves understand. A number that a codec of this build has, or that is
    /// registered already, is an error when the channel is built.
    pub fn raw_codec(self, number: Codec) -> Self {
        self.add_codec(number, Entry::Bytes, false)
    }

    /// Adds an algorithm: replies that are compressed with its number are then inflated, and arguments are compressed with
    /// it if a call or the channel asks for that number.
    ///
    /// The numbers of snappy and zstd are free, also where their features are on. That of gzip, where its feature is
    /// on, and a number that is registered already are an error when the channel is built.
    pub fn compression_with(self, number: Compression, algorithm: impl Compress) -> Self {
        self.add_compression(number, algorithm, false)
    }

    /// The same, also in place of gzip.
    pub fn replace_compression(self, number: Compression, algorithm: impl Compress) -> Self {
        self.add_compression(number, algorithm, true)
    }

    /// What was registered, and whether calls use anything else.
    pub(super) fn check_formats(&mut self) -> Result<()> {
        let options = &self.options;
        let formats = &options.connection.formats;
        let used = formats.check(options.codec, options.compression);
        let mistake = self.mistakes.drain(..).next().map_or(used, Err);
        mistake.map_err(|mistake| Error::setup(mistake.to_string()).with_source(mistake))
    }

    fn add_codec(mut self, number: Codec, entry: Entry, replace: bool) -> Self {
        let added = self
            .options
            .connection
            .formats
            .register_codec(number, entry, replace);
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
            .options
            .connection
            .formats
            .register_compression(number, algorithm, replace);
        self.note(added)
    }

    fn note(mut self, added: Result<(), RegisterError>) -> Self {
        self.mistakes.extend(added.err());
        self
    }
}
