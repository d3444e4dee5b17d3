//! `rpcx call`: one call, JSON in and JSON out.

mod arguments;
mod frame;
mod report;
mod request;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use clap_complete::ArgValueCompleter;
use rpcx::client::RawReply;
use rpcx::protocol::inflate;
use rpcx::{Channel, Compression, Error, ErrorKind, Rejection};

use crate::connect::ConnectOptions;
use crate::describe::{ask, suggestion};
use crate::outcome::{self, Outcome};
use crate::shell::method_names;
use crate::show;
pub(crate) use frame::hex;
use request::Prepared;
pub(crate) use request::RequestOptions;

/// The most that a reply may become when it is inflated: what a client takes of a frame.
const INFLATED: usize = 64 << 20;

/// How long a call may take where nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How long a server may take to say which names it has, when one was wrong.
const SUGGESTING: Duration = Duration::from_secs(2);

const EXAMPLES: &str = "\
Examples:
  rpcx call tcp@127.0.0.1:8972 Arith.Mul '{\"A\":6,\"B\":7}'
  echo '{\"A\":6,\"B\":7}' | rpcx call 127.0.0.1:8972 Arith.Mul -
  rpcx call etcd://127.0.0.1:2379/rpcx Arith.Mul @args.json --codec msgpack --gzip
  rpcx call tcp@example.org:8972 Arith.Mul '{\"A\":6}' --tls --token secret --metadata trace=on --json
  rpcx call tcp@127.0.0.1:8972 Arith.Mul '{\"A\":6,\"B\":7}' --offline
  rpcx call tcp@127.0.0.1:8972 Arith.Mul '{\"a\":6,\"b\":7}' --trait service/arith.rs

JSON and msgpack:
  With `--codec msgpack` a number without fraction is an integer, and any other a float of 64 bits;
  {\"$bytes\":\"AQI=\"} is a byte string, {\"$time\":\"2023-11-14T22:13:20Z\"} a time. Byte strings of a reply are
  printed as their base64, and times as their text.

Types:
  With `--trait FILE`, a trait file of Rust or the file of Go that the service is in, the arguments are checked before they are
  sent, names may be written in either case, and what travels is what a client with these types sends: byte strings from base64,
  times, durations in nanoseconds, keys that are numbers, floats of 32 bits.";

/// Calls a method, with JSON in and out
///
/// The reply is printed on standard output, and nothing else.
#[derive(Args, Debug)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", outcome::EXIT_CODES))]
pub(crate) struct CallOptions {
    /// Where the server is: network@host:port, or the URL of a registry
    address: String,

    /// The method: Service.Method, or Service/Method
    #[arg(add = ArgValueCompleter::new(method_names))]
    method: MethodName,

    /// The arguments as JSON; `-` reads them from standard input, `@FILE` from a file
    #[arg(default_value = "null")]
    arguments: String,

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
    request: RequestOptions,

    #[command(flatten)]
    connect: ConnectOptions,
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

/// Runs the command.
pub(crate) async fn run(options: &CallOptions) -> Result<ExitCode, Outcome> {
    let mut prepared = options
        .request
        .prepare(&options.method, &options.arguments)?;
    prepared.timeout.get_or_insert(TIMEOUT);
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

async fn send(
    options: &CallOptions,
    prepared: &Prepared,
    channel: &Channel,
) -> rpcx::Result<RawReply> {
    let mut call = prepared.method(channel, &options.method);
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
    match options.request.encoded {
        true => Ok(payload),
        false => arguments::decode(payload, reply.codec),
    }
}

fn print(options: &CallOptions, reply: &RawReply) -> Result<ExitCode, Outcome> {
    if !options.oneway {
        let shown = decoded(options, reply)?;
        match options.request.encoded {
            true => show::print_bytes(&shown)?,
            false => show::print_json(&shown)?,
        }
    }
    Ok(ExitCode::SUCCESS)
}
