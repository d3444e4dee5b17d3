//! A channel to several servers, of which each call takes one.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::AbortHandle;

use super::bulk::Lane;
use super::endpoint::Endpoint;
use super::nodes::{Follower, Nodes, Terms};
use super::pool::Pool;
use super::roster::Roster;
use super::stub::Route;
use crate::discovery::Discover;
use crate::error::{Error, Result};
use crate::event::Events;
use crate::sync::lock;
use crate::task;

/// The most services that one channel follows. Names that strangers choose, as those that a proxy
/// passes on, must not add up.
const MOST_SERVICES: usize = 1024;

/// What a further attempt of a call does in a channel that [selects](super::ChannelBuilder::select). The
/// names are those of Go rpcx; unlike there, what may have run is repeated only if it is idempotent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailMode {
    /// There is none: the first error is that of the call.
    Failfast,
    /// It goes to the same server.
    Failtry,
    /// It goes to another server, at once if that one could not be reached.
    #[default]
    Failover,
    /// As [`Failover`](Self::Failover), and an idempotent call that is not answered within this time is also
    /// sent to another server: the first reply counts, and the other call is given up. One call in twenty
    /// may be sent twice, and ten at once, as far as the budget of [`Retry`](super::Retry) goes.
    Failbackup(Duration),
    /// The same with the 95th percentile of the last calls of its method as the time. It is known after 32 calls.
    FailbackupP95,
}

impl FailMode {
    /// Whether an idempotent call may be sent to two nodes.
    pub(super) fn hedges(self) -> bool {
        matches!(self, Self::Failbackup(_) | Self::FailbackupP95)
    }
}

/// One server of a channel, as it is seen from here.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NodeStatus {
    /// Its address.
    pub address: String,
    /// The services that are called there. Empty in a channel whose addresses are given: it is all of them.
    pub services: Vec<String>,
    /// How often it is chosen by [`Select::Weighted`](super::Select::Weighted), compared with the others. The
    /// greatest, if its services differ.
    pub weight: u32,
    /// Whether there is an open connection.
    pub connected: bool,
    /// Whether the last dial has failed.
    pub unreachable: bool,
    /// Calls that wait for their replies.
    pub in_flight: u32,
    /// What its calls take: goes up at once and comes down slowly. `None` if none has ended. One call in eight is timed, unless
    /// what they take decides where they go.
    pub latency: Option<Duration>,
    /// Dials and calls that have failed. What a method answers is no failure.
    pub failures: u64,
    /// Whether it is passed over for its failures: see [`Ejection`](super::Ejection).
    pub ejected: bool,
    /// Whether it is new, or back, and does not get its whole share yet.
    pub warming: bool,
}

/// The servers of a channel that selects.
pub(super) enum Fleet {
    /// Those that it was given, for all services. There is at least one.
    Fixed(Arc<Nodes>),
    /// Those that a registry has, for each service.
    Discovered(Discovered),
}

/// The services of a channel, each with the nodes that a registry has for it.
pub(super) struct Discovered {
    discover: Arc<dyn Discover>,
    pool: Arc<Pool>,
    terms: Arc<Terms>,
    events: Events,
    /// None when the channel is closed.
    services: Mutex<Option<HashMap<Arc<str>, Service>>>,
}

struct Service {
    nodes: Arc<Nodes>,
    follower: AbortHandle,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl Fleet {
    /// The nodes for the calls of a client.
    #[inline]
    pub(super) fn nodes<'r>(&self, route: &'r Route) -> Result<&'r Arc<Nodes>> {
        match route.nodes.get() {
            Some(nodes) => Ok(nodes),
            None => {
                let nodes = self.of_service(&route.service)?;
                Ok(route.nodes.get_or_init(|| nodes))
            }
        }
    }

    fn of_service(&self, service: &Arc<str>) -> Result<Arc<Nodes>> {
        match self {
            Self::Fixed(nodes) => Ok(Arc::clone(nodes)),
            Self::Discovered(discovered) => discovered.follow(service),
        }
    }

    /// A connection to any of the nodes that are known.
    pub(super) async fn connect_any(&self) -> Result<()> {
        let Self::Fixed(nodes) = self else {
            // Which services there will be is not known yet.
            return Ok(());
        };
        let mut tried = Vec::new();
        loop {
            let (endpoint, others) = {
                let roster = nodes.roster();
                let Some(endpoint) = roster.choose(&|| fastrand::u64(..), &tried).cloned() else {
                    return Ok(());
                };
                tried.push(Arc::clone(&endpoint));
                (endpoint, roster.has_other_than(&tried))
            };
            match endpoint
                .connect(!others && tried.len() == 1, Lane::Usual)
                .await
            {
                Err(error) if !others => return Err(error),
                Err(_) => {}
                Ok(_) => return Ok(()),
            }
        }
    }

    pub(super) fn endpoints(&self) -> Vec<Arc<Endpoint>> {
        match self {
            Self::Fixed(nodes) => {
                let roster = nodes.roster();
                let members = roster.members().iter();
                members.map(|member| Arc::clone(&member.endpoint)).collect()
            }
            Self::Discovered(discovered) => discovered.pool.endpoints(),
        }
    }

    /// The endpoints of these services, of which there has to be a list within this time; of a channel to given addresses, all.
    pub(super) async fn endpoints_of(
        &self,
        services: impl IntoIterator<Item = impl AsRef<str>>,
        within: Duration,
    ) -> Result<Vec<Arc<Endpoint>>> {
        let Self::Discovered(discovered) = self else {
            return Ok(self.endpoints());
        };
        let mut endpoints: Vec<Arc<Endpoint>> = Vec::new();
        for service in services {
            let service = Arc::from(service.as_ref());
            let nodes = discovered.follow(&service)?;
            nodes.listed(&service, within).await?;
            let roster = nodes.roster();
            let members = roster.members().iter();
            endpoints.extend(members.map(|member| Arc::clone(&member.endpoint)));
        }
        // Services share them.
        endpoints.sort_by(|one, other| one.name().cmp(other.name()));
        endpoints.dedup_by(|later, first| Arc::ptr_eq(later, first));
        Ok(endpoints)
    }

    /// Follows no list any more.
    pub(super) fn stop(&self) {
        if let Self::Discovered(discovered) = self {
            *lock(&discovered.services) = None;
        }
    }

    /// Waits for the connections to endpoints that no list has any more.
    pub(super) async fn left(&self) {
        if let Self::Discovered(discovered) = self {
            discovered.pool.left().await;
        }
    }

    pub(super) fn status(&self) -> Vec<NodeStatus> {
        match self {
            Self::Fixed(nodes) => {
                let mut all = Vec::new();
                add_status(&mut all, None, &nodes.roster());
                all
            }
            Self::Discovered(discovered) => discovered.status(),
        }
    }
}

impl Discovered {
    pub(super) fn new(
        discover: Arc<dyn Discover>,
        pool: Pool,
        terms: Terms,
        events: Events,
    ) -> Self {
        Self {
            discover,
            pool: Arc::new(pool),
            terms: Arc::new(terms),
            events,
            services: Mutex::new(Some(HashMap::new())),
        }
    }

    /// The nodes of a service, which are followed from now on.
    fn follow(&self, service: &Arc<str>) -> Result<Arc<Nodes>> {
        let mut services = lock(&self.services);
        let Some(services) = services.as_mut() else {
            return Err(Error::not_sent("the channel is closed"));
        };
        if let Some(known) = services.get(service) {
            return Ok(Arc::clone(&known.nodes));
        }
        if services.len() >= MOST_SERVICES {
            make_room(services)?;
        }
        let nodes = Nodes::unknown();
        let follower = Follower {
            service: Arc::clone(service),
            nodes: Arc::clone(&nodes),
            pool: Arc::clone(&self.pool),
            terms: Arc::clone(&self.terms),
            events: self.events.clone(),
            unusable: HashSet::new(),
            since: None,
        };
        let follower = task::spawn(follower.run(Arc::clone(&self.discover)));
        let known = Service {
            nodes: Arc::clone(&nodes),
            follower: follower.abort_handle(),
        };
        services.insert(Arc::clone(service), known);
        Ok(nodes)
    }

    fn status(&self) -> Vec<NodeStatus> {
        let mut all = Vec::new();
        let services: Vec<_> = {
            let services = lock(&self.services);
            let each = services.iter().flatten();
            each.map(|(name, service)| (Arc::clone(name), Arc::clone(&service.nodes)))
                .collect()
        };
        for (name, nodes) in services {
            add_status(&mut all, Some(&name), &nodes.roster());
        }
        all.sort_by(|one, other| one.address.cmp(&other.address));
        all.dedup_by(|later, first| {
            let same = later.address == first.address;
            if same {
                first.services.append(&mut later.services);
                first.weight = first.weight.max(later.weight);
            }
            same
        });
        all
    }
}

/// Lets a service go that has no nodes and that no client is for, if there is one.
fn make_room(services: &mut HashMap<Arc<str>, Service>) -> Result<()> {
    let unused = services.iter().find(|(_, service)| {
        // The map has one, and the follower.
        Arc::strong_count(&service.nodes) <= 2 && service.nodes.roster().members().is_empty()
    });
    let Some(unused) = unused.map(|(name, _)| Arc::clone(name)) else {
        return Err(Error::not_sent(format!(
            "a channel follows {MOST_SERVICES} services at most"
        )));
    };
    services.remove(&unused);
    Ok(())
}

fn add_status(all: &mut Vec<NodeStatus>, service: Option<&str>, roster: &Roster) {
    all.extend(roster.members().iter().map(|member| {
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

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(nodes) => nodes.fmt(f),
            Self::Discovered(Discovered { discover, pool, .. }) => f
                .debug_struct("Discovered")
                .field("by", discover)
                .field("nodes", pool)
                .finish_non_exhaustive(),
        }
    }
}
