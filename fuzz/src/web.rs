//! What stands between a socket and the frames of `http`, `ws` and `wss`.

use rpcx::transport::fuzzing::{self, WebSocket, web_socket};

use super::frames::{chunks, sizes};

/// The input is a number of sizes, the sizes, and a WebSocket's stream. Cut into chunks of these
/// sizes it gives the same bytes, from a client as from a server.
pub fn websocket(data: &[u8]) {
    let (sizes, bytes) = sizes(data);
    for masked in [false, true] {
        let whole = web_socket([bytes], masked);
        let cut = web_socket(chunks(bytes, sizes), masked);
        assert_eq!(whole, cut, "cut into {sizes:?}");
        assert_eq!(whole, web_socket(bytes.chunks(1), masked), "byte by byte");
        check(&whole, bytes.len());
    }
}

fn check(seen: &WebSocket, most: usize) {
    assert!(seen.payload.len() <= most, "more payload than bytes");
    assert!(seen.pong.as_ref().is_none_or(|pong| pong.len() <= 125));
    assert!(seen.close.as_ref().is_none_or(|close| close.len() <= 2));
    let ends = (seen.close.is_some(), seen.violation.is_some());
    assert_ne!(ends, (true, true), "a close ends the stream");
}

/// The same for the head of an HTTP message and what follows it.
pub fn http_head(data: &[u8]) {
    let (sizes, bytes) = sizes(data);
    let whole = fuzzing::http_head(bytes.chunks(1));
    // In one piece the reader may take what follows the head too.
    assert_eq!(whole, fuzzing::http_head([bytes]));
    assert_eq!(
        whole,
        fuzzing::http_head(chunks(bytes, sizes)),
        "cut into {sizes:?}"
    );
    if let Some((length, ..)) = whole {
        assert!((1..=bytes.len()).contains(&length));
        assert!(bytes[..length].ends_with(b"\n"));
    }
}
