//! What consul answers, without the connection to it, for the fuzz targets only.

use super::api::Pair;
use super::watch::entries;
use crate::discovery::fuzzing::Entry;

/// The entries of `b/Arith/` in the answer to a list.
pub fn consul(answer: &[u8]) -> Option<Vec<Entry>> {
    let pairs: Vec<Pair> = serde_json::from_slice(answer).ok()?;
    let entries = entries(&pairs, "b/Arith/");
    Some(
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}
