//! Whether bytes are a text.

/// Bytes as a text; the error is the place of the first one that belongs to none. Vector instructions, with the feature `simdutf8`,
/// check texts that are ASCII, as most short ones are, and all from 64 bytes on.
#[inline(always)]
pub(super) fn text(bytes: &[u8]) -> Result<&str, usize> {
    check(bytes).ok_or_else(|| valid_up_to(bytes))
}

#[cfg(feature = "simdutf8")]
#[inline(always)]
fn check(bytes: &[u8]) -> Option<&str> {
    match bytes {
        // Looked at byte by byte if it is not ASCII after all, so not for long ones.
        [first, .., last] if bytes.len() < 64 && (first | last) < 0x80 => short(bytes),
        _ => simdutf8::basic::from_utf8(bytes).ok(),
    }
}

#[cfg(feature = "simdutf8")]
#[inline(never)]
fn short(bytes: &[u8]) -> Option<&str> {
    match ascii::AsciiStr::from_ascii(bytes) {
        Ok(text) => Some(text.as_str()),
        Err(_) => std::str::from_utf8(bytes).ok(),
    }
}

#[cfg(not(feature = "simdutf8"))]
#[inline(always)]
fn check(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The fast check says only that there is one.
#[cold]
#[inline(never)]
fn valid_up_to(bytes: &[u8]) -> usize {
    std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_text_is_told_from_other_bytes_and_where_they_begin() {
        let texts = ["größe ", "plain ", "midöst ", "漢字"];
        for (text_of, len) in texts
            .iter()
            .flat_map(|text| [0, 1, 2, 7, 31, 63, 64, 65, 200].map(|len| (text, len)))
        {
            let mut bytes = text_of.repeat(len).into_bytes();
            bytes.truncate(len);
            for more in [None, Some(b'.'), Some(0xff)] {
                bytes.extend(more);
                let expected = std::str::from_utf8(&bytes).map_err(|error| error.valid_up_to());
                assert_eq!(
                    text(&bytes),
                    expected,
                    "{text_of} in {len} bytes, and {more:?}"
                );
            }
        }
    }
}
