//! A channel to several servers, of which each call takes one: what the way of a call knows of them.
//!
//! These are traits, so that a program has the machine code of fleets, selectors and registries only if an option of its
//! channels asks for one: [`fleet_options`](super::fleet_options) is where they are made.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Channel;
use super::bulk::Lane;
use super::endpoint::{Endpoint, Picked};
use super::outgoing::Outgoing;
use super::repeat::Attempts;
use super::run::Outcome;
use super::stub::Route;
use crate::error::{Error, Result};
use crate::transport::BoxFuture;

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
pub(super) trait Fleet: fmt::Debug + Send + Sync {
    /// The nodes for the calls to a service.
    fn of_service(&self, service: &Arc<str>) -> Result<Arc<dyn Candidates>>;

    /// A connection to any of the nodes that are known.
    fn connect_any(&self) -> BoxFuture<'_, Result<()>>;

    /// All that are known.
    fn endpoints(&self) -> Vec<Arc<Endpoint>>;

    /// Those of these services, of which there has to be a list within this time; of a channel to given addresses, all.
    fn endpoints_of(
        &self,
        services: Vec<Arc<str>>,
        within: Duration,
    ) -> BoxFuture<'_, Result<Vec<Arc<Endpoint>>>>;

    /// Follows no list any more.
    fn stop(&self);

    /// Waits for the connections to endpoints that no list has any more.
    fn left(&self) -> BoxFuture<'_, ()>;

    fn status(&self) -> Vec<NodeStatus>;
}

/// The nodes of one service, as they are at this moment: between two questions there may be a newer list.
pub(super) trait Candidates: fmt::Debug + Send + Sync {
    /// An open connection of this lane to the node that is chosen for a call; the node, if it has none.
    fn open(&self, lane: Lane, key: &dyn Fn() -> u64) -> Result<Picked, Option<Arc<Endpoint>>>;

    /// The node for a call that was not at any of `tried`, unless it was at all of them. None if there are no nodes.
    fn choose(&self, key: &dyn Fn() -> u64, tried: &[Arc<Endpoint>]) -> Option<Arc<Endpoint>>;

    /// Whether there is one that is not among `tried`, and that can be connected to.
    fn has_other_than(&self, tried: &[Arc<Endpoint>]) -> bool;

    /// All of them.
    fn endpoints(&self) -> Vec<Arc<Endpoint>>;

    /// How many there are.
    fn count(&self) -> usize;

    /// Whether there was a list.
    fn is_listed(&self) -> bool;

    /// Waits for the first list.
    fn first_list<'a>(&'a self, service: &'a str, at_most: Duration) -> BoxFuture<'a, Result<()>>;

    /// The error of a call for which there is no node.
    fn none(&self, service: &str) -> Error;

    /// Carries a call on that may be sent to two nodes.
    fn hedge<'a>(
        &'a self,
        call: &'a mut Outgoing,
        channel: &'a Channel,
        attempts: &'a mut Attempts,
    ) -> BoxFuture<'a, Outcome>;
}

impl dyn Candidates + '_ {
    /// Waits for the first list, if there was none: a future in a box is made for a call that waits.
    pub(super) async fn listed(&self, service: &str, at_most: Duration) -> Result<()> {
        match self.is_listed() {
            true => Ok(()),
            false => self.first_list(service, at_most).await,
        }
    }
}

impl dyn Fleet + '_ {
    /// The nodes for the calls of a client.
    #[inline]
    pub(super) fn nodes<'r>(&self, route: &'r Route) -> Result<&'r Arc<dyn Candidates>> {
        match route.nodes.get() {
            Some(nodes) => Ok(nodes),
            None => {
                let nodes = self.of_service(&route.service)?;
                Ok(route.nodes.get_or_init(|| nodes))
            }
        }
    }
}
