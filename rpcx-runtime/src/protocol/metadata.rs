//! String pairs beside the payload.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};

use super::ProtocolError;
use crate::error::{Error, ErrorKind, Rejection};

/// Keys with a meaning of their own. (Source: Go rpcx `share/share.go`, `protocol/message.go`;
/// the last five are ours, and a Go peer passes them on unread.)
mod reserved {
    pub(super) const ERROR: &str = "__rpcx_error__";
    pub(super) const AUTH: &str = "__AUTH";
    pub(super) const SERVER_TIMEOUT: &str = "__ServerTimeout";
    pub(super) const REJECTED: &str = "__rpcx_rejected";
    pub(super) const UNKNOWN: &str = "__rpcx_unknown";
    pub(super) const ERROR_CODE: &str = "rpcx-error-code";
    pub(super) const ERROR_DATA: &str = "rpcx-error-data";
    pub(super) const CAPABILITIES: &str = "__rpcx_capabilities";
}

/// What a peer may understand beyond the protocol, with commas between. This one: that it is asked
/// to make its calls on another connection.
const GOAWAY: &str = "goaway";

/// The longest error text sent to a peer, in bytes.
const MAX_ERROR_TEXT: usize = 4096;

/// No deadline lies further away than this: larger values are cut, so that no peer can make the
/// arithmetic overflow.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3600);

/// Key and value pairs that travel with a request or a reply.
///
/// Held as the bytes of the wire, so receiving and cloning copy nothing. A key occurs once:
/// setting it again replaces its value. Values need not be UTF-8, because Go does not check.
///
/// ```
/// use rpcx::protocol::Metadata;
///
/// let mut metadata = Metadata::new();
/// metadata.insert("trace", "1");
/// metadata.insert("trace", "2");
/// assert_eq!(metadata.get("trace"), Some("2"));
/// assert_eq!(metadata.len(), 1);
/// ```
#[derive(Clone, Default)]
pub struct Metadata {
    block: Bytes,
}

impl Metadata {
    /// No pairs.
    pub const fn new() -> Self {
        Self {
            block: Bytes::new(),
        }
    }

    /// A block whose lengths [`check`] has accepted.
    pub(super) fn from_checked(block: Bytes) -> Self {
        Self { block }
    }

    /// Sets `key` to `value`.
    pub fn insert(&mut self, key: impl AsRef<str>, value: impl AsRef<[u8]>) {
        self.set(key.as_ref().as_bytes(), value.as_ref());
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        if self.is_empty() {
            // In a piece of memory of just that size, which needs no other one to be shared.
            let mut block = Vec::with_capacity(8 + key.len() + value.len());
            put_pair(&mut block, key, value);
            self.block = block.into();
            return;
        }
        let mut block = if self.position(key).is_some() {
            self.without(key)
        } else {
            let block = std::mem::take(&mut self.block);
            block
                .try_into_mut()
                .unwrap_or_else(|shared| BytesMut::from(&shared[..]))
        };
        block.reserve(8 + key.len() + value.len());
        put_pair(&mut block, key, value);
        self.block = block.freeze();
    }

    /// Sets each of these pairs.
    pub fn merge(&mut self, pairs: &Self) {
        if self.is_empty() {
            *self = pairs.clone();
            return;
        }
        for (key, value) in pairs.iter() {
            self.set(key, value);
        }
    }

    /// Takes `key` away.
    pub fn remove(&mut self, key: &str) {
        let key = key.as_bytes();
        if self.position(key).is_some() {
            self.block = self.without(key).freeze();
        }
    }

    /// The value of `key`, if it is there and is UTF-8.
    pub fn get(&self, key: &str) -> Option<&str> {
        std::str::from_utf8(self.get_bytes(key)?).ok()
    }

    /// The value of `key`. Where a peer repeated the key, the last one counts, as in Go.
    pub fn get_bytes(&self, key: &str) -> Option<&[u8]> {
        self.iter()
            .filter(|(k, _)| *k == key.as_bytes())
            .map(|(_, value)| value)
            .last()
    }

    /// The pairs, in the order they came.
    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: &self.block }
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.block.is_empty()
    }

    /// The wire form: what stands in a frame behind the block's length.
    pub fn as_bytes(&self) -> &[u8] {
        &self.block
    }

    /// How long the caller still waits: `__ServerTimeout`, whole milliseconds.
    ///
    /// What is not a decimal number is ignored, as in Go; zero and less have passed already. No
    /// more than 24 hours.
    pub fn server_timeout(&self) -> Option<Duration> {
        let text = self.get(reserved::SERVER_TIMEOUT)?;
        let milliseconds = text
            .parse::<i128>()
            .ok()?
            .clamp(0, MAX_TIMEOUT.as_millis() as i128);
        Some(Duration::from_millis(milliseconds as u64))
    }

    /// Sets [`server_timeout`](Self::server_timeout), rounded up to a millisecond: zero would say
    /// that the time has passed.
    pub(crate) fn set_server_timeout(&mut self, left: Duration) {
        let milliseconds = left.as_micros().div_ceil(1000).max(1);
        self.insert(reserved::SERVER_TIMEOUT, milliseconds.to_string());
    }

    /// Tells the server that this client can be asked to go elsewhere.
    pub(crate) fn announce_goaway(&mut self) {
        self.insert(reserved::CAPABILITIES, GOAWAY);
    }

    /// Whether the client that sent this can be asked to go elsewhere.
    pub(crate) fn announces_goaway(&self) -> bool {
        self.get(reserved::CAPABILITIES)
            .is_some_and(|all| all.split(',').any(|one| one == GOAWAY))
    }

    /// The token a caller presents: `__AUTH`. The HTTP gateway of Go rpcx puts the header
    /// `Authorization` there.
    pub fn auth(&self) -> Option<&str> {
        self.get(reserved::AUTH)
    }

    /// Sets [`auth`](Self::auth).
    pub fn set_auth(&mut self, token: impl AsRef<str>) {
        self.insert(reserved::AUTH, token.as_ref());
    }

    /// Takes [`auth`](Self::auth) away.
    pub fn remove_auth(&mut self) {
        self.remove(reserved::AUTH);
    }

    /// The text of the error that a reply carries: `__rpcx_error__`.
    pub fn error_text(&self) -> Option<&str> {
        self.get(reserved::ERROR)
    }

    /// Writes the error a reply carries: the text that every peer reads, and what only we read.
    pub(crate) fn set_error(&mut self, error: &Error) {
        self.insert(reserved::ERROR, cut(error.message()));
        if let Some(code) = error.code() {
            self.insert(reserved::ERROR_CODE, code.to_string());
        }
        if let Some(data) = error.data() {
            self.insert(reserved::ERROR_DATA, data);
        }
        match error.kind() {
            ErrorKind::Rejected(reason) => self.insert(reserved::REJECTED, reason.as_str()),
            // By a server that has passed the call on: it did not run, and it was tried often enough.
            ErrorKind::NotSent => self.insert(reserved::REJECTED, Rejection::Other.as_str()),
            ErrorKind::Unknown => self.insert(reserved::UNKNOWN, "1"),
            ErrorKind::Service | ErrorKind::Setup => {}
        }
    }

    /// The error a reply carries. A reply that says "error" and does not say which is no valid
    /// reply.
    pub(crate) fn error(&self) -> Error {
        let Some(text) = self.get_bytes(reserved::ERROR) else {
            return Error::unknown("the server reported an error without a text");
        };
        let text = String::from_utf8_lossy(text).into_owned();
        let mut error = match self.rejection(&text) {
            Some(reason) => Error::rejected(reason, text),
            None if self.get(reserved::UNKNOWN).is_some() => Error::unknown(text),
            None => Error::service(text),
        };
        if let Some(code) = self
            .get(reserved::ERROR_CODE)
            .and_then(|code| code.parse().ok())
        {
            error = error.with_code(code);
        }
        if let Some(data) = self.get(reserved::ERROR_DATA) {
            error = error.with_data(data);
        }
        error
    }

    /// Our servers say why they did not run a method; of a Go server only these texts do.
    fn rejection(&self, text: &str) -> Option<Rejection> {
        if let Some(reason) = self.get(reserved::REJECTED) {
            return Some(Rejection::from_wire(reason));
        }
        let starts = |prefix| text.starts_with(prefix);
        if starts("rpcx: can't find service ") || starts("rpcx: can't find method ") {
            Some(Rejection::UnknownMethod)
        } else if starts("can not find codec for ") {
            Some(Rejection::Undecodable)
        } else {
            None
        }
    }

    fn position(&self, key: &[u8]) -> Option<usize> {
        self.iter().position(|(k, _)| k == key)
    }

    fn without(&self, key: &[u8]) -> BytesMut {
        let mut block = BytesMut::with_capacity(self.block.len());
        for (k, value) in self.iter().filter(|(k, _)| *k != key) {
            put_pair(&mut block, k, value);
        }
        block
    }
}

fn put_pair(block: &mut impl BufMut, key: &[u8], value: &[u8]) {
    // A pair of 4 GiB cannot be sent; the encoder refuses the block as a whole.
    block.put_u32(key.len() as u32);
    block.put_slice(key);
    block.put_u32(value.len() as u32);
    block.put_slice(value);
}

/// The front of a text that is too long to send, cut at a character.
fn cut(text: &str) -> &str {
    if text.len() <= MAX_ERROR_TEXT {
        return text;
    }
    let end = (0..=MAX_ERROR_TEXT)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    &text[..end]
}

impl<K: AsRef<str>, V: AsRef<[u8]>> FromIterator<(K, V)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut metadata = Self::new();
        metadata.extend(pairs);
        metadata
    }
}

/// Sets each pair, in place of what was there under its key.
impl<K: AsRef<str>, V: AsRef<[u8]>> Extend<(K, V)> for Metadata {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}

/// The same keys with the same values. Their order has no meaning: Go sends them in any.
impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        // Of a repeated key the last value counts, as in `get_bytes`.
        let values = |metadata: &Self| -> BTreeMap<Vec<u8>, Vec<u8>> {
            let pairs = metadata.iter();
            pairs
                .map(|(key, value)| (key.to_vec(), value.to_vec()))
                .collect()
        };
        self.block == other.block || values(self) == values(other)
    }
}

impl Eq for Metadata {}

impl<'a> IntoIterator for &'a Metadata {
    type Item = (&'a [u8], &'a [u8]);
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Keys, and the values of all but the auth token, which no log may show.
impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        f.debug_map()
            .entries(self.iter().map(|(key, value)| {
                let secret = key == reserved::AUTH.as_bytes();
                (
                    text(key),
                    if secret {
                        "***".to_owned()
                    } else {
                        text(value)
                    },
                )
            }))
            .finish()
    }
}

/// The pairs of a [`Metadata`].
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a [u8], &'a [u8]);
    fn next(&mut self) -> Option<Self::Item> {
        let (key, rest) = take(self.rest)?;
        let (value, rest) = take(rest)?;
        self.rest = rest;
        Some((key, value))
    }
}

/// One length and its bytes, and what is left.
fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

/// Checks that `block` divides into pairs, and counts them.
/// The second figure is the longest key, the third the longest value.
pub(super) fn check(block: &[u8]) -> Result<[usize; 3], ProtocolError> {
    let (mut rest, mut found) = (block, [0; 3]);
    while !rest.is_empty() {
        let at = block.len() - rest.len();
        let malformed = || ProtocolError::Metadata(at);
        let (key, after) = take(rest).ok_or_else(malformed)?;
        let (value, after) = take(after).ok_or_else(malformed)?;
        found = [
            found[0] + 1,
            found[1].max(key.len()),
            found[2].max(value.len()),
        ];
        rest = after;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced_is_understood() {
        let mut metadata = Metadata::new();
        assert!(!metadata.announces_goaway());
        metadata.announce_goaway();
        assert!(metadata.announces_goaway());
        metadata.insert(reserved::CAPABILITIES, "cancel,goaway");
        assert!(metadata.announces_goaway());
        metadata.insert(reserved::CAPABILITIES, "goaway2");
        assert!(!metadata.announces_goaway());
    }

    #[test]
    fn a_repeated_key_counts_once_when_set_and_last_when_received() {
        let mut block = BytesMut::new();
        put_pair(&mut block, b"k", b"1");
        put_pair(&mut block, b"k", b"2");
        assert_eq!(check(&block), Ok([2, 1, 1]));
        let mut received = Metadata::from_checked(block.freeze());
        assert_eq!(received.get("k"), Some("2"));
        received.insert("k", "3");
        assert_eq!((received.len(), received.get("k")), (1, Some("3")));
        received.remove("k");
        assert!(received.is_empty());
    }

    #[test]
    fn equal_metadata_has_the_same_values_in_any_order() {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<Metadata>();
        let both = pairs(&[("a", "1"), ("b", "2")]);
        assert_eq!(both, pairs(&[("b", "2"), ("a", "1")]));
        assert_ne!(both, pairs(&[("a", "1")]));
        assert_ne!(both, pairs(&[("a", "1"), ("b", "3")]));
        let mut block = BytesMut::new();
        put_pair(&mut block, b"a", b"0");
        put_pair(&mut block, b"a", b"1");
        let mut received = Metadata::from_checked(block.freeze());
        assert_eq!(received, pairs(&[("a", "1")]));
        received.extend([("b", "0"), ("b", "2")]);
        assert_eq!(received, both);
    }

    #[test]
    fn a_block_cut_anywhere_but_between_pairs_is_malformed() {
        let mut whole = BytesMut::new();
        put_pair(&mut whole, b"key", b"value");
        let one = whole.len();
        put_pair(&mut whole, b"", b"");
        for end in 0..=whole.len() {
            let ok = end == 0 || end == one || end == whole.len();
            assert_eq!(check(&whole[..end]).is_ok(), ok, "{end}");
        }
        let wraps = [0xff; 8];
        assert_eq!(check(&wraps), Err(ProtocolError::Metadata(0)));
    }

    #[test]
    fn timeouts_are_read_as_go_reads_them_but_never_overflow() {
        let read = |text: &str| Metadata::from_iter([("__ServerTimeout", text)]).server_timeout();
        assert_eq!(read("2999"), Some(Duration::from_millis(2999)));
        assert_eq!(read("0"), Some(Duration::ZERO));
        assert_eq!(read("-5"), Some(Duration::ZERO));
        assert_eq!(read("9223372036854775807"), Some(MAX_TIMEOUT));
        assert_eq!(read("soon"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn errors_keep_text_code_data_and_reason() {
        let mut metadata = Metadata::new();
        metadata.set_error(
            &Error::rejected(Rejection::Overloaded, "busy")
                .with_code(7)
                .with_data("{}"),
        );
        let error = metadata.error();
        assert_eq!(error.kind(), ErrorKind::Rejected(Rejection::Overloaded));
        assert_eq!(
            (error.message(), error.code(), error.data()),
            ("busy", Some(7), Some("{}"))
        );
        assert_eq!(Metadata::new().error().kind(), ErrorKind::Unknown);
    }

    #[test]
    fn what_a_go_server_did_not_run_is_a_rejection() {
        let kind = |text| {
            Metadata::from_iter([("__rpcx_error__", text)])
                .error()
                .kind()
        };
        assert_eq!(
            kind("rpcx: can't find service Arith"),
            ErrorKind::Rejected(Rejection::UnknownMethod)
        );
        assert_eq!(
            kind("can not find codec for 9"),
            ErrorKind::Rejected(Rejection::Undecodable)
        );
        assert_eq!(kind("no such account"), ErrorKind::Service);
    }

    #[test]
    fn long_error_texts_are_cut_at_a_character() {
        let mut metadata = Metadata::new();
        metadata.set_error(&Error::service("ü".repeat(5000)));
        let sent = metadata.get(reserved::ERROR).unwrap();
        assert!(sent.len() <= MAX_ERROR_TEXT && sent.chars().all(|c| c == 'ü'));
    }

    #[test]
    fn the_auth_token_is_never_shown() {
        let mut metadata = Metadata::from_iter([("k", "v")]);
        metadata.set_auth("secret");
        assert_eq!(metadata.auth(), Some("secret"));
        let shown = format!("{metadata:?}");
        assert!(
            !shown.contains("secret") && shown.contains("\"k\": \"v\""),
            "{shown}"
        );
    }
}
