//! What etcd answers, without the connection to it, for the fuzz targets only.

use super::api::{Message, Range};
use super::watch::Entries;
use crate::discovery::fuzzing::Entry;
use crate::error::{Error, Result};

/// The entries of `/b/Arith/` after an answer to a list, and after each of the lines of a watch that follow it.
///
/// # Errors
/// If one of them is not what etcd says.
pub fn etcd<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Result<Vec<Entry>> {
    let strange = |why: serde_json::Error| Error::setup(why.to_string());
    let range = lines.next().unwrap_or_default();
    let range: Range = serde_json::from_slice(range).map_err(strange)?;
    let _ = range.revision();
    let mut entries = Entries::new("/b/Arith/");
    range.kvs.into_iter().for_each(|pair| entries.put(pair));
    for line in lines {
        match serde_json::from_slice(line).map_err(strange)? {
            Message::Result(changes) => entries.apply(changes)?,
            Message::Error(why) => return Err(Error::setup(why.to_string())),
        }
    }
    let entry = |(key, value): (&String, &Vec<u8>)| (key.clone(), value.clone());
    Ok(entries.iter().map(entry).collect())
}
