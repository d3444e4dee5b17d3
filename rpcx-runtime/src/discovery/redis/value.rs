//! The form of values: JSON of Go's `KVPair`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Value<'a> {
    #[serde(borrow)]
    key: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    value: std::borrow::Cow<'a, str>,
    /// The nanoseconds of the clock, which Go calls a sequence.
    last_index: u64,
}

/// What stands in redis for this metadata. `key` is without the slash that redis has before it.
pub(super) fn encode(key: &str, metadata: &[u8]) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let value = Value {
        key: key.into(),
        value: BASE64.encode(metadata).into(),
        last_index: now.unwrap_or_default().subsec_nanos().into(),
    };
    // Text and a number have a JSON.
    serde_json::to_string(&value).unwrap_or_default()
}

/// The metadata; none if it is something else that stands there.
pub(super) fn decode(value: &[u8]) -> Option<Vec<u8>> {
    let value: Value<'_> = serde_json::from_slice(value).ok()?;
    BASE64.decode(&*value.value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_go() {
        // Recorded from a Go server.
        let recorded = r#"{"Key":"/rpcx_test/Arith/tcp@127.0.0.1:18974","Value":"Z3JvdXA9YSZ3ZWlnaHQ9NyZzdGF0ZT1hY3RpdmU=","LastIndex":287425338}"#;
        let metadata = b"group=a&weight=7&state=active";
        assert_eq!(decode(recorded.as_bytes()).as_deref(), Some(&metadata[..]));
        let ours = encode("/rpcx_test/Arith/tcp@127.0.0.1:18974", metadata);
        let (begin, index) = ours.split_once("\"LastIndex\":").unwrap();
        assert!(recorded.starts_with(begin), "{ours}");
        let index = index.strip_suffix('}').unwrap().parse::<u64>();
        assert!(index.unwrap() < 1_000_000_000);
    }

    #[test]
    fn what_is_something_else_has_no_metadata() {
        for value in [
            &b""[..],
            b"group=a",
            b"{}",
            br#"{"Key":"","Value":"%","LastIndex":0}"#,
            b"\xff",
        ] {
            assert_eq!(decode(value), None);
        }
    }
}
