//! Stands in for gzip where the feature `gzip` is off.

use super::CompressError;
use crate::protocol::Compression;

pub(super) fn compress(_: &[u8]) -> Result<Vec<u8>, CompressError> {
    Err(CompressError::Unsupported(Compression::GZIP.number()))
}

pub(super) fn inflate(_: &[u8], _: usize) -> Result<Vec<u8>, CompressError> {
    Err(CompressError::Unsupported(Compression::GZIP.number()))
}
