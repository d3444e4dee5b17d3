//! What both sides of the opening handshake of RFC 6455 know.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest, Sha1};

/// The version of the protocol; there is no other.
pub(super) const VERSION: &str = "13";

/// The length of a key, before it is encoded.
pub(super) const KEY: usize = 16;

/// What a server has read the key with.
const READ_BY: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The answer to a key, which shows that the server has understood the request.
pub(super) fn accept(key: &[u8]) -> String {
    let hash = Sha1::new().chain_update(key).chain_update(READ_BY);
    BASE64.encode(hash.finalize())
}

/// A key as it is sent.
pub(super) fn encode_key(key: [u8; KEY]) -> String {
    BASE64.encode(key)
}

pub(super) fn is_key(key: &[u8]) -> bool {
    BASE64.decode(key).is_ok_and(|key| key.len() == KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_that_of_the_rfc() {
        let answer = accept(b"dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_key_has_sixteen_bytes() {
        assert!(is_key(encode_key([7; KEY]).as_bytes()));
        assert!(!is_key(b"AAAA"));
        assert!(!is_key(b"not base64 at all!!!!!=="));
        assert!(!is_key(b""));
    }
}
