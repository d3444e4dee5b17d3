//! Typed values in msgpack, as generated clients write them.

use rmp::encode;
use rpcx::Codec;
use rpcx::codec::transcode;
use serde_json::json;

use super::value::Typed;
use crate::outcome::Outcome;

pub(super) fn encode(value: &Typed) -> Result<Vec<u8>, Outcome> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Typed, out: &mut Vec<u8>) -> Result<(), Outcome> {
    let length = |length: usize| {
        u32::try_from(length).map_err(|_| Outcome::usage("the arguments have too many parts"))
    };
    match value {
        Typed::Null => encode::write_nil(out).map_err(Outcome::usage),
        Typed::Bool(is) => encode::write_bool(out, *is).map_err(Outcome::usage),
        Typed::Signed(number) => written(encode::write_sint(out, *number)),
        Typed::Unsigned(number) => written(encode::write_uint(out, *number)),
        Typed::Single(number) => written(encode::write_f32(out, *number)),
        Typed::Float(number) => written(encode::write_f64(out, *number)),
        Typed::Text(text) => written(encode::write_str(out, text)),
        Typed::Bytes(bytes) | Typed::ByteArray(bytes) => written(encode::write_bin(out, bytes)),
        Typed::Time(time) => other(&json!({"$time": time}), out),
        Typed::List(list) => {
            written(encode::write_array_len(out, length(list.len())?))?;
            list.iter().try_for_each(|one| write(one, out))
        }
        Typed::Fields(fields) => {
            written(encode::write_map_len(out, length(fields.len())?))?;
            fields.iter().try_for_each(|(name, one)| {
                written(encode::write_str(out, name))?;
                write(one, out)
            })
        }
        Typed::Numbered(pairs) => {
            written(encode::write_map_len(out, length(pairs.len())?))?;
            pairs.iter().try_for_each(|(key, one)| {
                match (u64::try_from(*key), i64::try_from(*key)) {
                    (Ok(key), _) => written(encode::write_uint(out, key))?,
                    (_, Ok(key)) => written(encode::write_sint(out, key))?,
                    _ => return Err(Outcome::usage(format!("{key} has more than 64 bits"))),
                }
                write(one, out)
            })
        }
        Typed::Any(value) => other(value, out),
    }
}

/// What has no type here, or one of rpcx's own.
fn other(value: &serde_json::Value, out: &mut Vec<u8>) -> Result<(), Outcome> {
    let json = value.to_string();
    let bytes = transcode(json.as_bytes(), Codec::JSON, Codec::MSGPACK);
    out.extend(bytes.map_err(Outcome::usage)?);
    Ok(())
}

fn written<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<(), Outcome> {
    result.map(drop).map_err(Outcome::usage)
}
