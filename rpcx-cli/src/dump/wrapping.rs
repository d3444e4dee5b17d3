//! What stands around the frames of a connection: nothing, an HTTP `CONNECT`, or WebSocket.

use std::io::Cursor;

use bytes::{Buf as _, Bytes, BytesMut};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The first byte of a frame of rpcx.
const MAGIC: u8 = 0x08;

/// The longest head of HTTP that is waited for, in bytes.
const HEAD: usize = 64 << 10;

/// The longest message of WebSocket, in bytes.
const MESSAGE: u64 = 256 << 20;

/// Takes off what stands around the frames of one direction.
pub(super) struct Wrapping {
    around: Around,
    buffer: BytesMut,
    /// Whether messages are texts: known once the first has begun. Frames of rpcx come in either kind of message.
    text: Option<bool>,
}

enum Around {
    /// Nothing has come yet.
    Unknown,
    /// The head of HTTP is not whole.
    Head,
    Nothing,
    WebSocket,
    /// Something else.
    Other,
}

/// What was found in the bytes of a direction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Bytes of frames.
    Frames(Bytes),
    /// The first line of an HTTP head.
    Head(String),
    /// A text over WebSocket, such as one of JSON-RPC.
    Text(Bytes),
    /// Bytes of something else, and what that is.
    Other(&'static str, Bytes),
}

impl Wrapping {
    pub(super) fn new() -> Self {
        Self {
            around: Around::Unknown,
            buffer: BytesMut::new(),
            text: None,
        }
    }

    /// Takes more bytes.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Vec<Found> {
        self.buffer.extend_from_slice(bytes);
        let mut found = Vec::new();
        while let Some(one) = self.next() {
            found.push(one);
        }
        found
    }

    fn next(&mut self) -> Option<Found> {
        if self.buffer.is_empty() {
            return None;
        }
        match self.around {
            Around::Unknown => {
                self.around = match self.buffer[0] {
                    MAGIC => Around::Nothing,
                    b'A'..=b'Z' => Around::Head,
                    _ => Around::Other,
                };
                self.next()
            }
            Around::Head => self.head(),
            Around::Nothing => Some(Found::Frames(self.all())),
            Around::WebSocket => self.message(),
            Around::Other => Some(Found::Other("neither rpcx nor HTTP", self.all())),
        }
    }

    fn all(&mut self) -> Bytes {
        self.buffer.split().freeze()
    }

    /// A head, and what comes behind it.
    fn head(&mut self) -> Option<Found> {
        let Some(end) = end(&self.buffer) else {
            return (self.buffer.len() > HEAD).then(|| {
                self.around = Around::Other;
                Found::Other("a head of HTTP without an end", self.all())
            });
        };
        let head = self.buffer.split_to(end);
        let head = String::from_utf8_lossy(&head);
        let first = head.lines().next().unwrap_or_default().to_owned();
        let upgrades = || {
            let mut lines = head.lines().map(str::to_ascii_lowercase);
            lines.any(|line| line.starts_with("upgrade:") && line.contains("websocket"))
        };
        let is_connected = first.starts_with("HTTP/1.") && first.contains(" 200 Connected");
        self.around = if first.starts_with("CONNECT ") || is_connected {
            Around::Nothing
        } else if upgrades() {
            Around::WebSocket
        } else {
            Around::Other
        };
        Some(Found::Head(first))
    }

    /// A frame of WebSocket.
    fn message(&mut self) -> Option<Found> {
        loop {
            let mut cursor = Cursor::new(&self.buffer[..]);
            let (header, length) = match FrameHeader::parse(&mut cursor) {
                Ok(parsed) => parsed?,
                Err(_) => return Some(self.broken()),
            };
            if length > MESSAGE {
                return Some(self.broken());
            }
            let (start, length) = (cursor.position() as usize, length as usize);
            if self.buffer.len() < start + length {
                return None;
            }
            self.buffer.advance(start);
            let mut payload = self.buffer.split_to(length);
            if let Some(mask) = header.mask {
                for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
                    *byte ^= mask;
                }
            }
            let OpCode::Data(kind) = header.opcode else {
                // A ping, or the goodbye.
                continue;
            };
            let payload = payload.freeze();
            let is_text = kind == Data::Text && payload.first() != Some(&MAGIC);
            return Some(match *self.text.get_or_insert(is_text) {
                true => Found::Text(payload),
                false => Found::Frames(payload),
            });
        }
    }

    fn broken(&mut self) -> Found {
        self.around = Around::Other;
        Found::Other("no frame of WebSocket", self.all())
    }
}

/// Where a head ends: lines may end as those of Go's `CONNECT` do, without a carriage return.
fn end(bytes: &[u8]) -> Option<usize> {
    let long = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let short = bytes.windows(2).position(|two| two == b"\n\n");
    match (long.map(|at| at + 4), short.map(|at| at + 2)) {
        (Some(long), Some(short)) => Some(long.min(short)),
        (long, short) => long.or(short),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pieces: &[&[u8]]) -> Vec<Found> {
        let mut wrapping = Wrapping::new();
        let pieces = pieces.iter().flat_map(|piece| wrapping.bytes(piece));
        pieces.collect()
    }

    fn frames(bytes: &'static [u8]) -> Found {
        Found::Frames(Bytes::from_static(bytes))
    }

    #[test]
    fn frames_are_found_in_what_is_around_them() {
        assert_eq!(
            found(&[b"\x08\x01", b"\x02"]),
            [frames(b"\x08\x01"), frames(b"\x02")]
        );
        let connect = Found::Head("CONNECT /_rpcx_ HTTP/1.1".to_owned());
        let pieces: [&[u8]; 3] = [
            b"CONNECT /_rpcx_ HT",
            b"TP/1.1\r\nHost: a\r\n",
            b"\r\n\x08\x01",
        ];
        assert_eq!(found(&pieces), [connect, frames(b"\x08\x01")]);
        let go = Found::Head("CONNECT /_rpcx_ HTTP/1.0".to_owned());
        assert_eq!(
            found(&[b"CONNECT /_rpcx_ HTTP/1.0\n\n\x08"]),
            [go, frames(b"\x08")]
        );
        let said = Found::Head("HTTP/1.1 200 Connected to rpcx".to_owned());
        let answer = b"HTTP/1.1 200 Connected to rpcx\r\n\r\n\x08";
        assert_eq!(found(&[answer]), [said, frames(b"\x08")]);
        let upgrade = Found::Head("GET /_rpcx_ HTTP/1.1".to_owned());
        let head = b"GET /_rpcx_ HTTP/1.1\r\nUpgrade: WebSocket\r\n\r\n";
        // Masked, a ping, and as Go sends them: in messages of text.
        let masked = b"\x82\x82\x01\x02\x03\x04\x09\x03\x89\x00\x81\x01\x02";
        let text = |text: &'static str| Found::Text(Bytes::from_static(text.as_bytes()));
        assert_eq!(
            found(&[head, masked]),
            [upgrade, frames(b"\x08\x01"), frames(b"\x02")]
        );
        // A text in two pieces.
        let pieces = found(&[head, b"\x01\x01{\x80\x01}"]);
        assert_eq!(pieces[1..], [text("{"), text("}")]);
        let go = found(&[head, b"\x81\x02\x08\x01"]);
        assert_eq!(go[1..], [frames(b"\x08\x01")]);
    }

    #[test]
    fn what_is_something_else_is_told() {
        let tls = found(&[b"\x16\x03\x01"]);
        assert!(
            matches!(tls[0], Found::Other("neither rpcx nor HTTP", _)),
            "{tls:?}"
        );
        let get = found(&[b"GET / HTTP/1.1\r\n\r\n", b"body"]);
        assert!(
            matches!(&get[..], [Found::Head(_), Found::Other(..)]),
            "{get:?}"
        );
        let endless = found(&[b"POST ", &[b'x'; 70_000]]);
        assert!(matches!(
            endless[0],
            Found::Other("a head of HTTP without an end", _)
        ));
        let head = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
        let broken = found(&[head]);
        assert!(
            matches!(broken[1], Found::Other("no frame of WebSocket", _)),
            "{broken:?}"
        );
    }
}
