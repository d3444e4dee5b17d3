//! The headers of Go's gateway, and what becomes of values that come from elsewhere.
//!
//! Go writes them in its canonical form, `X-Rpcx-Messageid`, and this server in small letters, as HTTP/2 has them: names are
//! compared in any case, and hyper would need a tenth of the instructions of a call to write them otherwise. (Source:
//! Go rpcx, server/converter.go.)

use http::HeaderValue;
use http::header::{HeaderMap, HeaderName};

pub(super) const VERSION: HeaderName = HeaderName::from_static("x-rpcx-version");
pub(super) const ONEWAY: HeaderName = HeaderName::from_static("x-rpcx-oneway");
pub(super) const STATUS_TYPE: HeaderName = HeaderName::from_static("x-rpcx-messagestatustype");
pub(super) const SERIALIZE_TYPE: HeaderName = HeaderName::from_static("x-rpcx-serializetype");
pub(super) const COMPRESS_TYPE: HeaderName = HeaderName::from_static("x-rpcx-compresstype");
pub(super) const MESSAGE_ID: HeaderName = HeaderName::from_static("x-rpcx-messageid");
pub(super) const SERVICE_PATH: HeaderName = HeaderName::from_static("x-rpcx-servicepath");
pub(super) const SERVICE_METHOD: HeaderName = HeaderName::from_static("x-rpcx-servicemethod");
pub(super) const META: HeaderName = HeaderName::from_static("x-rpcx-meta");
pub(super) const ERROR_MESSAGE: HeaderName = HeaderName::from_static("x-rpcx-errormessage");

/// Of Go's: a request with the value `true` is one of JSON-RPC.
pub(super) const JSON_RPC: HeaderName = HeaderName::from_static("x-jsonrpc-2.0");
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What pages of other origins may read of an answer.
pub(super) const EXPOSED: &str = "ETag, Retry-After, X-Request-Id, X-RPCX-ErrorMessage, X-RPCX-MessageID, \
     X-RPCX-MessageStatusType, X-RPCX-Meta, X-RPCX-SerializeType, X-RPCX-ServiceMethod, X-RPCX-ServicePath, X-RPCX-Version";

/// The longest text in a header, in bytes.
const LONGEST: usize = 4096;

/// From so many headers on the map is asked, which hashes the name.
const MANY: usize = 16;

/// The first value of a header. Most requests have a handful of headers, and to look at each of them costs a tenth of what
/// the hash of one name does; a call asks for twenty names.
pub(super) fn find<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    if headers.keys_len() > MANY {
        return headers.get(name);
    }
    let mut all = headers.iter();
    all.find(|(one, _)| *one == name).map(|(_, value)| value)
}

/// All values of a header.
pub(super) fn each(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &HeaderValue> {
    let is_there = find(headers, &name).is_some();
    is_there
        .then(|| headers.get_all(name).into_iter())
        .into_iter()
        .flatten()
}

/// An id of a request as a value: it is known to be one.
pub(super) fn id(id: &str) -> HeaderValue {
    HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static(""))
}

/// A text as the value of a header: a line end and whatever else would end it is a space, as in Go, and a
/// text that is too long is cut.
pub(super) fn value(text: &str) -> HeaderValue {
    let end = (0..=LONGEST.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    let text = &text[..end.unwrap_or(0)];
    let clean: Vec<u8> = text
        .bytes()
        .map(|byte| match byte {
            b'\t' | b' '..=b'~' | 0x80.. => byte,
            _ => b' ',
        })
        .collect();
    HeaderValue::from_bytes(clean.trim_ascii()).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_header() {
        for (text, expected) in [
            ("plain", &b"plain"[..]),
            ("a\r\nSet-Cookie: b", b"a  Set-Cookie: b"),
            ("a\nb\0c\x7fd", b"a b c d"),
            ("\r\n a \r\n", b"a"),
            ("ä", "ä".as_bytes()),
            ("", b""),
        ] {
            assert_eq!(value(text).as_bytes(), expected, "{text:?}");
        }
        for every in 0..=255u8 {
            let text = String::from_utf8_lossy(&[b'a', every, b'b']).into_owned();
            let made = value(&text);
            assert!(!made.as_bytes().iter().any(u8::is_ascii_control) || every == b'\t');
        }
        assert_eq!(value(&"ä".repeat(4000)).len(), LONGEST);
    }
}
