//! Pairs as a URL and a form have them.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::protocol::Metadata;

/// The query parameter that is the whole argument, as JSON.
const WHOLE: &str = "_json";

/// Decodes percent signs; in a query, `+` too.
///
/// # Errors
/// What is no such text.
pub(super) fn unescape(text: &str, plus: bool) -> Result<Vec<u8>, String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        out.push(match byte {
            b'%' => {
                let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
                let Some((high, low)) = digit(at).zip(digit(at + 1)) else {
                    let shown = &bytes[at - 1..bytes.len().min(at + 2)];
                    return Err(format!("invalid URL escape \"{}\"", shown.escape_ascii()));
                };
                at += 2;
                (high * 16 + low) as u8
            }
            b'+' if plus => b' ',
            other => other,
        });
    }
    Ok(out)
}

fn text(escaped: &str) -> Result<String, String> {
    String::from_utf8(unescape(escaped, true)?)
        .map_err(|_| format!("`{}` is not UTF-8", escaped.escape_debug()))
}

fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Metadata as a query. Of a repeated key the first value counts, as in Go.
///
/// # Errors
/// What is no query.
pub(super) fn metadata(query: &str) -> Result<Metadata, String> {
    let mut metadata = Metadata::new();
    for (key, value) in raw_pairs(query) {
        let key = text(key)?;
        if metadata.get_bytes(&key).is_none() {
            metadata.insert(key, unescape(value, true)?);
        }
    }
    Ok(metadata)
}

/// Metadata as Go's `url.Values.Encode` writes it: sorted by key.
pub(super) fn encode(metadata: &Metadata) -> String {
    let mut pairs: Vec<_> = metadata.iter().collect();
    pairs.sort_unstable();
    let mut out = String::new();
    for (key, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        escape(key, &mut out);
        out.push('=');
        escape(value, &mut out);
    }
    out
}

fn escape(bytes: &[u8], out: &mut String) {
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            // Writing to a text cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
}

/// Arguments as a query, as JSON: each parameter is a field. A value that is a number, `true`, `false` or
/// `null`, or begins as an object, a list or a quoted text of JSON, is that; any other is a text. A name that
/// is repeated is a list. The parameter `_json` is the whole argument instead.
///
/// # Errors
/// What is no query.
pub(super) fn arguments(query: &str) -> Result<Vec<u8>, String> {
    let mut fields = Map::new();
    for (name, value) in raw_pairs(query) {
        let (name, value) = (text(name)?, text(value)?);
        if name == WHOLE {
            return Ok(value.into_bytes());
        }
        let value = json(&value).unwrap_or(Value::String(value));
        match fields.get_mut(&name) {
            None => {
                fields.insert(name, value);
            }
            Some(Value::Array(list)) if list.len() > 1 => list.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    if fields.is_empty() {
        return Ok(b"null".to_vec());
    }
    serde_json::to_vec(&fields).map_err(|error| error.to_string())
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// What a form stands for, unless its body is JSON, as `curl -d` sends it.
///
/// # Errors
/// As [`arguments`].
pub(super) fn form(body: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let first = body.trim_ascii_start().first();
    let is_json =
        first.is_none_or(|first| matches!(first, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9'));
    let Ok(text) = std::str::from_utf8(body) else {
        return Ok(None);
    };
    if is_json || json(text).is_some() {
        return Ok(None);
    }
    arguments(text).map(Some)
}

/// A name in the path of a URL.
///
/// # Errors
/// What is no such name.
pub(super) fn name(escaped: &str) -> Result<Cow<'_, str>, String> {
    if !escaped.as_bytes().contains(&b'%') {
        return Ok(Cow::Borrowed(escaped));
    }
    String::from_utf8(unescape(escaped, false)?)
        .map(Cow::Owned)
        .map_err(|_| "the path is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_a_query_have_their_types() {
        for (query, expected) in [
            ("A=10&B=20", r#"{"A":10,"B":20}"#),
            ("name=ann+lee&x=%E4%B8%AD", r#"{"name":"ann lee","x":"中"}"#),
            (
                "a=true&b=null&c=1.5&d=%2210%22",
                r#"{"a":true,"b":null,"c":1.5,"d":"10"}"#,
            ),
            ("a=1&a=2&a=3", r#"{"a":[1,2,3]}"#),
            ("a=[1]&a=2", r#"{"a":[[1],2]}"#),
            ("a=%7B%22b%22:1%7D&&c", r#"{"a":{"b":1},"c":""}"#),
            ("_json=%22world%22", r#""world""#),
            ("", "null"),
        ] {
            let made = arguments(query).unwrap();
            assert_eq!(String::from_utf8(made).unwrap(), expected, "{query}");
        }
        for query in ["a=%", "a=%4", "a=%zz", "%ff=1", "a=%ff"] {
            arguments(query).unwrap_err();
        }
    }

    #[test]
    fn metadata_is_written_as_go_writes_it() {
        let metadata = metadata("b=2&a=x+y&a=z&c=%E4%B8%AD%26").unwrap();
        assert_eq!(metadata.get("a"), Some("x y"));
        assert_eq!(encode(&metadata), "a=x+y&b=2&c=%E4%B8%AD%26");
        assert_eq!(encode(&Metadata::new()), "");
    }

    #[test]
    fn a_form_is_arguments_and_json_is_json() {
        for json in [
            r#"{"A":1}"#,
            " [1]",
            "\"a\"",
            "10",
            "-1",
            "null",
            "true",
            "",
        ] {
            assert_eq!(form(json.as_bytes()), Ok(None), "{json}");
        }
        assert_eq!(form(b"A=1&B=2"), Ok(Some(br#"{"A":1,"B":2}"#.to_vec())));
    }
}
