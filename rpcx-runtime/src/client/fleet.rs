//! A channel to several servers, of which each call takes one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::link::Link;
use super::run::Outcome;
use super::select::{Candidate, Load, Select, Selector};
use crate::connection::client::ConnectionHandle;
use crate::error::{ErrorKind, Rejection, Result};

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
    /// may be sent twice, and ten at once.
    Failbackup(Duration),
}

/// One server of a channel, as it is seen from here.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NodeStatus {
    /// Its address.
    pub address: String,
    /// How often it is chosen by [`Select::Weighted`], compared with the others.
    pub weight: u32,
    /// Whether there is an open connection.
    pub connected: bool,
    /// Whether the last dial has failed.
    pub unreachable: bool,
    /// Calls that wait for their replies.
    pub in_flight: u32,
    /// What its calls take: goes up at once and comes down slowly. `None` if none has ended.
    pub latency: Option<Duration>,
    /// Dials and calls that have failed. What a method answers is no failure.
    pub failures: u64,
}

/// The servers of a channel. There is at least one.
pub(super) struct Fleet {
    nodes: Box<[Arc<Node>]>,
    selector: Selector,
}

/// One of them.
pub(super) struct Node {
    /// Its place in the list.
    at: usize,
    link: Link,
    weight: u32,
    load: Load,
}

/// A connection, and whose it is.
pub(super) struct Picked {
    pub(super) connection: Arc<ConnectionHandle>,
    /// None in a channel that does not select.
    pub(super) visit: Option<Visit>,
}

impl Picked {
    /// That of a channel that does not select.
    #[inline]
    pub(super) fn only(connection: Arc<ConnectionHandle>) -> Self {
        Self {
            connection,
            visit: None,
        }
    }

    /// Whose it is, in a channel that selects.
    pub(super) fn node(&self) -> Option<usize> {
        self.visit.as_ref().map(Visit::node)
    }
}

/// A call at a node, which counts as in flight for as long as this lives.
pub(super) struct Visit {
    node: Arc<Node>,
    /// On the clock of the node's load.
    began: u64,
}

impl Candidate for Arc<Node> {
    fn name(&self) -> &str {
        self.link.name()
    }
    fn weight(&self) -> u32 {
        self.weight
    }
    fn load(&self) -> &Load {
        &self.load
    }
}

impl Fleet {
    /// None for [`Select::First`], and for no nodes. The numbers are weights.
    pub(super) fn new(select: Select, links: Vec<(Link, u32)>) -> Result<Self, Vec<Link>> {
        let node = |(at, (link, weight))| {
            Arc::new(Node {
                at,
                link,
                weight,
                load: Load::new(),
            })
        };
        if select == Select::First || links.is_empty() {
            return Err(links.into_iter().map(|(link, _)| link).collect());
        }
        let nodes: Box<[_]> = links.into_iter().enumerate().map(node).collect();
        match Selector::new(select, &nodes) {
            Some(selector) => Ok(Self { nodes, selector }),
            None => Err(Vec::new()),
        }
    }

    /// The node for a call that was not at any of `tried`, unless it was at all of them. One that could
    /// not be reached lately is taken if there is no other, and looked at again meanwhile.
    pub(super) fn choose(&self, key: impl FnOnce() -> u64, tried: &[usize]) -> usize {
        let reachable = |at: usize| !self.nodes[at].link.is_unreachable();
        let pick = self.selector.pick(&self.nodes, key, |at| {
            let usable = !tried.contains(&at) && reachable(at);
            if !usable {
                self.nodes[at].link.look_again();
            }
            usable
        });
        if !tried.contains(&pick) {
            return pick;
        }
        // None is reachable: any that was not tried.
        let fresh = (0..self.nodes.len()).find(|at| !tried.contains(at));
        fresh.unwrap_or(pick)
    }

    /// The open connection of a node, if it has one.
    pub(super) fn open(&self, at: usize) -> Option<Picked> {
        let connection = self.nodes[at].link.open()?;
        Some(self.picked(at, connection))
    }

    /// The connection of a node, which may have to be opened.
    pub(super) async fn connect(&self, at: usize) -> Result<Picked> {
        let node = &self.nodes[at];
        // One dial that was under way is no answer: it may have begun before the server was there.
        let mut outcome = node.link.connect().await;
        if outcome.as_ref().is_err_and(|why| why.is_joined()) && self.nodes.len() == 1 {
            outcome = node.link.connect().await;
        }
        match outcome {
            Ok(connection) => Ok(self.picked(at, connection)),
            Err(why) => {
                node.load.fail();
                Err(why.into_error(node.link.name()))
            }
        }
    }

    /// A connection to any of them.
    pub(super) async fn connect_any(&self) -> Result<()> {
        let mut tried = Vec::new();
        loop {
            let at = self.choose(fastrand_key, &tried);
            let outcome = self.connect(at).await;
            tried.push(at);
            match outcome {
                Err(error) if tried.len() == self.nodes.len() => return Err(error),
                Err(_) => {}
                Ok(_) => return Ok(()),
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn picked(&self, at: usize, connection: Arc<ConnectionHandle>) -> Picked {
        let node = Arc::clone(&self.nodes[at]);
        node.load.begin();
        let began = node.load.now();
        let visit = Some(Visit { node, began });
        Picked { connection, visit }
    }

    pub(super) fn links(&self) -> impl Iterator<Item = &Link> {
        self.nodes.iter().map(|node| &node.link)
    }

    pub(super) fn status(&self) -> Vec<NodeStatus> {
        let status = |node: &Arc<Node>| NodeStatus {
            address: node.link.name().to_owned(),
            weight: node.weight,
            connected: node.link.open().is_some(),
            unreachable: node.link.is_unreachable(),
            in_flight: node.load.in_flight(),
            latency: node.load.latency(),
            failures: node.load.failures(),
        };
        self.nodes.iter().map(status).collect()
    }
}

fn fastrand_key() -> u64 {
    fastrand::u64(..)
}

impl Visit {
    pub(super) fn node(&self) -> usize {
        self.node.at
    }

    /// The call has ended like this.
    pub(super) fn ended(&self, outcome: &Outcome) {
        let failed = outcome.as_ref().is_err_and(|failure| {
            matches!(
                failure.error.kind(),
                ErrorKind::Unknown
                    | ErrorKind::NotSent
                    | ErrorKind::Rejected(Rejection::Overloaded | Rejection::Draining)
            )
        });
        if failed {
            self.node.load.fail();
        } else {
            let load = &self.node.load;
            load.observe(Duration::from_nanos(load.now().saturating_sub(self.began)));
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.node.load.end();
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Visit")
            .field(&self.node.link.name())
            .finish()
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.links()).finish()
    }
}
