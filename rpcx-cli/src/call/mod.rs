//! `rpcx call`: one call, JSON in and JSON out.

mod arguments;
mod frame;
mod report;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::{Args, ValueEnum};
use rpcx::client::RawReply;
use rpcx::protocol::{compress, inflate};
use rpcx::{Channel, Codec, Compression, Error, ErrorKind, Metadata, Rejection};

use crate::connect::{ConnectOptions, Pair, duration};
use crate::describe::{ask, suggestion};
use crate::outcome::{self, Outcome};
use crate::show;

/// The most that a reply may become when it is inflated: what a client takes of a frame.
const INFLATED: usize = 64 << 20;

/// How long a server may take to say which names it has, when one was wrong.
const SUGGESTING: Duration = Duration::from_secs(2);

const EXAMPLES: &str = "\
Examples:
  rpcx call tcp@127.0.0.1:8972 Arith.Mul '{\"A\":6,\"B\":7}'
  echo '{\"A\":6,\"B\":7}' | rpcx call 127.0.0.1:8972 Arith.Mul -
  rpcx call etcd://127.0.0.1:2379/rpcx Arith.Mul @args.json --codec msgpack --gzip
  rpcx call tcp@example.org:8972 Arith.Mul '{\"A\":6}' --tls --token secret --metadata trace=on --json
  rpcx call tcp@127.0.0.1:8972 Arith.Mul '{\"A\":6,\"B\":7}' --offline

JSON and msgpack:
  With `--codec msgpack` a number without fraction is an integer, and any other a float of 64 bits;
  {\"$bytes\":\"AQI=\"} is a byte string, {\"$time\":\"2023-11-14T22:13:20Z\"} a time. Byte strings of a reply are
  printed as their base64, and times as their text.";

/// Calls a method, with JSON in and out
///
/// The reply is printed on standard output, and nothing else.
#[derive(Args, Debug)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", outcome::EXIT_CODES))]
pub(crate) struct CallOptions {
    /// Where the server is: network@host:port, or the URL of a registry
    address: String,

    /// The method: Service.Method, or Service/Method
    method: MethodName,

    /// The arguments as JSON; `-` reads them from standard input, `@FILE` from a file
    #[arg(default_value = "null")]
    arguments: String,

    /// Sends this metadata; can be repeated
    #[arg(short, long, value_name = "KEY=VALUE")]
    metadata: Vec<Pair>,

    /// How long the call may take
    #[arg(short, long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    timeout: Duration,

    /// What travels: JSON is sent as it is, and made into msgpack if that is asked for
    #[arg(short, long, default_value = "json")]
    codec: CodecName,

    /// The arguments are encoded already, and so is what is printed: bytes and no JSON
    #[arg(long)]
    encoded: bool,

    /// Compresses the arguments; the server may compress a long reply then
    #[arg(long)]
    gzip: bool,

    /// Waits for no reply
    #[arg(long)]
    oneway: bool,

    /// Prints a document with outcome, metadata and time around the reply
    #[arg(long)]
    json: bool,

    /// Prints the frame that would be sent, in hexadecimal, and connects to nothing
    #[arg(long)]
    offline: bool,

    #[command(flatten)]
    connect: ConnectOptions,
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

/// A service and one of its methods.
#[derive(Clone, Debug)]
pub(crate) struct MethodName {
    pub(crate) service: String,
    pub(crate) method: String,
}

impl std::str::FromStr for MethodName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A service may have dots or slashes in its name, and a method has neither.
        let both = text.rsplit_once('/').or_else(|| text.rsplit_once('.'));
        match both {
            Some((service, method)) if !service.is_empty() && !method.is_empty() => Ok(Self {
                service: service.to_owned(),
                method: method.to_owned(),
            }),
            _ => Err("a method is written Service.Method".to_owned()),
        }
    }
}

/// What is sent.
struct Prepared {
    metadata: Metadata,
    codec: Codec,
    compression: Compression,
    payload: Bytes,
}

/// Runs the command.
pub(crate) async fn run(options: &CallOptions) -> Result<ExitCode, Outcome> {
    let prepared = prepare(options)?;
    if options.offline {
        return frame::print(options, &prepared).map(|()| ExitCode::SUCCESS);
    }
    let channel = options.connect.once(&options.address)?;
    let began = Instant::now();
    let result = send(options, &prepared, &channel).await;
    let took = began.elapsed();
    channel.close().await;
    match (options.json, result) {
        (true, result) => report::print(options, result, took),
        (false, Ok(reply)) => print(options, &reply),
        (false, Err(error)) => Err(explained(options, error).await),
    }
}

/// An error, and for a name that the server has not the one that it has.
async fn explained(options: &CallOptions, error: Error) -> Outcome {
    let is_unknown = error.kind() == ErrorKind::Rejected(Rejection::UnknownMethod);
    let outcome = Outcome::from(error);
    if !is_unknown {
        return outcome;
    }
    let MethodName { service, method } = &options.method;
    let known = ask(
        &options.connect,
        &options.address,
        Some(service),
        SUGGESTING,
    )
    .await;
    match known {
        Ok(document) => outcome.with_hint(suggestion(&document, &format!("{service}.{method}"))),
        Err(_) => outcome,
    }
}

fn prepare(options: &CallOptions) -> Result<Prepared, Outcome> {
    let codec = options.codec.codec();
    let arguments = arguments::read(&options.arguments)?;
    let mut payload = match options.encoded {
        true => arguments,
        false => arguments::encode(arguments, codec)?,
    };
    let mut compression = Compression::NONE;
    if options.gzip {
        compression = Compression::GZIP;
        payload = compress(compression, &payload)
            .map_err(Outcome::usage)?
            .into();
    }
    let mut metadata = Metadata::new();
    for Pair { key, value } in &options.metadata {
        metadata.insert(key, value);
    }
    Ok(Prepared {
        metadata,
        codec,
        compression,
        payload,
    })
}

async fn send(
    options: &CallOptions,
    prepared: &Prepared,
    channel: &Channel,
) -> rpcx::Result<RawReply> {
    let MethodName { service, method } = &options.method;
    let mut call = channel
        .raw(service.as_str(), method.as_str())
        .codec(prepared.codec)
        .compressed(prepared.compression)
        .all_metadata(&prepared.metadata)
        .timeout(options.timeout);
    if options.oneway {
        call = call.oneway();
    }
    call.call(prepared.payload.clone()).await
}

/// The reply, as bytes or as JSON.
fn decoded(options: &CallOptions, reply: &RawReply) -> Result<Vec<u8>, Outcome> {
    let payload = match reply.compression {
        Compression::NONE => reply.payload.to_vec(),
        kind => inflate(kind, &reply.payload, INFLATED).map_err(Outcome::usage)?,
    };
    match options.encoded {
        true => Ok(payload),
        false => arguments::decode(payload, reply.codec),
    }
}

fn print(options: &CallOptions, reply: &RawReply) -> Result<ExitCode, Outcome> {
    if !options.oneway {
        let shown = decoded(options, reply)?;
        match options.encoded {
            true => show::print_bytes(&shown)?,
            false => show::print_json(&shown)?,
        }
    }
    Ok(ExitCode::SUCCESS)
}
