//! The links of a channel, and which of them a call takes.

use std::sync::Arc;

use super::bulk::Lane;
use super::connection::ConnectionHandle;
use super::link::{Link, Unreachable};
use super::turns::{BulkLinks, NodeLinks};
use crate::error::{Error, Result};
use crate::layer::Reached;
use crate::transport::BoxFuture;

/// As many connections as there are links: there are no other nodes whose place they could take.
const ANY: fn() -> usize = || usize::MAX;

/// The links to each address of a channel, in their order. There is at least one.
#[derive(Debug)]
pub(super) struct Links {
    first: Site,
    others: Box<[Site]>,
}

/// The links to one address.
#[derive(Debug)]
struct Site {
    usual: Link,
    bulk: BulkLinks,
}

impl Site {
    fn new(links: NodeLinks) -> Option<Self> {
        Some(Self {
            usual: links.usual.into_iter().next()?,
            bulk: links.bulk,
        })
    }
}

/// The links that have not connected, and why.
type Failed<'a> = Vec<(&'a Link, Unreachable)>;

impl Links {
    pub(super) fn only(link: Link) -> Self {
        Self {
            first: Site {
                usual: link,
                bulk: BulkLinks::none(),
            },
            others: Box::default(),
        }
    }

    /// To the addresses of these, of which the first usual ones are taken. None if there are no addresses.
    pub(super) fn new(links: impl IntoIterator<Item = NodeLinks>) -> Option<Self> {
        let mut sites = links.into_iter().filter_map(Site::new);
        Some(Self {
            first: sites.next()?,
            others: sites.collect(),
        })
    }

    fn sites(&self) -> impl Iterator<Item = &Site> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The usual ones: one for each address.
    pub(super) fn all(&self) -> impl Iterator<Item = &Link> {
        self.sites().map(|site| &site.usual)
    }

    /// With those for large calls.
    pub(super) fn every(&self) -> impl Iterator<Item = &Link> {
        let bulk = self.sites().flat_map(|site| site.bulk.all());
        self.all().chain(bulk)
    }

    /// What they are called in errors.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.all().map(Link::name).collect();
        names.join(", ")
    }

    /// Where a call goes before there is a connection, if there is one address to choose from.
    pub(super) fn goal(&self) -> Option<&Arc<Reached>> {
        self.others.is_empty().then(|| self.first.usual.goal())
    }

    /// A connection that is open, if there is one.
    #[inline]
    pub(super) fn open(&self, lane: Lane) -> Option<Arc<ConnectionHandle>> {
        match lane {
            Lane::Usual => self.open_usual(),
            Lane::Bulk => self.sites().find_map(|site| site.bulk.open(ANY)),
        }
    }

    #[inline]
    fn open_usual(&self) -> Option<Arc<ConnectionHandle>> {
        let first = self.first.usual.open();
        first.or_else(|| self.others.iter().find_map(|site| site.usual.open()))
    }

    /// A connection that is open in this lane, or else one that is opened. A large call shares the usual one if it cannot have
    /// its own.
    pub(super) async fn connect(&self, lane: Lane) -> Result<Arc<ConnectionHandle>> {
        if let Some(open) = self.open(lane) {
            return Ok(open);
        }
        let usual = self.connect_usual().await?;
        let mut sites = self.sites();
        let here = sites.find(|site| site.usual.open().is_some());
        match (lane, here) {
            (Lane::Bulk, Some(site)) => Ok(site.bulk.connect(ANY).await.unwrap_or(usual)),
            _ => Ok(usual),
        }
    }

    /// A connection that is open, or else the one of the first link that answers.
    ///
    /// A caller that found a dial under way, and saw it fail, waits for one more: that dial may have
    /// begun before the server was there.
    async fn connect_usual(&self) -> Result<Arc<ConnectionHandle>> {
        let mut failed = match self.try_each().await {
            Ok(connection) => return Ok(connection),
            Err(failed) => failed,
        };
        if failed.iter().any(|(_, why)| why.is_joined()) {
            failed = match self.try_each().await {
                Ok(connection) => return Ok(connection),
                Err(failed) => failed,
            };
        }
        Err(self.unreachable(&failed))
    }

    /// Each link in turn. Those that have to pause before they dial again come last.
    fn try_each(&self) -> BoxFuture<'_, Result<Arc<ConnectionHandle>, Failed<'_>>> {
        Box::pin(async {
            if let Some(open) = self.open_usual() {
                return Ok(open);
            }
            let (pausing, ready): (Vec<_>, Vec<_>) = self.all().partition(|link| link.is_pausing());
            let mut failed = Vec::new();
            for link in ready.into_iter().chain(pausing) {
                match link.connect().await {
                    Ok(connection) => return Ok(connection),
                    Err(why) => failed.push((link, why)),
                }
            }
            Err(failed)
        })
    }

    fn unreachable(&self, failed: &[(&Link, Unreachable)]) -> Error {
        let names = self.names();
        let reasons: Vec<_> = match failed {
            [(_, only)] => vec![only.to_string()],
            all => all
                .iter()
                .map(|(link, why)| format!("{}: {why}", link.name()))
                .collect(),
        };
        let error = Error::not_sent(format!("cannot connect to {names}: {}", reasons.join("; ")));
        match failed {
            // The first address is the one that is preferred.
            [(_, first), ..] => error.with_cause(Arc::clone(&first.reason)),
            [] => error,
        }
    }
}
