//! Arguments: from the command line, standard input or a file, and into a codec and back.

use std::io::Read as _;

use bytes::Bytes;
use rpcx::Codec;
use rpcx::codec::transcode;
use serde::de::IgnoredAny;

use crate::outcome::Outcome;
use crate::typed::TypedMethod;

/// Reads the text of an argument: itself, `-` or `@FILE`.
pub(super) fn read(argument: &str) -> Result<Bytes, Outcome> {
    if argument == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| Outcome::usage(format!("standard input: {error}")))?;
        return Ok(bytes.into());
    }
    match argument.strip_prefix('@') {
        Some(file) => {
            let bytes = std::fs::read(file);
            let bytes = bytes.map_err(|error| Outcome::usage(format!("{file}: {error}")))?;
            Ok(bytes.into())
        }
        None => Ok(argument.to_owned().into()),
    }
}

/// JSON in a codec, as the types of the method say if they are known.
pub(super) fn encode(
    json: Bytes,
    codec: Codec,
    typed: Option<&TypedMethod>,
) -> Result<Bytes, Outcome> {
    let json = match json.trim_ascii() {
        [] => Bytes::from_static(b"null"),
        trimmed => json.slice_ref(trimmed),
    };
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(&json) {
        let text = format!("the arguments are no JSON: {error}");
        return Err(Outcome::usage(text).hint(
            "put them into single quotes: '{\"A\":6,\"B\":7}'; a text has double quotes of its own: '\"world\"'",
        ));
    }
    match (codec, typed) {
        (Codec::JSON | Codec::MSGPACK, Some(typed)) => typed.encode(&json, codec),
        (Codec::JSON, None) => Ok(json),
        (Codec::MSGPACK, None) => {
            let bytes = transcode(&json, Codec::JSON, codec);
            let bytes = bytes.map_err(|error| Outcome::usage(format!("the arguments: {error}")))?;
            Ok(bytes.into())
        }
        _ => {
            let text = "JSON cannot be made into this codec, which has no names of its own";
            Err(Outcome::usage(text).hint(
                "`--encoded` sends bytes as they are: `--codec protobuf --encoded @args.bin`",
            ))
        }
    }
}

/// A payload as JSON.
pub(super) fn decode(payload: Vec<u8>, codec: Codec) -> Result<Vec<u8>, Outcome> {
    let wrong = |text: String| {
        Outcome::usage(text).hint("`--encoded` prints the bytes of the reply as they are")
    };
    match codec {
        Codec::JSON if payload.trim_ascii().is_empty() => Ok(b"null".to_vec()),
        Codec::JSON => {
            let checked = serde_json::from_slice::<IgnoredAny>(&payload);
            let wrong = |error| wrong(format!("the reply is no JSON: {error}"));
            checked.map_err(wrong).map(|_| payload)
        }
        Codec::MSGPACK => transcode(&payload, codec, Codec::JSON)
            .map_err(|error| wrong(format!("the reply is no msgpack: {error}"))),
        other => Err(wrong(format!(
            "the reply is in codec {}, which has no form in JSON",
            other.number()
        ))),
    }
}
