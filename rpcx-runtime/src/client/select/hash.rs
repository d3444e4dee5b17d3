//! The hash of keys and nodes. All clients have to agree on it, so it does not change.

/// FNV-1a over 64 bits, with the last mixing steps of MurmurHash3: the bits of the former alone are not
/// even enough for a ring.
#[derive(Clone, Copy, Debug)]
pub(in crate::client) struct Hash(u64);

impl Hash {
    pub(in crate::client) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    #[must_use]
    pub(in crate::client) fn bytes(self, bytes: &[u8]) -> Self {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(bytes.iter().fold(self.0, step))
    }

    pub(in crate::client) fn finish(self) -> u64 {
        let mut hash = self.0;
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ (hash >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other clients compute the same. FNV-1a is checked against its published vectors.
    #[test]
    fn values_do_not_change() {
        assert_eq!(Hash::new().bytes(b"a").0, 0xaf63_dc4c_8601_ec8c);
        assert_eq!(Hash::new().bytes(b"foobar").0, 0x8594_4171_f739_67e8);
        let mixed = Hash::new().bytes(b"foo").bytes(b"bar").finish();
        assert_eq!(mixed, Hash::new().bytes(b"foobar").finish());
    }
}
