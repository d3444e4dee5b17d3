//! Stands in for `custom.rs` where the feature `custom-codec` is off: there is no such codec.

use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize};

use super::{DecodeError, EncodeError};

#[derive(Clone, Copy)]
pub(crate) enum OwnCodec {}

impl OwnCodec {
    pub(super) fn encode<T: Serialize>(&self, _: &T, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        match *self {}
    }

    pub(super) fn decode<'de, T: Deserialize<'de>>(
        &self,
        _: &'de [u8],
        _: usize,
    ) -> Result<T, DecodeError> {
        match *self {}
    }

    pub(super) fn decode_seed<'de, S: DeserializeSeed<'de>>(
        &self,
        _: S,
        _: &'de [u8],
        _: usize,
    ) -> Result<S::Value, DecodeError> {
        match *self {}
    }
}
