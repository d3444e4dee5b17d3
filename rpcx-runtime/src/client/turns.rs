//! Links to one address, over which calls are spread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::connection::ConnectionHandle;
use super::link::Link;
use super::options::ChannelOptions;
use crate::error::Result;

/// Links to one address, which take turns.
#[derive(Debug)]
pub(super) struct Turns {
    links: Box<[Link]>,
    /// Whose turn it is, if there are several.
    turn: AtomicUsize,
}

impl Turns {
    pub(super) fn new(links: Box<[Link]>) -> Self {
        Self {
            links,
            turn: AtomicUsize::new(0),
        }
    }

    pub(super) fn all(&self) -> &[Link] {
        &self.links
    }

    /// An open connection, if there is one. Of further ones, `most` in all are opened in the background as their
    /// turns come.
    #[inline]
    pub(super) fn open(&self, most: impl Fn() -> usize) -> Option<Arc<ConnectionHandle>> {
        match &*self.links {
            [] => None,
            [only] => only.open(),
            links => self.open_one_of(links, most()),
        }
    }

    fn open_one_of(&self, links: &[Link], most: usize) -> Option<Arc<ConnectionHandle>> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % links.len();
        if let Some(open) = links[turn].open() {
            return Some(open);
        }
        let open = links.iter().find_map(Link::open)?;
        if turn < most {
            links[turn].open_in_background();
        }
        Some(open)
    }
}

/// All links to one address.
#[derive(Debug)]
pub(super) struct NodeLinks {
    /// At least one.
    pub(super) usual: Box<[Link]>,
    /// For large calls, if those have connections of their own.
    pub(super) bulk: BulkLinks,
}

impl NodeLinks {
    /// As many as the options say; `link` makes one.
    pub(super) fn new(
        options: &ChannelOptions,
        mut link: impl FnMut() -> Result<Link>,
    ) -> Result<Self> {
        let mut links = |count| (0..count).map(|_| link()).collect::<Result<Box<[_]>>>();
        let bulk = options.bulk.as_ref().map_or(0, |bulk| bulk.connections());
        Ok(Self {
            usual: links(options.connections.max(1))?,
            bulk: BulkLinks(Turns::new(links(bulk)?)),
        })
    }
}

/// The links to one address for large calls, beside the usual ones. There may be none.
#[derive(Debug)]
pub(super) struct BulkLinks(Turns);

impl BulkLinks {
    pub(super) fn none() -> Self {
        Self(Turns::new(Box::default()))
    }

    pub(super) fn all(&self) -> &[Link] {
        self.0.all()
    }

    /// An open connection, if there is one. `most`: how many of them may be opened.
    pub(super) fn open(&self, most: impl Fn() -> usize) -> Option<Arc<ConnectionHandle>> {
        self.0.open(most)
    }

    /// The same, and opens one if need be. None if there is none, or it cannot be opened: a call had better share the usual
    /// connection than fail, or wait for a dial that has failed before.
    pub(super) async fn connect(&self, most: impl Fn() -> usize) -> Option<Arc<ConnectionHandle>> {
        if let Some(open) = self.open(&most) {
            return Some(open);
        }
        let first = self.all().first().filter(|_| most() > 0)?;
        if first.is_unreachable() {
            first.look_again();
            return None;
        }
        first.connect().await.ok()
    }
}
