//! The masks of RFC 6455, which every frame of a client has.

use std::io;

/// A masking key, turned so that its first byte is the next to be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mask(pub(super) [u8; 4]);

impl Mask {
    /// Masks or unmasks bytes that follow those of the call before.
    pub(super) fn apply(&mut self, bytes: &mut [u8]) {
        let [a, b, c, d] = self.0;
        let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let (words, rest) = bytes.as_chunks_mut::<8>();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip([a, b, c, d].iter().cycle()) {
            *byte ^= key;
        }
        self.0.rotate_left(rest.len() % 4);
    }
}

/// Keys that are asked of the system at once: one system call for so many frames.
const KEYS: usize = 64;

/// Masking keys that cannot be predicted.
///
/// They come from the system's generator, because a payload may be chosen by a third party, which
/// with the next key could have bytes of its choice sent to proxies on the way (RFC 6455, 10.3).
pub(super) struct Masks {
    keys: [u8; 4 * KEYS],
    used: usize,
}

impl Masks {
    pub(super) fn new() -> Self {
        Self {
            keys: [0; 4 * KEYS],
            used: KEYS,
        }
    }

    pub(super) fn next(&mut self) -> io::Result<Mask> {
        if self.used == KEYS {
            getrandom::fill(&mut self.keys)?;
            self.used = 0;
        }
        let (keys, _) = self.keys.as_chunks::<4>();
        let mask = Mask(keys[self.used]);
        self.used += 1;
        Ok(mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_does_not_depend_on_the_cuts() {
        let plain: Vec<u8> = (0..100).collect();
        let key = [0x11, 0x22, 0x44, 0x88];
        let bytewise: Vec<u8> = plain
            .iter()
            .zip(key.iter().cycle())
            .map(|(b, k)| b ^ k)
            .collect();
        for size in 1..=plain.len() {
            let (mut mask, mut bytes) = (Mask(key), plain.clone());
            bytes.chunks_mut(size).for_each(|chunk| mask.apply(chunk));
            assert_eq!(bytes, bytewise, "chunks of {size}");
        }
    }

    #[test]
    fn keys_differ() {
        let mut masks = Masks::new();
        let keys: std::collections::HashSet<_> =
            (0..2 * KEYS).map(|_| masks.next().unwrap().0).collect();
        assert!(keys.len() > KEYS, "only {} keys", keys.len());
    }
}
