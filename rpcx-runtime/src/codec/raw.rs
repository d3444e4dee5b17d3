//! Payloads that are bytes already.

use std::borrow::Cow;
use std::sync::Arc;

use super::family::Seal;
use super::{DecodeError, DecodeErrorKind, EncodeError, Payload, Raw};
use crate::protocol::Codec;

fn writable(codec: Codec) -> Result<(), EncodeError> {
    if codec == Codec::RAW {
        Ok(())
    } else {
        Err(EncodeError::codec(codec))
    }
}

fn readable(codec: Codec) -> Result<(), DecodeError> {
    if codec == Codec::RAW {
        Ok(())
    } else {
        Err(DecodeError::codec(codec))
    }
}

macro_rules! raw_payload {
    ($de:lifetime, $ty:ty, $bytes:ident => $read:expr) => {
        impl<$de> Payload<$de, Raw> for $ty {
            #[inline]
            fn encode(&self, codec: Codec, out: &mut Vec<u8>) -> Result<(), EncodeError> {
                writable(codec)?;
                out.extend_from_slice(self);
                Ok(())
            }

            #[inline]
            fn decode_within(
                codec: Codec,
                $bytes: &$de [u8],
                _: usize,
            ) -> Result<Self, DecodeError> {
                readable(codec)?;
                Ok($read)
            }

            fn sealed(_: Seal) {}
        }
    };
}

raw_payload!('de, &'de [u8], bytes => bytes);
raw_payload!('de, Cow<'de, [u8]>, bytes => Cow::Borrowed(bytes));
raw_payload!('de, Vec<u8>, bytes => bytes.to_vec());
raw_payload!('de, Box<[u8]>, bytes => bytes.into());
raw_payload!('de, Arc<[u8]>, bytes => bytes.into());
raw_payload!('de, bytes::Bytes, bytes => bytes::Bytes::copy_from_slice(bytes));

/// Nothing: an empty payload, and only that.
impl Payload<'_, Raw> for () {
    #[inline]
    fn encode(&self, codec: Codec, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        writable(codec)
    }

    #[inline]
    fn decode_within(codec: Codec, bytes: &[u8], _: usize) -> Result<Self, DecodeError> {
        readable(codec)?;
        if bytes.is_empty() {
            return Ok(());
        }
        Err(DecodeError::new(
            DecodeErrorKind::Trailing { extra: bytes.len() },
            Some(0),
        ))
    }

    fn sealed(_: Seal) {}
}
