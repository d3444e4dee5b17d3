//! From what a registry says to a list of nodes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::known::Known;
use super::node::{Node, NodeError};
use crate::error::Error;
use crate::event::{Event, Events};

/// The most nodes that are taken of one list.
const MOST_NODES: usize = 10_000;

/// How long an empty list is not believed when there were nodes before.
pub(super) const EMPTY_AFTER: Duration = Duration::from_secs(30);

/// Takes what a registry knows of one service.
///
/// A registry is not trusted. What is no node is skipped: a key that is no address or has more than 1,024
/// bytes, metadata of more than 16 KiB, and every further entry of an address. Of one list 10,000 nodes are taken, the first in the order of their addresses. A weight
/// that is no number from 0 to 65,535 counts as 1. [`Skipped`] counts all of that, and
/// [`Event::EntriesSkipped`] tells it.
///
/// A list that is empty when there were nodes before is not believed for 30 s: a registry that was emptied,
/// or restarted without its data, gets its entries back within an interval. Until then the nodes stay
/// in use; [`Event::ListEmptied`] and [`Watch::is_emptied`](super::Watch::is_emptied) tell it at once.
pub struct Updates {
    service: Arc<str>,
    known: watch::Sender<Known>,
    events: Events,
}

/// What of a list was not taken as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Entries that are no nodes.
    pub unreadable: u64,
    /// Entries of an address that another entry is for.
    pub repeated: u64,
    /// Nodes beyond the first 10,000.
    pub too_many: u64,
    /// Nodes that were taken, with a weight of 1 in place of an absurd one.
    pub weights: u64,
}

impl Skipped {
    /// All that were left out.
    pub fn total(&self) -> u64 {
        self.unreadable + self.repeated + self.too_many
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.unreadable, "unreadable"),
            (self.repeated, "repeated"),
            (self.too_many, "beyond the first 10,000"),
            (self.weights, "with an absurd weight, which counts as 1"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let texts: Vec<_> = parts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        f.write_str(&texts.join(", "))
    }
}

impl Updates {
    pub(super) fn new(service: &str, events: Events) -> Self {
        Self {
            service: service.into(),
            known: watch::channel(Known::default()).0,
            events,
        }
    }

    /// The service that is watched.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// All entries of the service as they stand in the registry, each a key `network@host:port` without
    /// what stands before it, and its metadata.
    pub fn entries<K, V>(&self, entries: impl IntoIterator<Item = (K, V)>)
    where
        K: AsRef<str>,
        V: AsRef<[u8]>,
    {
        let (mut nodes, mut skipped, mut example) = (Vec::new(), Skipped::default(), None);
        for (key, metadata) in entries {
            let (key, metadata) = (key.as_ref(), metadata.as_ref());
            match Node::parse_and_check(key, metadata) {
                Ok((node, as_it_stands)) => {
                    skipped.weights += u64::from(!as_it_stands);
                    nodes.push(node);
                }
                Err(error) => {
                    skipped.unreadable += 1;
                    example.get_or_insert_with(|| Example::new(key, error));
                }
            }
        }
        self.take(nodes, skipped, example);
    }

    /// The same for a registry that has nodes of its own form.
    pub fn nodes(&self, nodes: impl IntoIterator<Item = Node>) {
        self.take(nodes.into_iter().collect(), Skipped::default(), None);
    }

    /// What another watch has heard.
    pub(super) fn pass_on(&self, nodes: &[Node], skipped: Skipped) {
        self.take(nodes.to_vec(), skipped, None);
    }

    fn take(&self, mut nodes: Vec<Node>, mut skipped: Skipped, example: Option<Example>) {
        let given = nodes.len();
        nodes.sort_by_cached_key(|node| node.address.to_string());
        nodes.dedup_by(|later, first| later.address == first.address);
        skipped.repeated += (given - nodes.len()) as u64;
        skipped.too_many += nodes.len().saturating_sub(MOST_NODES) as u64;
        nodes.truncate(MOST_NODES);
        let before = self.known.borrow().clone();
        if skipped != before.skipped && skipped != Skipped::default() {
            self.tell_skipped(skipped, example.as_ref());
        }
        let known = before.nodes.as_deref().unwrap_or_default();
        let emptied = (nodes.is_empty() && !known.is_empty()).then(|| {
            let until = Instant::now() + EMPTY_AFTER;
            before.emptied.unwrap_or(until)
        });
        if emptied.is_some() && before.emptied.is_none() {
            self.tell_emptied(known.len());
        }
        let keep = emptied.is_some() || (before.nodes.is_some() && known == nodes);
        if !keep {
            self.tell_changed(known, &nodes);
        }
        self.known.send_modify(|known| {
            if !keep {
                known.nodes = Some(nodes.into());
            }
            known.skipped = skipped;
            known.error = None;
            known.emptied = emptied;
            known.lists += 1;
        });
    }

    /// Lets go of the nodes that the registry has not had for long enough.
    pub(super) async fn believe_empty(&self) {
        let mut known = self.known.subscribe();
        loop {
            let emptied = known.borrow_and_update().emptied;
            let Some(until) = emptied else {
                // An error would mean that the sender is gone, which is held here.
                let _ = known.changed().await;
                continue;
            };
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                _changed = known.changed() => continue,
            }
            let before = self.known.borrow().nodes.clone().unwrap_or_default();
            self.tell_changed(&before, &[]);
            self.known.send_modify(|known| {
                known.nodes = Some(Arc::default());
                known.emptied = None;
            });
        }
    }

    /// The registry cannot be heard.
    pub(super) fn fail(&self, error: Error) {
        self.known
            .send_modify(|known| known.error = Some(Arc::new(error)));
    }

    /// How many lists there were.
    pub(super) fn lists(&self) -> u64 {
        self.known.borrow().lists
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Known> {
        self.known.subscribe()
    }

    pub(super) fn events(&self) -> &Events {
        &self.events
    }

    fn tell_skipped(&self, skipped: Skipped, example: Option<&Example>) {
        self.events.emit(|tell| {
            let reason = match example {
                Some(Example { key, error }) => format!("{skipped}, such as `{key}`: {error}"),
                None => skipped.to_string(),
            };
            tell(&Event::EntriesSkipped {
                service: &self.service,
                skipped: skipped.total(),
                reason: &reason,
            });
        });
    }

    fn tell_emptied(&self, nodes: usize) {
        self.events.emit(|tell| {
            tell(&Event::ListEmptied {
                service: &self.service,
                nodes,
                kept: EMPTY_AFTER,
            });
        });
    }

    fn tell_changed(&self, before: &[Node], after: &[Node]) {
        self.events.emit(|tell| {
            let joined = count_missing(after, before);
            let left = count_missing(before, after);
            tell(&Event::NodesChanged {
                service: &self.service,
                nodes: after.len(),
                joined,
                left,
            });
        });
    }
}

/// How many of `nodes` are not among `others`. Both are sorted by address.
fn count_missing(nodes: &[Node], others: &[Node]) -> usize {
    let others: std::collections::HashSet<_> = others.iter().map(|node| &node.address).collect();
    let missing = nodes.iter().filter(|node| !others.contains(&node.address));
    missing.count()
}

/// The first entry that was skipped, for the log.
struct Example {
    key: String,
    error: NodeError,
}

impl Example {
    /// Of a key that may be anything, the beginning.
    fn new(key: &str, error: NodeError) -> Self {
        let key = key.chars().take(80).collect::<String>();
        let key = key.escape_debug().to_string();
        Self { key, error }
    }
}

impl fmt::Debug for Updates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.borrow();
        f.debug_struct("Updates")
            .field("service", &self.service)
            .field("nodes", &known.nodes.as_ref().map(|nodes| nodes.len()))
            .field("skipped", &known.skipped)
            .finish_non_exhaustive()
    }
}
