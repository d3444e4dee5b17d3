//! The servers of one service, by what they answer and announce.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::Mdns;
use super::group::Group;
use super::records::{Names, Said};
use crate::discovery::Updates;
use crate::discovery::services::Services;
use crate::error::{Error, Result};

/// Questions in a row that a server may leave unanswered.
const MISSED: u64 = 3;

/// Servers that are remembered: as many as are taken of a list.
const MOST: usize = 10_000;

/// The pauses after the first questions. Answers come after up to 120 ms.
const FIRST: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(1)];

/// A server that was heard of.
pub(super) struct Seen {
    pub(super) metadata: String,
    /// The number of the last question before that.
    question: u64,
}

/// By `network@host:port`.
pub(super) type Servers = BTreeMap<String, Seen>;

pub(super) async fn watch(mdns: &Mdns, service: &str, updates: &Updates) -> Result<()> {
    let mut group = Group::join(&mdns.interfaces)?;
    let names = names(mdns)?;
    let mut servers = Servers::new();
    let (mut question, mut next) = (0u64, Instant::now());
    loop {
        let changed = tokio::select! {
            message = group.receive() => {
                let mut changed = false;
                for said in names.said(&message?) {
                    changed |= hear(&mut servers, service, question, said);
                }
                changed
            }
            () = sleep_until(next) => {
                group.send(&names.question()).await?;
                next = Instant::now() + pause(mdns, question);
                question += 1;
                servers.retain(|_, seen| seen.question + MISSED >= question);
                true
            }
        };
        // The first list is for those that have had the time to answer.
        if changed && question > 1 {
            updates.entries(
                servers
                    .iter()
                    .map(|(address, seen)| (address, &seen.metadata)),
            );
        }
    }
}

pub(super) fn names(mdns: &Mdns) -> Result<Names> {
    let none = || Error::setup(format!("the domain `{}` is too long", mdns.domain));
    Names::new(&mdns.domain).ok_or_else(none)
}

fn pause(mdns: &Mdns, question: u64) -> Duration {
    let first = usize::try_from(question).ok().and_then(|at| FIRST.get(at));
    first.copied().unwrap_or(mdns.interval)
}

/// Whether it changes the list.
pub(super) fn hear(servers: &mut Servers, service: &str, question: u64, said: Said) -> bool {
    match said {
        Said::Gone(entry) if entry.service == service => {
            servers.remove(&entry.service_address).is_some()
        }
        Said::There(entry) if entry.service == service => {
            if servers.len() >= MOST && !servers.contains_key(&entry.service_address) {
                return false;
            }
            let seen = Seen {
                metadata: entry.meta,
                question,
            };
            let same = |before: &Seen, now: &str| before.metadata == now;
            let metadata = seen.metadata.clone();
            let before = servers.insert(entry.service_address, seen);
            before.is_none_or(|before| !same(&before, &metadata))
        }
        Said::Gone(_) | Said::There(_) => false,
    }
}

/// The services of the servers that answer.
pub(super) async fn services(mdns: &Mdns) -> Result<Services> {
    let mut group = Group::join(&mdns.interfaces)?;
    let names = names(mdns)?;
    let mut services = Services::default();
    for pause in FIRST {
        group.send(&names.question()).await?;
        let end = Instant::now() + pause;
        while let Ok(message) = timeout_at(end, group.receive()).await {
            for said in names.said(&message?) {
                if let Said::There(entry) = said {
                    services.add(&entry.service)?;
                }
            }
        }
    }
    Ok(services)
}
