//! A fleet whose nodes a registry knows, for each service.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::AbortHandle;

use super::endpoint::Endpoint;
use super::fleet::{Candidates, Fleet, NodeStatus};
use super::nodes::{Follower, Nodes, Terms};
use super::pool::Pool;
use crate::discovery::Discover;
use crate::error::{Error, Result};
use crate::event::Events;
use crate::sync::lock;
use crate::task;
use crate::transport::BoxFuture;

/// The most services that one channel follows. Names that strangers choose, as those that a proxy
/// passes on, must not add up.
const MOST_SERVICES: usize = 1024;

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

impl Fleet for Discovered {
    fn of_service(&self, service: &Arc<str>) -> Result<Arc<dyn Candidates>> {
        Ok(self.follow(service)?)
    }

    /// Which services there will be is not known yet.
    fn connect_any(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn endpoints(&self) -> Vec<Arc<Endpoint>> {
        self.pool.endpoints()
    }

    fn endpoints_of(
        &self,
        services: Vec<Arc<str>>,
        within: Duration,
    ) -> BoxFuture<'_, Result<Vec<Arc<Endpoint>>>> {
        Box::pin(async move {
            let mut endpoints: Vec<Arc<Endpoint>> = Vec::new();
            for service in services {
                let nodes = self.of_service(&service)?;
                nodes.listed(&service, within).await?;
                endpoints.extend(nodes.endpoints());
            }
            // Services share them.
            endpoints.sort_by(|one, other| one.name().cmp(other.name()));
            endpoints.dedup_by(|later, first| Arc::ptr_eq(later, first));
            Ok(endpoints)
        })
    }

    fn stop(&self) {
        *lock(&self.services) = None;
    }

    fn left(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.pool.left())
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
            nodes.add_status(&mut all, Some(&name));
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

impl fmt::Debug for Discovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovered")
            .field("by", &self.discover)
            .field("nodes", &self.pool)
            .finish_non_exhaustive()
    }
}
