//! `--json`: all that is known of a call, as one document.

use std::process::ExitCode;
use std::time::Duration;

use rpcx::client::RawReply;
use rpcx::{Error, ErrorKind, Metadata};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{CallOptions, decoded};
use crate::outcome::{self, Outcome};
use crate::show;

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// `ok`, `service-error`, `rejected`, `not-sent`, `unknown` or `setup`.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<Box<RawValue>>,
    /// Why a call was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    /// What came with the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<serde_json::Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    codec: Option<u8>,
    /// Connecting is in it.
    milliseconds: f64,
}

/// Prints the document; the exit code is as without it.
pub(super) fn print(
    options: &CallOptions,
    result: rpcx::Result<RawReply>,
    took: Duration,
) -> Result<ExitCode, Outcome> {
    let code = result.as_ref().err().map_or(0, outcome::code);
    let mut report = match result {
        Ok(reply) => of_reply(options, &reply)?,
        Err(error) => of_error(&error),
    };
    report.milliseconds = (took.as_secs_f64() * 1e6).round() / 1e3;
    let text = serde_json::to_vec(&report).map_err(Outcome::usage)?;
    show::print_json(&text)?;
    Ok(ExitCode::from(code))
}

fn of_reply(options: &CallOptions, reply: &RawReply) -> Result<Report, Outcome> {
    let shown = match options.oneway {
        true => None,
        false if options.request.encoded => Some(hexadecimal(&decoded(options, reply)?)),
        false => Some(decoded(options, reply)?),
    };
    let raw = |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(Outcome::usage);
    Ok(Report {
        outcome: "ok",
        reply: shown.map(raw).transpose()?,
        metadata: Some(pairs(&reply.metadata)),
        codec: (!options.oneway).then(|| reply.codec.number()),
        ..Report::default()
    })
}

/// Bytes as a text of JSON.
fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    format!("\"{}\"", super::hex(bytes)).into_bytes()
}

fn of_error(error: &Error) -> Report {
    let data = error.data().map(|data| {
        let json = serde_json::from_str(data).ok();
        json.unwrap_or_else(|| Value::String(data.to_owned()))
    });
    Report {
        outcome: outcome::name(error),
        reason: match error.kind() {
            ErrorKind::Rejected(reason) => Some(reason.as_str()),
            _ => None,
        },
        error: Some(error.message().to_owned()),
        code: error.code(),
        data,
        ..Report::default()
    }
}

fn pairs(metadata: &Metadata) -> serde_json::Map<String, Value> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let pairs = metadata.iter();
    pairs
        .map(|(key, value)| (text(key), Value::String(text(value))))
        .collect()
}
