//! What nacos answers, without the connection to it, for the fuzz targets only.

use super::api::List;
use super::instance::Instance;
use crate::discovery::fuzzing::Entry;

/// The entries in the answer to a list.
pub fn nacos(answer: &[u8]) -> Option<Vec<Entry>> {
    let list: List = serde_json::from_slice(answer).ok()?;
    let entries = list.hosts.into_iter().filter_map(Instance::entry);
    Some(
        entries
            .map(|(key, metadata)| (key, metadata.into_bytes()))
            .collect(),
    )
}
