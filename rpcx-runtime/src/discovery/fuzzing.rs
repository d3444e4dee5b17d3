//! What registries answer, without the connections to them, for the fuzz targets only.

use super::node::Node;
use super::updates::{Skipped, Updates};
use crate::event::Events;

#[cfg(feature = "consul")]
pub use super::consul::fuzzing::consul;
#[cfg(feature = "dns")]
pub use super::dns::fuzzing::dns;
#[cfg(feature = "etcd")]
pub use super::etcd::fuzzing::etcd;
#[cfg(feature = "mdns")]
pub use super::mdns::fuzzing::mdns;
#[cfg(feature = "nacos")]
pub use super::nacos::fuzzing::nacos;
#[cfg(feature = "redis")]
pub use super::redis::fuzzing::redis;
#[cfg(any(feature = "_registry", feature = "mdns"))]
pub use super::services::fuzzing::services;

/// What stands for a node: `network@host:port`, and its metadata.
pub type Entry = (String, Vec<u8>);

/// What became of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Listed {
    /// The nodes that calls may go to.
    pub nodes: Vec<Node>,
    /// What was left out.
    pub skipped: Skipped,
}

/// Takes lists of one service, one after the other; the result is what is known then.
pub fn listed<'a>(lists: impl IntoIterator<Item = &'a [Entry]>) -> Listed {
    let updates = Updates::new("Arith", Events::default());
    for list in lists {
        updates.entries(list.iter().map(|(key, metadata)| (key, metadata)));
    }
    let known = updates.subscribe().borrow().clone();
    Listed {
        nodes: known.nodes.as_deref().unwrap_or_default().to_vec(),
        skipped: known.skipped,
    }
}
