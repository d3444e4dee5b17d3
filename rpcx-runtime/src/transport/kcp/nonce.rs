//! The random bytes that packets begin with, fetched for several packets at once.

use super::packet::Unsent;

pub(super) const NONCE: usize = 16;

/// Packets that share one call of the system: a burst, and not much memory for each session.
const PACKETS: usize = 16;

pub(super) struct Nonces {
    random: [u8; NONCE * PACKETS],
    /// Bytes of it that were given away.
    used: usize,
}

impl Nonces {
    pub(super) fn new() -> Self {
        Self {
            random: [0; NONCE * PACKETS],
            used: NONCE * PACKETS,
        }
    }

    /// The next, which was not used before.
    pub(super) fn next(&mut self) -> Result<[u8; NONCE], Unsent> {
        if self.used == self.random.len() {
            getrandom::fill(&mut self.random).map_err(|_| Unsent)?;
            self.used = 0;
        }
        let nonce = self.random[self.used..].first_chunk().ok_or(Unsent)?;
        self.used += NONCE;
        Ok(*nonce)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_nonce_comes_twice() {
        let mut nonces = Nonces::new();
        let mut seen = HashSet::new();
        for _ in 0..PACKETS * 3 {
            assert!(seen.insert(nonces.next().unwrap()));
        }
        assert!(!seen.contains(&[0; NONCE]));
    }
}
