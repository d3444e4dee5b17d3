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
    use bytes::Bytes;
    use http_body_util::{BodyExt as _, Full};
    use hyper::body::Incoming;
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};
    use tokio::io::AsyncWriteExt as _;
    use tokio::sync::mpsc::unbounded_channel;

    use super::super::super::asked::Field;
    use super::*;

    const CALLS: [&str; 4] = [
        "POST /Arith/Mul HTTP/1.1\r\nHost: a:1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "POST /Arith/Mul HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nX-RPCX-Meta: a=1\r\nUser-Agent: x\r\nConnection: keep-alive\r\n\r\n",
        "POST /a%20/b-_.c HTTP/1.1\r\nContent-Length: 07\r\nAuthorization: Bearer a\r\nX-Request-Id: 7\r\n\r\n[1,2,3]",
        "POST /A/M HTTP/1.1\r\nContent-Length: 1\r\nAccept: */*\r\n\r\n1POST /A/M HTTP/1.1\r\nContent-Length: 1\r\n\r\n2",
    ];

    const PIECES: [&[u8]; 26] = [
        b"",
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b",",
        b"0",
        b"9",
        b"%",
        b"?",
        b"/",
        b"\0",
        b"\x7f",
        b"\xe4",
        b"a",
        b"Z",
        b"Host: b\r\n",
        b"Content-Length: 2\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"Connection: keep-alive\r\n",
        b"Expect: 100-continue\r\n",
        b"Cookie: a\r\n",
        b"traceparent: 00\r\n",
    ];

    /// A call in which some places are something else.
    fn changed() -> impl Strategy<Value = Vec<u8>> {
        let change = (any::<Index>(), select(&PIECES[..]), 0..3_usize);
        let changes = proptest::collection::vec(change, 0..4);
        (select(&CALLS[..]), changes).prop_map(|(call, changes)| {
            let mut bytes = call.as_bytes().to_vec();
            for (at, piece, removed) in changes {
                let at = at.index(bytes.len() + 1);
                let end = bytes.len().min(at + removed);
                bytes.splice(at..end, piece.iter().copied());
            }
            bytes
        })
    }

    /// The first request that hyper finds in these bytes.
    async fn by_hyper(bytes: &[u8]) -> Option<http::Request<Bytes>> {
        let (mut near, far) = tokio::io::duplex(1 << 16);
        let (tell, mut told) = unbounded_channel();
        let service = service_fn(move |request: http::Request<Incoming>| {
            let tell = tell.clone();
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let _ = tell.send(http::Request::from_parts(head, body));
                Ok::<_, hyper::Error>(http::Response::new(Full::<Bytes>::default()))
            }
        });
        near.write_all(bytes).await.unwrap();
        near.shutdown().await.unwrap();
        let serving = http1::Builder::new()
            .half_close(true)
            .serve_connection(TokioIo::new(far), service);
        // An error is one of what follows, or there was no request.
        let _ = serving.await;
        told.try_recv().ok()
    }

    fn values<'r>(fields: &Fields<'r>) -> Vec<(Option<&'r [u8]>, usize)> {
        let Fields {
            host,
            origin,
            content_type,
            content_encoding,
            accept,
            accept_encoding,
            authorization,
            request_id,
            meta,
            timeout,
            trace: [parent, state, baggage],
            json_rpc,
            invoke,
        } = *fields;
        let [one, two] = [
            [
                host,
                origin,
                content_type,
                content_encoding,
                accept,
                accept_encoding,
                authorization,
                request_id,
            ],
            [
                meta,
                timeout,
                parent,
                state,
                baggage,
                json_rpc,
                invoke,
                Field::default(),
            ],
        ];
        one.into_iter()
            .chain(two)
            .map(|field| (field.value, field.times))
            .collect()
    }

    fn is_what_hyper_reads(bytes: &[u8]) {
        let Some((asked, body)) = call(bytes) else {
            return;
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let found = runtime
            .block_on(by_hyper(bytes))
            .expect("hyper takes it, too");
        let (head, content) = found.into_parts();
        let same = Asked::new(&head);
        assert_eq!((asked.method, asked.path), (same.method, same.path));
        assert_eq!((asked.query, asked.authority), (same.query, same.authority));
        assert_eq!(values(&asked.fields), values(&same.fields));
        assert_eq!(&bytes[body], content);
    }

    #[test]
    fn calls_are_what_hyper_reads() {
        for bytes in CALLS {
            assert!(call(bytes.as_bytes()).is_some(), "{bytes}");
            is_what_hyper_reads(bytes.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn changed_calls_are_what_hyper_reads_or_are_left(bytes in changed()) {
            is_what_hyper_reads(&bytes);
        }
    }

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
