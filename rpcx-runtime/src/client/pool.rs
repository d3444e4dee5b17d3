//! The endpoints of a channel over changing lists, one for each address.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::connection::Ending;
use super::endpoint::Endpoint;
use super::health::Policy;
use super::link::Link;
use super::options::ChannelOptions;
use super::pushes::Pushes;
use super::turns::NodeLinks;
use crate::discovery::Node;
use crate::error::Result;
use crate::sync::lock;
use crate::transport::{ConnectOptions, connector};

/// How a node is connected to, if the program says so.
pub(super) type OptionsOf = dyn Fn(&Node) -> ConnectOptions + Send + Sync;

/// Makes endpoints, and has those that are in use.
pub(super) struct Pool {
    network: ConnectOptions,
    options_of: Option<Arc<OptionsOf>>,
    /// What every link is made with.
    options: ChannelOptions,
    pushes: Arc<Pushes>,
    policy: Arc<Policy>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By address.
    endpoints: HashMap<String, Shared>,
    /// The ends of the connections of endpoints that no list has any more.
    leaving: Vec<Ending>,
}

struct Shared {
    endpoint: Arc<Endpoint>,
    /// The lists that have it.
    lists: usize,
}

impl Pool {
    pub(super) fn new(
        network: ConnectOptions,
        options_of: Option<Arc<OptionsOf>>,
        options: &ChannelOptions,
        pushes: Arc<Pushes>,
        policy: Arc<Policy>,
    ) -> Self {
        Self {
            network,
            options_of,
            options: options.clone(),
            pushes,
            policy,
            state: Mutex::default(),
        }
    }

    /// The endpoint at the address of a node, for one list more. Nothing is connected yet. `beside`: the
    /// list had other nodes before, so one that is new begins slowly.
    pub(super) fn join(&self, node: &Node, beside: bool) -> Result<Arc<Endpoint>> {
        let name = node.address.to_string();
        if let Some(shared) = lock(&self.state).endpoints.get_mut(&name) {
            shared.lists += 1;
            return Ok(Arc::clone(&shared.endpoint));
        }
        let made = self.make(&name, node)?;
        if beside {
            made.warm_up();
        }
        let mut state = lock(&self.state);
        let shared = state.endpoints.entry(name);
        let shared = shared.or_insert(Shared {
            endpoint: made,
            lists: 0,
        });
        shared.lists += 1;
        Ok(Arc::clone(&shared.endpoint))
    }

    /// One list less has it. The last one lets its calls end, and then its connections.
    pub(super) fn part(&self, endpoint: &Arc<Endpoint>) {
        let mut state = lock(&self.state);
        let Some(shared) = state.endpoints.get_mut(endpoint.name()) else {
            return;
        };
        shared.lists -= 1;
        if shared.lists == 0 {
            state.endpoints.remove(endpoint.name());
            state.leaving.retain(|ending| !ending.is_over());
            let leaving = endpoint.retire();
            state.leaving.extend(leaving);
        }
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    fn make(&self, name: &str, node: &Node) -> Result<Arc<Endpoint>> {
        let own = self.options_of.as_ref().map(|options_of| options_of(node));
        let options = own.as_ref().unwrap_or(&self.network);
        let link = || {
            let connector = connector(&node.address, options)?;
            let pushes = Arc::clone(&self.pushes);
            Ok(Link::new(name.to_owned(), connector, pushes, &self.options))
        };
        let links = NodeLinks::new(&self.options, link)?;
        Ok(Endpoint::new(links, &self.policy))
    }

    pub(super) fn endpoints(&self) -> Vec<Arc<Endpoint>> {
        let state = lock(&self.state);
        let endpoints = state.endpoints.values();
        endpoints
            .map(|shared| Arc::clone(&shared.endpoint))
            .collect()
    }

    /// Waits for the connections of endpoints that no list has any more.
    pub(super) async fn left(&self) {
        let leaving = std::mem::take(&mut lock(&self.state).leaving);
        for ending in leaving {
            ending.wait().await;
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.endpoints()).finish()
    }
}
