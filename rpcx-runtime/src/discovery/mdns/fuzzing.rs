//! What members of the group send, without a socket, for the fuzz targets only.

use hickory_proto::op::Message;
use hickory_proto::rr::Name;

use super::records::Names;
use super::watch::{Servers, hear};
use crate::discovery::fuzzing::Entry;

/// The servers of `Arith` after these datagrams, and whether one of them asked for servers.
pub fn mdns<'a>(datagrams: impl Iterator<Item = &'a [u8]>) -> Option<(Vec<Entry>, bool)> {
    let names = Names::new(&Name::from_ascii("local.").ok()?)?;
    let instance = names.instance("a", 1, Vec::new())?;
    let (mut servers, mut asked) = (Servers::new(), false);
    for message in datagrams.filter_map(|bytes| Message::from_vec(bytes).ok()) {
        asked |= names.is_asked(&message, std::slice::from_ref(&instance));
        for said in names.said(&message) {
            hear(&mut servers, "Arith", 1, said);
        }
    }
    let entry = |(key, seen): (String, super::watch::Seen)| (key, seen.metadata.into_bytes());
    Some((servers.into_iter().map(entry).collect(), asked))
}
