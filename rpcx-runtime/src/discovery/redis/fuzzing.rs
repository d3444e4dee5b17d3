//! What stands in redis, without the connection to it, for the fuzz targets only.

use super::watch::metadata_of;
use crate::discovery::fuzzing::Entry;

/// The entry of a key with this value.
pub fn redis(key: &str, value: &[u8]) -> Entry {
    (key.to_owned(), metadata_of(value.to_vec()))
}
