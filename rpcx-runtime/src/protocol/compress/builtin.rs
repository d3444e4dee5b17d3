//! The table of algorithms that are compiled in.

use super::Compress;
use crate::protocol::Compression;

/// The algorithm behind a number, in this build.
pub(super) fn get(kind: Compression) -> Option<&'static dyn Compress> {
    match kind {
        Compression::GZIP => gzip(),
        Compression::SNAPPY => snappy(),
        Compression::ZSTD => zstd(),
        _ => None,
    }
}

#[cfg(feature = "gzip")]
fn gzip() -> Option<&'static dyn Compress> {
    Some(&super::Gzip)
}

#[cfg(not(feature = "gzip"))]
fn gzip() -> Option<&'static dyn Compress> {
    None
}

#[cfg(feature = "snappy")]
fn snappy() -> Option<&'static dyn Compress> {
    Some(&super::Snappy)
}

#[cfg(not(feature = "snappy"))]
fn snappy() -> Option<&'static dyn Compress> {
    None
}

#[cfg(feature = "zstd")]
fn zstd() -> Option<&'static dyn Compress> {
    Some(&super::Zstd)
}

#[cfg(not(feature = "zstd"))]
fn zstd() -> Option<&'static dyn Compress> {
    None
}
