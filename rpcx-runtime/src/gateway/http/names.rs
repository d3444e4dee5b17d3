//! The headers of Go's gateway, and what becomes of values that come from elsewhere.
//!
//! Go writes them in its canonical form, `X-Rpcx-Messageid`, and so does this server on a connection that begins with one of
//! them: its client may compare them byte by byte. To any other it writes small letters, as HTTP/2 has them: names are equal in
//! any case, and hyper needs a tenth of the instructions of a call to write them otherwise. (Source: Go rpcx,
//! server/converter.go.)

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

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What pages of other origins may read of an answer.
pub(super) const EXPOSED: &str = "ETag, Retry-After, X-Request-Id, X-RPCX-ErrorMessage, X-RPCX-MessageID, \
     X-RPCX-MessageStatusType, X-RPCX-Meta, X-RPCX-SerializeType, X-RPCX-ServiceMethod, X-RPCX-ServicePath, X-RPCX-Version";

/// Whether a connection that begins like this is one of a client of Go's gateway, or of its JSON-RPC.
pub(super) fn are_of_go(begun: &[u8]) -> bool {
    let head = begun.split(|byte| *byte == b'\n').skip(1);
    let mut lines = head.take_while(|line| !line.trim_ascii().is_empty());
    lines.any(|line| {
        let begins = |name: &[u8]| {
            let start = line.get(..name.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        begins(b"x-rpcx-") || begins(b"x-jsonrpc-2.0")
    })
}

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
    fn a_client_of_go_is_known_by_its_first_head() {
        for (begun, go) in [
            (
                "POST / HTTP/1.1\r\nHost: a\r\nX-RPCX-ServicePath: A\r\n\r\n",
                true,
            ),
            ("POST / HTTP/1.1\r\nx-rpcx-servicepath: A\r\n\r\n", true),
            ("POST / HTTP/1.1\r\nX-JSONRPC-2.0: true\r\n\r\n{}", true),
            ("POST /x-rpcx-a HTTP/1.1\r\nHost: x-rpcx-a\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nHost: a\r\n\r\nx-rpcx-: body", false),
            ("POST / HTTP/1.1\r\nX-RPC", false),
            ("", false),
        ] {
            assert_eq!(are_of_go(begun.as_bytes()), go, "{begun}");
        }
    }

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
