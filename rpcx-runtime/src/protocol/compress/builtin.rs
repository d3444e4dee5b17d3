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

macro_rules! algorithm {
    ($feature:literal, $name:ident, $algorithm:ident) => {
        #[cfg(feature = $feature)]
        fn $name() -> Option<&'static dyn Compress> {
            Some(&super::$algorithm)
        }

        #[cfg(not(feature = $feature))]
        fn $name() -> Option<&'static dyn Compress> {
            None
        }
    };
}

algorithm!("gzip", gzip, Gzip);
algorithm!("snappy", snappy, Snappy);
algorithm!("zstd", zstd, Zstd);
