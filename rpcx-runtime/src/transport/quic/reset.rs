//! Stateless resets that are still understood after a restart.
//!
//! A server that was started again does not know the connections that its clients still have. It may end
//! them by a token that it gave to each, which it has to be able to make once more: from a secret that
//! is the same after the restart. What a server has of that kind is its private key.

use std::sync::Arc;
use std::time::Duration;

use quinn::EndpointConfig;
use quinn::crypto::{CryptoError, HmacKey};
use quinn_proto::HashedConnectionIdGenerator;

use super::super::tls::Secret;

/// Bytes of a tag; a token has sixteen.
const TAG: usize = 32;

/// Between two resets: a restart may meet many clients at once.
const APART: Duration = Duration::from_millis(1);

/// What the endpoint of a server is told.
pub(super) fn config(secret: Option<Secret>) -> EndpointConfig {
    let mut config = EndpointConfig::default();
    if let Some(secret) = secret {
        // The default marks the numbers of connections with a secret that ends with the process, and answers no
        // others: what is not QUIC must not be answered.
        let tag = secret.tag(b"numbers");
        let mark = tag
            .as_ref()
            .first_chunk()
            .map_or(0, |mark| u64::from_be_bytes(*mark));
        config.cid_generator(move || Box::new(HashedConnectionIdGenerator::from_key(mark)));
        config.reset_key(Arc::new(Key(secret)));
        config.min_reset_interval(APART);
    }
    config
}

struct Key(Secret);

impl HmacKey for Key {
    fn sign(&self, data: &[u8], signature: &mut [u8]) {
        for (out, byte) in signature.iter_mut().zip(self.0.tag(data).as_ref()) {
            *out = *byte;
        }
    }

    fn signature_len(&self) -> usize {
        TAG
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let tag = self.0.tag(data);
        let expected = tag.as_ref().get(..TAG).ok_or(CryptoError)?;
        let pairs = expected.iter().zip(signature);
        let differs = pairs.fold(0, |differs, (one, other)| differs | (one ^ other));
        match signature.len() == TAG && differs == 0 {
            true => Ok(()),
            false => Err(CryptoError),
        }
    }
}
