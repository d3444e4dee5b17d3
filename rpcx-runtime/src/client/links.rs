//! The links of a channel, and which of them a call takes.

use std::sync::Arc;

use super::connection::ConnectionHandle;
use super::link::{Link, Unreachable};
use crate::error::{Error, Result};

/// One link for each address of a channel, in their order. There is at least one.
#[derive(Debug)]
pub(super) struct Links {
    first: Link,
    others: Box<[Link]>,
}

impl Links {
    pub(super) fn one(link: Link) -> Self {
        Self {
            first: link,
            others: Box::default(),
        }
    }

    /// None if there are no links.
    pub(super) fn new(links: Vec<Link>) -> Option<Self> {
        let mut links = links.into_iter();
        Some(Self {
            first: links.next()?,
            others: links.collect(),
        })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Link> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// What they are called in errors.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.all().map(Link::name).collect();
        names.join(", ")
    }

    /// A connection that is open, if there is one.
    #[inline]
    pub(super) fn open(&self) -> Option<Arc<ConnectionHandle>> {
        self.first
            .open()
            .or_else(|| self.others.iter().find_map(Link::open))
    }

    /// A connection that is open, or else the one of the first link that answers.
    ///
    /// A caller that found a dial under way, and saw it fail, waits for one more: that dial may have
    /// begun before the server was there.
    pub(super) async fn connect(&self) -> Result<Arc<ConnectionHandle>> {
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
    async fn try_each(&self) -> Result<Arc<ConnectionHandle>, Vec<(&Link, Unreachable)>> {
        if let Some(open) = self.open() {
            return Ok(open);
        }
        let mut links: Vec<_> = self.all().collect();
        if links.len() > 1 {
            links.sort_by_key(|link| link.is_pausing());
        }
        let mut failed = Vec::with_capacity(links.len());
        for link in links {
            match link.connect().await {
                Ok(connection) => return Ok(connection),
                Err(why) => failed.push((link, why)),
            }
        }
        Err(failed)
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
