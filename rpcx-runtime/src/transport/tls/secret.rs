//! Secrets that a server still has after it was started again: derived from its private key.

use std::fmt;

use rustls::SupportedCipherSuite;
use rustls::crypto::hmac::Tag;
use rustls::crypto::tls13::{Hkdf, OkmBlock};

use super::provider;

/// A key for message authentication codes. It says nothing of the private key it was derived from.
pub(in super::super) struct Secret {
    hkdf: &'static dyn Hkdf,
    key: OkmBlock,
}

impl Secret {
    /// One for each `purpose`. None if the cryptography has no TLS 1.3, whose functions these are.
    pub(super) fn derive(private_key: &[u8], purpose: &[u8]) -> Option<Self> {
        let provider = provider();
        let suites = provider.cipher_suites.iter();
        let hkdf = suites.filter_map(SupportedCipherSuite::tls13).next()?;
        let hkdf = hkdf.hkdf_provider;
        let key = hkdf
            .extract_from_secret(None, private_key)
            .expand_block(&[b"rpcx ", purpose]);
        Some(Self { hkdf, key })
    }

    pub(in super::super) fn tag(&self, message: &[u8]) -> Tag {
        self.hkdf.hmac_sign(&self.key, message)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(private_key: &[u8], purpose: &[u8]) -> Vec<u8> {
        let secret = Secret::derive(private_key, purpose).unwrap();
        secret.tag(b"message").as_ref().to_vec()
    }

    #[test]
    fn a_secret_depends_on_the_key_and_the_purpose_alone() {
        let one = tag(b"a key", b"a purpose");
        assert!(one.len() >= 32);
        assert_eq!(one, tag(b"a key", b"a purpose"));
        assert_ne!(one, tag(b"a key", b"another"));
        assert_ne!(one, tag(b"another", b"a purpose"));
    }
}
