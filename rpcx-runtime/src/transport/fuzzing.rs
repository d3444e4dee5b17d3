//! The readers of bytes from outside by themselves, for the fuzz targets only.

#[cfg(feature = "ws")]
use super::http_head::{self, HeadReader};
#[cfg(feature = "ws")]
use super::ws;

#[cfg(feature = "kcp")]
pub use super::kcp::fuzzing::{Taken, kcp_datagrams};

#[cfg(feature = "ws")]
/// What a WebSocket made of a stream.
#[derive(Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebSocket {
    /// What the messages carried.
    pub payload: Vec<u8>,
    /// The payload of the answer to the last ping.
    pub pong: Option<Vec<u8>>,
    /// The payload of the answer to a close.
    pub close: Option<Vec<u8>>,
    /// Which rule was broken.
    pub violation: Option<&'static str>,
}

#[cfg(feature = "ws")]
/// Reads a stream that comes in pieces; `masked` is how clients send.
pub fn web_socket<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, masked: bool) -> WebSocket {
    let mut reader = ws::FrameReader::new(masked);
    let mut seen = WebSocket::default();
    for piece in pieces {
        let mut piece = piece.to_vec();
        let read = reader.read(&mut piece);
        seen.payload.extend_from_slice(&piece[..read.payload]);
        let payload = |control: ws::Control| control.payload().to_vec();
        seen.pong = read.pong.map(payload).or(seen.pong);
        seen.close = read.close.map(payload).or(seen.close);
        seen.violation = read.violation.map(|broken| broken.0).or(seen.violation);
    }
    seen
}

#[cfg(feature = "ws")]
/// The length of the HTTP head in front of a stream that comes in pieces, and how it was read as a
/// request and as a response.
pub fn http_head<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Option<(usize, String, String)> {
    let mut reader = HeadReader::default();
    let length = pieces.into_iter().find_map(|piece| reader.push(piece))?;
    let head = &reader.bytes()[..length];
    let request = http_head::request(head, |request| Ok(format!("{request:?}")));
    let response = http_head::response(head, |_| Ok(()));
    Some((length, format!("{request:?}"), format!("{response:?}")))
}
