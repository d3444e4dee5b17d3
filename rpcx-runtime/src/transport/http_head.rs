//! The heads of HTTP messages: read without losing what follows them, and parsed once.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use httparse::{Header, Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::socket::Socket;

/// What a head may have. Those of rpcx have less than 1 KiB.
const MOST_BYTES: usize = 16 << 10;
const MOST_HEADERS: usize = 100;

/// How much of a head is asked for at once.
const STEP: usize = 1 << 10;

/// How much of a status line is shown in an error, in bytes.
const SHOWN: usize = 120;

/// How long, and for how many bytes, a peer is listened to that has been refused, so that it reads
/// why before the connection is reset under it.
const REFUSED_TIME: Duration = Duration::from_secs(1);
const REFUSED_BYTES: u64 = 64 << 10;

/// The path of what a request asks for, without its query.
pub(super) fn target_path<'r>(request: &Request<'_, 'r>) -> &'r str {
    without_query(request.path.unwrap_or_default())
}

/// A path or a target without its query.
pub(super) fn without_query(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

/// Every value that the headers have under a name, in any case.
pub(super) fn values<'h>(headers: &'h [Header<'h>], name: &str) -> impl Iterator<Item = &'h [u8]> {
    headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value)
}

/// Whether one of the values is a list with this word in it, in any case.
pub(super) fn lists(headers: &[Header<'_>], name: &str, word: &str) -> bool {
    values(headers, name).any(|list| {
        list.split(|byte| *byte == b',')
            .any(|part| part.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    })
}

/// Why a server does not go on with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Such as `404 Not Found`.
    pub(super) status: &'static str,
    /// Further headers, each with its line end.
    pub(super) headers: &'static str,
    pub(super) body: Cow<'static, str>,
}

impl Refusal {
    pub(super) fn new(status: &'static str, body: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            headers: "",
            body: body.into(),
        }
    }

    fn too_large(what: &str) -> Self {
        let body = format!("431 the head of the request has more than {what}\n");
        Self::new("431 Request Header Fields Too Large", body)
    }

    fn bytes(&self) -> Vec<u8> {
        let Self {
            status,
            headers,
            body,
        } = self;
        format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Type: text/plain; charset=utf-8\r\n\
             X-Content-Type-Options: nosniff\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

/// Refuses a request with a body: its bytes would be taken for what follows the handshake.
pub(super) fn without_body(request: &Request<'_, '_>) -> Result<(), Refusal> {
    let mut lengths = values(request.headers, "content-length");
    let chunked = values(request.headers, "transfer-encoding").next();
    match chunked.is_none() && lengths.all(|length| length == b"0") {
        true => Ok(()),
        false => Err(Refusal::new(
            "400 Bad Request",
            "400 the request must not have a body\n",
        )),
    }
}

/// Reads a request, answers it with what `check` says, and gives the socket with the bytes that
/// followed the request.
pub(super) async fn serve(
    mut socket: Box<dyn Socket>,
    check: impl FnOnce(&Request<'_, '_>) -> Result<Vec<u8>, Refusal>,
) -> io::Result<(Box<dyn Socket>, Box<[u8]>)> {
    let mut head = HeadReader::default();
    let outcome = match head.read(&mut socket, is_request).await {
        Ok(length) => request(&head.bytes[..length], check).map(|answer| (length, answer)),
        Err(Unread::Socket(error)) => return Err(error),
        Err(Unread::TooLong) => Err(Refusal::too_large("16 KiB")),
        Err(Unread::NotHttp(_)) => Err(malformed("it is no HTTP")),
    };
    match outcome {
        Ok((length, answer)) => {
            socket.write_all(&answer).await?;
            socket.flush().await?;
            Ok((socket, head.rest(length)))
        }
        Err(refusal) => Err(refuse(socket, &refusal).await),
    }
}

/// Sends a request and has `check` look at the answer; gives the socket with the bytes that
/// followed the answer.
pub(super) async fn ask(
    mut socket: Box<dyn Socket>,
    request: &[u8],
    check: impl FnOnce(&Response<'_, '_>) -> Result<(), Cow<'static, str>>,
) -> io::Result<(Box<dyn Socket>, Box<[u8]>)> {
    socket.write_all(request).await?;
    socket.flush().await?;
    let mut head = HeadReader::default();
    let length = match head.read(&mut socket, |first| first == b'H').await {
        Ok(length) => length,
        Err(Unread::Socket(error)) => return Err(error),
        Err(Unread::TooLong) => {
            return Err(invalid("the head of the answer has more than 16 KiB"));
        }
        Err(Unread::NotHttp(first)) => {
            return Err(invalid(format!(
                "the answer is no HTTP: it begins with 0x{first:02x}"
            )));
        }
    };
    response(&head.bytes[..length], check).map_err(invalid)?;
    Ok((socket, head.rest(length)))
}

/// A method is in capitals; what begins otherwise is another protocol, and its head would never
/// end.
fn is_request(first: u8) -> bool {
    first.is_ascii_uppercase()
}

fn invalid(text: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text.into())
}

fn malformed(why: impl std::fmt::Display) -> Refusal {
    Refusal::new("400 Bad Request", format!("400 malformed request: {why}\n"))
}

/// Parses a whole head.
pub(super) fn request<T>(
    head: &[u8],
    check: impl FnOnce(&Request<'_, '_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => check(&request),
        Ok(_) => Err(malformed("a line is incomplete")),
        Err(httparse::Error::TooManyHeaders) => Err(Refusal::too_large("100 headers")),
        Err(error) => Err(malformed(error)),
    }
}

/// Parses a whole head; the error shows its first line.
pub(super) fn response(
    head: &[u8],
    check: impl FnOnce(&Response<'_, '_>) -> Result<(), Cow<'static, str>>,
) -> Result<(), String> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = Response::new(&mut headers);
    let outcome = match response.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => check(&response),
        Ok(_) => Err("a line is incomplete".into()),
        Err(error) => Err(error.to_string().into()),
    };
    outcome.map_err(|why| {
        let end = head.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let line = &head[..end.unwrap_or(head.len()).min(SHOWN)];
        format!("the server answered `{}`: {why}", line.escape_ascii())
    })
}

/// Answers, and gives the peer time to read the answer.
async fn refuse(mut socket: Box<dyn Socket>, refusal: &Refusal) -> io::Error {
    let told = async {
        socket.write_all(&refusal.bytes()).await?;
        socket.shutdown().await?;
        tokio::io::copy(&mut socket.take(REFUSED_BYTES), &mut tokio::io::sink()).await
    };
    // The peer is refused whether it reads the answer or not.
    let _ = tokio::time::timeout(REFUSED_TIME, told).await;
    invalid(refusal.body.trim_end())
}

/// Why there is no head.
#[derive(Debug)]
enum Unread {
    Socket(io::Error),
    TooLong,
    /// The first byte, which no head begins with.
    NotHttp(u8),
}

/// Collects bytes up to the empty line.
#[derive(Default)]
pub(super) struct HeadReader {
    bytes: BytesMut,
    scanned: usize,
}

impl HeadReader {
    /// The length of the head, once it is whole.
    async fn read(
        &mut self,
        socket: &mut Box<dyn Socket>,
        begins: fn(u8) -> bool,
    ) -> Result<usize, Unread> {
        loop {
            let room = MOST_BYTES - self.bytes.len();
            if room == 0 {
                return Err(Unread::TooLong);
            }
            self.bytes.reserve(STEP);
            let mut limited = (&mut self.bytes).limit(room);
            let read = socket.read_buf(&mut limited).await;
            if read.map_err(Unread::Socket)? == 0 {
                let text = "the peer closed the connection before its head was complete";
                let ended = io::Error::new(io::ErrorKind::UnexpectedEof, text);
                return Err(Unread::Socket(ended));
            }
            if !begins(self.bytes[0]) {
                return Err(Unread::NotHttp(self.bytes[0]));
            }
            if let Some(length) = self.end() {
                return Ok(length);
            }
        }
    }

    /// Takes bytes from elsewhere than a socket; the length of the head, once it is whole.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<usize> {
        self.bytes.extend_from_slice(bytes);
        self.end()
    }

    /// What was taken: the head and what follows it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What follows the head, without the buffer that was large enough for both.
    fn rest(self, length: usize) -> Box<[u8]> {
        self.bytes[length..].into()
    }

    /// Where the head ends: behind a line end that follows a line end, each with or without its
    /// carriage return. No byte is looked at twice but the last few.
    fn end(&mut self) -> Option<usize> {
        let bytes = &self.bytes[..];
        let from = self.scanned;
        let ends = |at: &usize| {
            let bytes = &bytes[..*at];
            bytes.ends_with(b"\n\r\n")
                || bytes.ends_with(b"\n\n")
                || matches!(bytes, b"\r\n" | b"\n")
        };
        let found = (from + 1..=bytes.len()).find(ends);
        self.scanned = bytes.len();
        found
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex, split};

    use super::super::halves::{SplitSocket, with_front};
    use super::*;

    fn socket(end: DuplexStream) -> Box<dyn Socket> {
        let (reader, writer) = split(end);
        Box::new(SplitSocket::new((Box::new(reader), Box::new(writer)), None))
    }

    #[tokio::test]
    async fn what_follows_an_answer_comes_first() {
        for room in [1, 2, 7, 1024] {
            let (ours, theirs) = duplex(room);
            let answer = async {
                let (_, mut writer) = split(theirs);
                let all = b"HTTP/1.1 200 Yes\r\nA: b\r\n\r\nand then\n\nmore";
                writer.write_all(all).await.unwrap();
            };
            let ask = async {
                let (socket, rest) = ask(socket(ours), b"", |_| Ok(())).await.unwrap();
                let mut all = String::new();
                let mut socket = with_front(rest, socket);
                socket.read_to_string(&mut all).await.unwrap();
                all
            };
            let ((), all) = tokio::join!(answer, ask);
            assert_eq!(all, "and then\n\nmore", "{room} bytes at once");
        }
    }

    #[tokio::test]
    async fn an_end_before_the_head_is_an_error() {
        let (ours, theirs) = duplex(64);
        drop(theirs);
        let error = ask(socket(ours), b"", |_| Ok(())).await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_head_ends_at_the_first_empty_line() {
        for (bytes, length) in [
            (&b"A\n\nB\n\n"[..], Some(3)),
            (b"A\r\n\r\nB", Some(5)),
            (b"A\n\r\nB", Some(4)),
            (b"A\r\n\nB", Some(4)),
            (b"\r\nA", Some(2)),
            (b"\nA", Some(1)),
            (b"A\r\r\n\r", None),
            (b"A\n \n", None),
        ] {
            let mut reader = HeadReader::default();
            let bytewise = bytes.chunks(1).find_map(|byte| reader.push(byte));
            assert_eq!(bytewise, length, "{bytes:?}");
            assert_eq!(HeadReader::default().push(bytes), length, "{bytes:?}");
        }
    }

    #[test]
    fn words_of_lists_are_found_in_any_case() {
        let headers = [
            Header {
                name: "Connection",
                value: b"keep-alive , UPGRADE",
            },
            Header {
                name: "connection",
                value: b"x",
            },
        ];
        assert!(lists(&headers, "CONNECTION", "upgrade"));
        assert!(lists(&headers, "connection", "x"));
        assert!(!lists(&headers, "connection", "alive"));
        assert!(!lists(&headers, "upgrade", "x"));
    }
}
