//! The metadata of a node: `group=a&weight=7`, escaped as Go's `url.Values` does.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What `url.QueryEscape` escapes, and the space, which becomes a plus.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b' ');

/// The pairs of a metadata text, in their order. A key may repeat. What is no pair is left out, as in Go.
///
/// ```
/// use rpcx::discovery::decode_metadata;
///
/// let pairs = decode_metadata("group=a&group=b&note=two+words");
/// assert_eq!(pairs[2], ("note".to_owned(), "two words".to_owned()));
/// ```
pub fn decode_metadata(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .filter(|pair| !pair.contains(';'))
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescape(key)?, unescape(value)?))
        })
        .collect()
}

/// The text of these pairs as Go writes it: sorted by key, and the values of one key in their order.
///
/// ```
/// use rpcx::discovery::encode_metadata;
///
/// let pairs = [("weight", "7"), ("note", "two words"), ("group", "b"), ("group", "a")];
/// assert_eq!(encode_metadata(pairs), "group=b&group=a&note=two+words&weight=7");
/// ```
pub fn encode_metadata<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> String
where
    K: AsRef<str>,
    V: AsRef<str>,
{
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by(|(one, _), (other, _)| one.as_ref().cmp(other.as_ref()));
    let pair =
        |(key, value): &(K, V)| format!("{}={}", escape(key.as_ref()), escape(value.as_ref()));
    let pairs: Vec<_> = pairs.iter().map(pair).collect();
    pairs.join("&")
}

pub(super) fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED)
        .to_string()
        .replace(' ', "+")
}

/// None if an escape is broken, as in Go. Bytes that are no UTF-8 are replaced.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut escapes = text.split('%');
    escapes.next();
    let whole = |escape: &str| {
        let digits = escape.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !escapes.all(whole) {
        return None;
    }
    let spaced: Cow<'_, str> = match text.contains('+') {
        true => text.replace('+', " ").into(),
        false => text.into(),
    };
    Some(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_writes_is_read_and_written_again() {
        // Recorded from a Go server: as it was given, and as its first refresh wrote it.
        let given = "tag=x y&tag=z&b=%E4%B8%AD&group=g1&group=g2";
        let mut pairs = decode_metadata(given);
        pairs.push(("calls".to_owned(), "0.00".to_owned()));
        pairs.push(("connections".to_owned(), "0.00".to_owned()));
        assert_eq!(
            encode_metadata(pairs),
            "b=%E4%B8%AD&calls=0.00&connections=0.00&group=g1&group=g2&tag=x+y&tag=z"
        );
    }

    #[test]
    fn what_is_no_pair_is_left_out() {
        let pairs = decode_metadata("&&a=1&b;c=2&d=%zz&e=%4&f&=g&h=%41%2b");
        let expected = [("a", "1"), ("f", ""), ("", "g"), ("h", "A+")];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(pairs, expected);
        assert!(decode_metadata("").is_empty());
        assert_eq!(decode_metadata("a=%ff")[0].1, "\u{fffd}");
    }

    #[test]
    fn the_characters_that_go_does_not_escape_are_not_escaped() {
        let text = encode_metadata([("k", "aZ09-_.~*!'()/:@ +&=%")]);
        assert_eq!(text, "k=aZ09-_.~%2A%21%27%28%29%2F%3A%40+%2B%26%3D%25");
    }
}
