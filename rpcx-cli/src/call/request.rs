//! What is sent: the options of it, and the arguments in their codec.

use std::time::Duration;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use rpcx::client::RawMethod;
use rpcx::protocol::compress;
use rpcx::{Channel, Codec, Compression, Metadata};

use super::{MethodName, arguments};
use crate::connect::{Pair, duration};
use crate::outcome::Outcome;
use crate::typed::{TypeOptions, TypedMethod};

/// How a request is made.
#[derive(Args, Debug)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestOptions {
    /// Sends this metadata; can be repeated
    #[arg(short, long, value_name = "KEY=VALUE")]
    metadata: Vec<Pair>,

    /// How long the call may take, which the server is told [default: 60s, which a server under load is not told]
    #[arg(short, long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,

    /// What travels: JSON is sent as it is, and made into msgpack if that is asked for [default: json, and with --trait what
    /// clients of the service send]
    #[arg(short, long)]
    codec: Option<CodecName>,

    /// The arguments are encoded already, and so is what is printed: bytes and no JSON
    #[arg(long)]
    pub(super) encoded: bool,

    /// Compresses the arguments; the server may compress a long reply then
    #[arg(long)]
    gzip: bool,

    #[command(flatten)]
    types: TypeOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CodecName {
    /// bytes
    Raw,
    Json,
    /// only with --encoded
    Protobuf,
    Msgpack,
    /// only with --encoded
    Thrift,
}

impl CodecName {
    fn codec(self) -> Codec {
        match self {
            Self::Raw => Codec::RAW,
            Self::Json => Codec::JSON,
            Self::Protobuf => Codec::PROTOBUF,
            Self::Msgpack => Codec::MSGPACK,
            Self::Thrift => Codec::THRIFT,
        }
    }
}

/// What is sent.
pub(crate) struct Prepared {
    pub(super) metadata: Metadata,
    pub(super) codec: Codec,
    pub(super) compression: Compression,
    /// None: that of the channel, which servers are not told.
    pub(super) timeout: Option<Duration>,
    pub(crate) payload: Bytes,
}

impl RequestOptions {
    /// The request with these arguments, as they stand on the command line.
    pub(crate) fn prepare(&self, method: &MethodName, text: &str) -> Result<Prepared, Outcome> {
        let typed = self.types.method(method)?;
        let usual = || typed.as_ref().map_or(Codec::JSON, TypedMethod::codec);
        let codec = self.codec.map_or_else(usual, CodecName::codec);
        let read = arguments::read(text)?;
        let mut payload = match self.encoded {
            true => read,
            false => arguments::encode(read, codec, typed.as_ref())?,
        };
        let mut compression = Compression::NONE;
        if self.gzip {
            compression = Compression::GZIP;
            payload = compress(compression, &payload)
                .map_err(Outcome::usage)?
                .into();
        }
        let mut metadata = Metadata::new();
        for Pair { key, value } in &self.metadata {
            metadata.insert(key, value);
        }
        Ok(Prepared {
            metadata,
            codec,
            compression,
            timeout: self.timeout,
            payload,
        })
    }
}

impl Prepared {
    /// The method, to be called with the payload any number of times.
    pub(crate) fn method(&self, channel: &Channel, name: &MethodName) -> RawMethod {
        let method = channel
            .raw(name.service.as_str(), name.method.as_str())
            .codec(self.codec)
            .compressed(self.compression)
            .all_metadata(&self.metadata);
        match self.timeout {
            Some(timeout) => method.timeout(timeout),
            None => method,
        }
    }
}
