//! Codecs by the names that HTTP has for them, and compression.

use http::header::{self, HeaderValue};

use super::asked::{Asked, Fields, text};
use crate::codec::Formats;
use crate::protocol::{COMPRESS_THRESHOLD, Codec, Compression};

/// Each codec by its media types; the first of a codec is what is answered with.
const TYPES: [(&str, Codec); 13] = [
    ("application/json", Codec::JSON),
    ("text/json", Codec::JSON),
    // `curl -d` says so of whatever it sends.
    ("application/x-www-form-urlencoded", Codec::JSON),
    ("text/plain", Codec::JSON),
    ("application/msgpack", Codec::MSGPACK),
    ("application/x-msgpack", Codec::MSGPACK),
    ("application/vnd.msgpack", Codec::MSGPACK),
    ("application/protobuf", Codec::PROTOBUF),
    ("application/x-protobuf", Codec::PROTOBUF),
    ("application/vnd.google.protobuf", Codec::PROTOBUF),
    ("application/vnd.apache.thrift.binary", Codec::THRIFT),
    ("application/x-thrift", Codec::THRIFT),
    ("application/octet-stream", Codec::RAW),
];

/// What a payload in this codec is called.
pub(super) fn type_of(codec: Codec) -> HeaderValue {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    if codec == Codec::JSON {
        return JSON;
    }
    let known = TYPES.iter().find(|(_, known)| *known == codec);
    HeaderValue::from_static(known.map_or("application/octet-stream", |(name, _)| name))
}

/// The essence of a media type, without parameters: `application/json`.
fn essence(text: &str) -> &str {
    let end = text.bytes().position(|byte| byte == b';');
    text[..end.unwrap_or(text.len())].trim_ascii()
}

fn codec_of(name: &str) -> Option<Codec> {
    // Bytes: the name comes from a header and may be any text.
    let end = name.as_bytes().last_chunk::<5>();
    let is_json = name.len() > 5 && end.is_some_and(|end| end.eq_ignore_ascii_case(b"+json"));
    let known = TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    match known {
        Some((_, codec)) => Some(*codec),
        None if is_json => Some(Codec::JSON),
        None => None,
    }
}

/// The codec that a body is in; JSON if it does not say.
///
/// # Errors
/// The type, if nothing here reads it.
pub(super) fn of_body(fields: &Fields<'_>) -> Result<Codec, String> {
    let Some(value) = fields.content_type.value else {
        return Ok(Codec::JSON);
    };
    // As almost all say it.
    if value == b"application/json" {
        return Ok(Codec::JSON);
    }
    let known = text(value).and_then(|name| codec_of(essence(name)));
    known.ok_or_else(|| String::from_utf8_lossy(value).into_owned())
}

/// Whether a body says that it is a form.
pub(super) fn is_form(fields: &Fields<'_>) -> bool {
    let value = fields.content_type.value;
    let value = value.filter(|value| *value != b"application/json");
    let name = value.and_then(text);
    name.is_some_and(|name| essence(name).eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The parts of a list with weights that are not zero, the heaviest first.
fn weighted<'r>(values: impl Iterator<Item = &'r [u8]>) -> Vec<(&'r str, u32)> {
    let mut parts: Vec<_> = values
        .filter_map(text)
        .flat_map(|list| list.split(','))
        .map(|part| (essence(part), weight(part)))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    parts.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    parts
}

/// In thousandths; one that cannot be read is full weight.
fn weight(part: &str) -> u32 {
    let mut parameters = part.split(';').skip(1).map(str::trim);
    let q = parameters.find_map(|one| one.strip_prefix("q=").or_else(|| one.strip_prefix("Q=")));
    let q = q.and_then(|q| q.trim().parse::<f32>().ok());
    q.map_or(1000, |q| (q.clamp(0.0, 1.0) * 1000.0) as u32)
}

/// The codec that the answer to a request in `codec` is to be in.
///
/// # Errors
/// If the client takes nothing that is known here.
pub(super) fn of_answer(request: &Asked<'_>, codec: Codec) -> Result<Codec, ()> {
    let accept = request.fields.accept;
    if accept.times == 0 {
        return Ok(codec);
    }
    let accepted = weighted(request.all(accept, header::ACCEPT));
    let mut wanted = accepted.iter().filter(|(_, weight)| *weight > 0);
    let found = wanted.find_map(|(name, _)| match *name {
        "*/*" | "application/*" => Some(codec),
        // Not what a browser would show, and not what it sends JSON as.
        "text/plain" | "application/x-www-form-urlencoded" => None,
        name => codec_of(name),
    });
    match (found, accepted.is_empty()) {
        (Some(found), _) => Ok(found),
        (None, true) => Ok(codec),
        (None, false) => Err(()),
    }
}

/// How a body is compressed, by either of its headers.
///
/// # Errors
/// The compression, if it is none of rpcx.
pub(super) fn compression(fields: &Fields<'_>) -> Result<Compression, String> {
    let Some(value) = fields.content_encoding.value else {
        return Ok(Compression::NONE);
    };
    let name = String::from_utf8_lossy(value);
    match name.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(Compression::NONE),
        "gzip" | "x-gzip" => Ok(Compression::GZIP),
        _ => Err(name.into_owned()),
    }
}

/// Whether the client takes an answer in gzip.
pub(super) fn takes_gzip(request: &Asked<'_>) -> bool {
    let accepted = request.fields.accept_encoding;
    let parts = weighted(request.all(accepted, header::ACCEPT_ENCODING));
    let weight = |name: &str| {
        let found = parts
            .iter()
            .find(|(part, _)| part.eq_ignore_ascii_case(name));
        found.map(|(_, weight)| *weight)
    };
    weight("gzip").or_else(|| weight("*")).unwrap_or(0) > 0
}

/// Compresses a payload if that is worth it, and the client takes it.
pub(super) fn gzip(formats: &Formats, request: &Asked<'_>, payload: &[u8]) -> Option<Vec<u8>> {
    if payload.len() <= COMPRESS_THRESHOLD || !takes_gzip(request) {
        return None;
    }
    formats.compress(Compression::GZIP, payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: &str, value: &str) -> http::request::Parts {
        let request = http::Request::builder().header(name, value).body(());
        request.unwrap().into_parts().0
    }

    #[test]
    fn a_type_names_a_codec_in_any_case_and_with_parameters() {
        for (name, codec) in [
            ("application/json", Some(Codec::JSON)),
            ("Application/JSON; charset=utf-8", Some(Codec::JSON)),
            ("application/vnd.api+json", Some(Codec::JSON)),
            ("application/x-msgpack", Some(Codec::MSGPACK)),
            ("application/protobuf", Some(Codec::PROTOBUF)),
            ("text/html", None),
            ("+json", None),
            ("", None),
        ] {
            let head = head("content-type", name);
            assert_eq!(of_body(&Asked::new(&head).fields).ok(), codec, "{name}");
        }
        assert_eq!(of_body(&Fields::default()), Ok(Codec::JSON));
    }

    #[test]
    fn the_heaviest_that_is_known_is_answered_with() {
        for (accept, codec) in [
            ("*/*", Ok(Codec::JSON)),
            ("application/msgpack", Ok(Codec::MSGPACK)),
            (
                "text/html, application/xml;q=0.9, */*;q=0.8",
                Ok(Codec::JSON),
            ),
            (
                "application/json;q=0.1, application/msgpack",
                Ok(Codec::MSGPACK),
            ),
            ("application/problem+json", Ok(Codec::JSON)),
            ("text/html", Err(())),
            ("application/json;q=0", Err(())),
            ("", Ok(Codec::JSON)),
        ] {
            let head = head("accept", accept);
            let found = of_answer(&Asked::new(&head), Codec::JSON);
            assert_eq!(found, codec, "{accept}");
        }
    }

    #[test]
    fn gzip_is_taken_unless_it_is_refused() {
        for (accept, taken) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("br", false),
            ("", false),
        ] {
            let head = head("accept-encoding", accept);
            assert_eq!(takes_gzip(&Asked::new(&head)), taken, "{accept}");
        }
    }
}
