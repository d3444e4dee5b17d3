//! Payload compression: the algorithms with a number of their own, and those that a program adds.

mod builtin;
mod registry;

#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "snappy")]
mod snappy;
#[cfg(feature = "zstd")]
mod zstd;

#[cfg(feature = "gzip")]
pub use gzip::Gzip;
pub(crate) use registry::{Compressions, RegisterError};
#[cfg(feature = "snappy")]
pub use snappy::Snappy;
#[cfg(feature = "zstd")]
pub use zstd::Zstd;

use super::Compression;

/// Payloads up to this many bytes are sent as they are, whatever was asked for: Go rpcx does the
/// same (client.go, server_response.go).
pub const COMPRESS_THRESHOLD: usize = 1024;

/// Why a payload cannot be compressed or inflated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompressError {
    /// No algorithm is compiled in or registered for the number.
    #[error("unsupported compressor {0}")]
    Unsupported(u8),
    /// The compressed bytes are damaged.
    #[error("the compressed payload is damaged: {0}")]
    Damaged(String),
    /// The inflated payload is over the limit.
    #[error("the inflated payload is too long: the limit is {0} bytes")]
    TooLong(usize),
    /// The payload cannot be compressed.
    #[error("the payload cannot be compressed: {0}")]
    Failed(String),
}

/// A compression algorithm, for a number that both peers agree on.
///
/// Registered with `ServerBuilder::compression_with` and `ChannelBuilder::compression_with`. Go programs do the
/// same with an entry in `protocol.Compressors`.
pub trait Compress: Send + Sync + 'static {
    /// Compresses a whole payload. What comes out need not be shorter.
    ///
    /// # Errors
    /// [`CompressError::Failed`], with a text: the call then fails, on a client before anything is sent.
    fn compress(&self, payload: &[u8]) -> Result<Vec<u8>, CompressError>;

    /// Inflates a whole payload to at most `limit` bytes.
    ///
    /// The bytes come from the network, so a few of them may stand for many: the implementation stops at `limit` and
    /// allocates no more than about that. A result above the limit is dropped by the caller.
    ///
    /// # Errors
    /// [`CompressError::TooLong`] for an output above `limit`, [`CompressError::Damaged`] for input that is not what
    /// the algorithm writes. Neither may panic.
    fn decompress(&self, payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError>;
}

/// Compresses `payload` with one of the algorithms that are compiled in.
///
/// # Errors
/// [`CompressError::Unsupported`] for every other number.
pub fn compress(kind: Compression, payload: &[u8]) -> Result<Vec<u8>, CompressError> {
    match builtin::get(kind) {
        Some(algorithm) => algorithm.compress(payload),
        None if kind == Compression::NONE => Ok(payload.to_vec()),
        None => Err(CompressError::Unsupported(kind.number())),
    }
}

/// Inflates `payload` to at most `limit` bytes with one of the algorithms that are compiled in; the memory used
/// grows with the output.
///
/// # Errors
/// [`CompressError::Unsupported`] for every other number, and those of [`Compress::decompress`].
pub fn inflate(kind: Compression, payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
    match builtin::get(kind) {
        Some(algorithm) => algorithm.decompress(payload, limit),
        None if kind == Compression::NONE => up_to(payload, limit),
        None => Err(CompressError::Unsupported(kind.number())),
    }
}

/// A payload that is not compressed.
fn up_to(payload: &[u8], limit: usize) -> Result<Vec<u8>, CompressError> {
    if payload.len() > limit {
        return Err(CompressError::TooLong(limit));
    }
    Ok(payload.to_vec())
}

/// Reads an inflating reader to its end, unless that is more than `limit` bytes.
#[cfg(any(feature = "gzip", feature = "snappy", feature = "zstd"))]
fn read_up_to(reader: impl std::io::Read, limit: usize) -> Result<Vec<u8>, CompressError> {
    let mut out = Vec::new();
    // One byte over the limit tells "exactly at the limit" from "too long".
    let read = limit.saturating_add(1) as u64;
    let mut reader = std::io::Read::take(reader, read);
    std::io::Read::read_to_end(&mut reader, &mut out)
        .map_err(|error| CompressError::Damaged(error.to_string()))?;
    if out.len() > limit {
        return Err(CompressError::TooLong(limit));
    }
    Ok(out)
}
