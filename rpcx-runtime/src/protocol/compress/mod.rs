//! Payload compression. Types 2 to 7 are free and not implemented here.

#[cfg(feature = "gzip")]
mod gzip;
#[cfg(not(feature = "gzip"))]
#[path = "no_gzip.rs"]
mod gzip;

use super::Compression;

/// Payloads up to this many bytes are sent as they are, whatever was asked for: Go rpcx does the
/// same (client.go, server_response.go).
pub const COMPRESS_THRESHOLD: usize = 1024;

/// Why a payload cannot be compressed or inflated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompressError {
    /// The type has no implementation here.
    #[error("unsupported compressor {0}")]
    Unsupported(u8),
    /// The compressed bytes are damaged.
    #[error("the compressed payload is damaged: {0}")]
    Damaged(String),
    /// The inflated payload is over the limit.
    #[error("the inflated payload is too long: the limit is {0} bytes")]
    TooLong(usize),
}

/// Compresses `payload`.
pub fn compress(kind: Compression, payload: &[u8]) -> Result<Vec<u8>, CompressError> {
    match kind {
        Compression::NONE => Ok(payload.to_vec()),
        Compression::GZIP => gzip::compress(payload),
        other => Err(CompressError::Unsupported(other.number())),
    }
}

/// Inflates `payload` to at most `limit` bytes; the memory used grows with the output.
pub fn inflate(kind: Compression, payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
    match kind {
        Compression::NONE if payload.len() > limit => Err(CompressError::TooLong(limit)),
        Compression::NONE => Ok(payload.to_vec()),
        Compression::GZIP => gzip::inflate(payload, limit),
        other => Err(CompressError::Unsupported(other.number())),
    }
}
