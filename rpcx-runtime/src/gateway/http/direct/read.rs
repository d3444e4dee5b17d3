//! From bytes to a request, if it is one of the common form.

use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::LazyLock;

use http::Method;
use http::header::HeaderMap;
use httparse::{Request, Status};

use super::super::asked::{Asked, Fields};

/// Most headers that a call in the common form has.
const HEADERS: usize = 24;

/// The longest name of a header that is known here.
const LONGEST: usize = 24;

/// What most programs say of themselves, and nothing here asks for. A header that is not known may be about the message,
/// and so it is for hyper.
const IDLE: [&[u8]; 7] = [
    b"accept-language",
    b"cache-control",
    b"cookie",
    b"pragma",
    b"priority",
    b"referer",
    b"user-agent",
];

/// A request and where its body is, if the bytes begin with all of it and it is of the common form.
pub(super) fn call(bytes: &[u8]) -> Option<(Asked<'_>, Range<usize>)> {
    static NONE: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);

    if !bytes.starts_with(b"POST /") {
        return None;
    }
    let mut headers = [const { MaybeUninit::uninit() }; HEADERS];
    let mut head = Request::new(&mut []);
    let parsed = head.parse_with_uninit_headers(bytes, &mut headers);
    let Ok(Status::Complete(begin)) = parsed else {
        return None;
    };
    let path = head.path.filter(|path| is_common(path))?;
    if head.version != Some(1) {
        return None;
    }
    let mut fields = Fields::default();
    let mut length = None;
    for header in &*head.headers {
        let mut small = [0; LONGEST];
        match lowered(header.name, &mut small)? {
            b"content-length" if length.is_none() => length = Some(number(header.value)?),
            b"connection" if header.value.eq_ignore_ascii_case(b"keep-alive") => {}
            name => match fields.named(name) {
                Some(field) if field.times == 0 => field.note(header.value),
                None if is_idle(name) => {}
                _ => return None,
            },
        }
    }
    let end = begin.checked_add(length?)?;
    let is_call = fields.invoke.times == 0 && fields.json_rpc.times == 0;
    let asked = Asked {
        method: &Method::POST,
        path,
        query: None,
        authority: None,
        fields,
        headers: &NONE,
    };
    (is_call && end <= bytes.len()).then_some((asked, begin..end))
}

/// Whether the path of a URL is all of it, and has nothing that is checked further.
fn is_common(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-%".contains(&byte);
    path.bytes().all(plain)
}

fn is_idle(name: &[u8]) -> bool {
    IDLE.contains(&name) || name.starts_with(b"sec-fetch-")
}

/// In small letters, if it is short.
fn lowered<'n>(name: &str, small: &'n mut [u8; LONGEST]) -> Option<&'n [u8]> {
    let small = small.get_mut(..name.len())?;
    small.copy_from_slice(name.as_bytes());
    small.make_ascii_lowercase();
    Some(small)
}

/// A length in its usual form. One that is longer than this could not be here in whole.
fn number(text: &[u8]) -> Option<usize> {
    let usual = matches!(text.len(), 1..=5) && text.iter().all(u8::is_ascii_digit);
    let digits = text.iter().map(|byte| usize::from(byte - b'0'));
    usual.then(|| digits.fold(0, |number, digit| number * 10 + digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(head: &str, body: &str) -> bool {
        call(format!("{head}\r\n\r\n{body}").as_bytes()).is_some()
    }

    #[test]
    fn a_common_call_is_read_with_what_it_says() {
        let text = "POST /a/Arith/Mul HTTP/1.1\r\nHOST: a:1\r\ncontent-Type: application/json\r\nUser-Agent: x\r\n\
                    Connection: Keep-Alive\r\nContent-Length: 2\r\nX-Request-Id:  7 \r\n\r\n{}POST /";
        let (asked, body) = call(text.as_bytes()).unwrap();
        assert_eq!((asked.path, &text[body]), ("/a/Arith/Mul", "{}"));
        assert_eq!(asked.fields.host.value, Some(&b"a:1"[..]));
        assert_eq!(asked.fields.request_id.value, Some(&b"7"[..]));
        assert_eq!(
            asked.fields.content_type.value,
            Some(&b"application/json"[..])
        );
    }

    /// What says how a message or a connection is to be read, and what is not known, is not decided here.
    #[test]
    fn whatever_else_comes_is_left() {
        let common = "POST /A/M HTTP/1.1\r\nHost: a\r\nContent-Length: 2";
        assert!(is_taken(common, "{}"));
        for more in [
            "Content-Length: 2",
            "Transfer-Encoding: chunked",
            "Connection: close",
            "Connection: upgrade",
            "Expect: 100-continue",
            "Upgrade: websocket",
            "TE: trailers",
            "Trailer: a",
            "Host: b",
            "Accept: a",
            "X-RPCX-ServicePath: A",
            "X-JSONRPC-2.0: true",
            "X-Whatever: 1",
            "X-A-Name-That-Is-Longer-Than-All-That-Are-Known: 1",
            " folded: 1",
            "no colon",
        ] {
            let twice = match more {
                "Accept: a" => "\r\nAccept: b",
                _ => "",
            };
            assert!(
                !is_taken(&format!("{common}\r\n{more}{twice}"), "{}"),
                "{more}"
            );
        }
        for head in [
            "GET /A/M HTTP/1.1\r\nContent-Length: 2",
            "POST /A/M HTTP/1.0\r\nContent-Length: 2",
            "POST /A/M HTTP/1.1\r\nHost: a",
            "POST /A/M?a HTTP/1.1\r\nContent-Length: 2",
            "POST http://a/A/M HTTP/1.1\r\nContent-Length: 2",
            "POST /\u{e4} HTTP/1.1\r\nContent-Length: 2",
            "POST /A/M HTTP/1.1\r\nContent-Length: +2",
            "POST /A/M HTTP/1.1\r\nContent-Length: 2, 2",
            "POST /A/M HTTP/1.1\r\nContent-Length: ",
            "POST /A/M HTTP/1.1\r\nContent-Length: 3",
            "POST /A/M HTTP/1.1\r\nContent-Length: 18446744073709551617",
        ] {
            assert!(!is_taken(head, "{}"), "{head}");
        }
        let whole = format!("{common}\r\n\r\n{{}}");
        for end in 0..whole.len() {
            assert!(call(&whole.as_bytes()[..end]).is_none(), "{end} bytes");
        }
    }
}
