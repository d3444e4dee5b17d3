//! The nodes of one service, followed as its registry says.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use super::Channel;
use super::bulk::Lane;
use super::endpoint::{Endpoint, Picked};
use super::fleet::{Candidates, NodeStatus};
use super::hedge;
use super::outgoing::Outgoing;
use super::percentile::Latencies;
use super::pool::Pool;
use super::repeat::Attempts;
use super::roster::{Choice, Member, Roster};
use super::run::Outcome;
use crate::discovery::{Discover, Node, Watch};
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::transport::BoxFuture;

/// A list of so many nodes is not prepared on a task of the runtime.
const LARGE: usize = 512;

/// Says whether a node may be called.
pub(super) type Filter = dyn Fn(&Node) -> bool + Send + Sync;

/// Which nodes a channel calls, and how it chooses.
#[derive(Clone)]
pub(super) struct Terms {
    pub(super) choice: Choice,
    /// None: nodes of any group, and of none.
    pub(super) group: Option<String>,
    pub(super) filters: Vec<Arc<Filter>>,
}

/// The nodes of one service, which calls read without a lock.
pub(super) struct Nodes {
    roster: ArcSwap<Roster>,
    /// Of calls that may be hedged.
    pub(super) latencies: Latencies,
    state: watch::Sender<State>,
}

/// What is known beside the list.
#[derive(Clone, Debug, Default)]
struct State {
    /// There was a list.
    listed: bool,
    /// The nodes of the last one, with those that are not called.
    known: usize,
    /// Why the registry cannot be heard.
    error: Option<Arc<Error>>,
}

impl Nodes {
    /// A list that does not change.
    pub(super) fn fixed(roster: Arc<Roster>) -> Arc<Self> {
        let state = State {
            listed: true,
            known: roster.members().len(),
            error: None,
        };
        Self::new(roster, state)
    }

    /// A list that is not known yet.
    pub(super) fn unknown() -> Arc<Self> {
        Self::new(Roster::empty(), State::default())
    }

    fn new(roster: Arc<Roster>, state: State) -> Arc<Self> {
        Arc::new(Self {
            roster: ArcSwap::new(roster),
            latencies: Latencies::default(),
            state: watch::channel(state).0,
        })
    }

    #[inline]
    pub(super) fn roster(&self) -> Guard<Arc<Roster>> {
        self.roster.load()
    }

    /// As they are seen from here; `service` is the one that they are of, if there are others.
    pub(super) fn add_status(&self, all: &mut Vec<NodeStatus>, service: Option<&str>) {
        all.extend(self.roster().members().iter().map(|member| {
            let (endpoint, load) = (&member.endpoint, member.endpoint.load());
            NodeStatus {
                address: endpoint.name().to_owned(),
                services: service.into_iter().map(str::to_owned).collect(),
                weight: member.node.weight,
                connected: endpoint.is_connected(),
                unreachable: !endpoint.is_reachable(),
                in_flight: load.in_flight(),
                latency: load.latency(),
                failures: load.failures(),
                ejected: endpoint.is_ejected(),
                warming: endpoint.is_warming(),
            }
        }));
    }
}

impl Candidates for Nodes {
    fn open(&self, lane: Lane, key: &dyn Fn() -> u64) -> Result<Picked, Option<Arc<Endpoint>>> {
        let roster = self.roster();
        let endpoint = roster.choose(key, &[]).ok_or(None)?;
        endpoint
            .open(lane)
            .ok_or_else(|| Some(Arc::clone(endpoint)))
    }

    fn choose(&self, key: &dyn Fn() -> u64, tried: &[Arc<Endpoint>]) -> Option<Arc<Endpoint>> {
        self.roster().choose(key, tried).cloned()
    }

    fn has_other_than(&self, tried: &[Arc<Endpoint>]) -> bool {
        self.roster().has_other_than(tried)
    }

    fn endpoints(&self) -> Vec<Arc<Endpoint>> {
        let roster = self.roster();
        let members = roster.members().iter();
        members.map(|member| Arc::clone(&member.endpoint)).collect()
    }

    fn count(&self) -> usize {
        self.roster().members().len()
    }

    fn is_listed(&self) -> bool {
        self.state.borrow().listed
    }

    fn first_list<'a>(&'a self, service: &'a str, at_most: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut state = self.state.subscribe();
            if state.borrow_and_update().listed {
                return Ok(());
            }
            let listed = state.wait_for(|state| state.listed);
            if timeout(at_most, listed)
                .await
                .is_ok_and(|state| state.is_ok())
            {
                return Ok(());
            }
            let error = self.state.borrow().error.clone();
            let text = format!(
                "no list of the nodes of `{service}` within {} ms",
                at_most.as_millis()
            );
            Err(match error {
                Some(error) => Error::not_sent(format!("{text}: {error}")).with_source(error),
                None => Error::not_sent(text),
            })
        })
    }

    fn none(&self, service: &str) -> Error {
        let state = self.state.borrow();
        Error::not_sent(match state.known {
            0 => format!("no node offers `{service}`: its registry has none"),
            known => format!(
                "no node that may be called offers `{service}`: {known} are known, all of them inactive, of \
                 another group, filtered out or unusable"
            ),
        })
    }

    fn hedge<'a>(
        &'a self,
        call: &'a mut Outgoing,
        channel: &'a Channel,
        attempts: &'a mut Attempts,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(hedge::run(self, call, channel, attempts))
    }
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.roster().fmt(f)
    }
}

/// Follows the registry for as long as it runs.
pub(super) struct Follower {
    pub(super) service: Arc<str>,
    pub(super) nodes: Arc<Nodes>,
    pub(super) pool: Arc<Pool>,
    pub(super) terms: Arc<Terms>,
    pub(super) events: Events,
    /// Addresses that cannot be connected to, for what is told of them.
    pub(super) unusable: HashSet<String>,
    /// When there were nodes first.
    pub(super) since: Option<Instant>,
}

impl Follower {
    pub(super) async fn run(mut self, discover: Arc<dyn Discover>) {
        let mut watch = Watch::with_events(discover, &self.service, self.events.clone());
        let mut last: Option<Arc<[Node]>> = None;
        loop {
            let known = watch.known();
            if let Some(list) = &known.nodes
                && !last.as_ref().is_some_and(|last| Arc::ptr_eq(last, list))
            {
                self.take(list).await;
                last = Some(Arc::clone(list));
            }
            self.nodes.state.send_modify(|state| {
                state.listed = last.is_some();
                state.known = last.as_ref().map_or(0, |list| list.len());
                state.error = known.error;
            });
            watch.changed().await;
        }
    }

    /// Makes a roster of a list, and lets go of what only the last one had.
    async fn take(&mut self, list: &[Node]) {
        let before = self.nodes.roster.load_full();
        let beside = !before.members().is_empty()
            && self
                .since
                .is_some_and(|since| self.pool.policy().is_settled(since));
        let called = list.iter().filter(|node| self.terms.allow(node));
        let mut members = Vec::with_capacity(list.len());
        let mut unusable = HashSet::new();
        for node in called {
            match self.pool.join(node, beside) {
                Ok(endpoint) => members.push(Member {
                    endpoint,
                    node: node.clone(),
                }),
                Err(error) => {
                    let address = node.address.to_string();
                    if !self.unusable.contains(&address) {
                        self.tell_unusable(&address, &error);
                    }
                    unusable.insert(address);
                }
            }
        }
        self.unusable = unusable;
        if self.since.is_none() && !members.is_empty() {
            self.since = Some(Instant::now());
        }
        let roster = make(members, self.terms.choice.clone(), &before).await;
        self.nodes.roster.store(roster);
        for member in before.members() {
            self.pool.part(&member.endpoint);
        }
    }

    fn tell_unusable(&self, address: &str, error: &Error) {
        self.events.emit(|tell| {
            tell(&Event::NodeUnusable {
                service: &self.service,
                address,
                error,
            });
        });
    }
}

/// A roster of many nodes takes milliseconds, in which no other task would run.
async fn make(members: Vec<Member>, choice: Choice, before: &Arc<Roster>) -> Arc<Roster> {
    if members.len() < LARGE {
        return Roster::new(members.into(), &choice, before);
    }
    let before = Arc::clone(before);
    let made = spawn_blocking(move || Roster::new(members.into(), &choice, &before));
    match made.await {
        Ok(roster) => roster,
        // The runtime is ending.
        Err(_) => std::future::pending().await,
    }
}

impl Terms {
    fn allow(&self, node: &Node) -> bool {
        let group = self.group.as_ref();
        let filters = &self.filters;
        // One that panics has not allowed it.
        let passes =
            |filter: &Arc<Filter>| catch_unwind(AssertUnwindSafe(|| filter(node))).unwrap_or(false);
        node.active
            && group.is_none_or(|group| node.groups.contains(group))
            && filters.iter().all(passes)
    }
}
