//! One server of a fleet, as a channel sees it: its connections, and how it does.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::bulk::Lane;
use super::connection::{ConnectionHandle, Ending};
use super::health::{Health, Policy};
use super::link::Link;
use super::notes::Notes;
use super::probe;
use super::run::Outcome;
use super::select::Load;
use super::turns::{BulkLinks, NodeLinks, Turns};
use crate::error::{ErrorKind, Rejection, Result};
use crate::layer::Reached;
use crate::transport::BoxFuture;

/// One address of a fleet. All services of a channel that are there share it.
pub(super) struct Endpoint {
    /// One for each connection that it may have.
    links: Turns,
    /// For large calls.
    bulk: BulkLinks,
    load: Load,
    health: Health,
    /// No list has it any more.
    retired: AtomicBool,
    ways: &'static Ways,
}

/// What is done with an endpoint beside sending calls there. Pointers, which a program has that makes an endpoint: the way of
/// a call knows of endpoints in every program.
struct Ways {
    connect: for<'e> fn(&'e Arc<Endpoint>, bool, Lane) -> BoxFuture<'e, Result<Picked>>,
    timed_out: fn(&Arc<Endpoint>),
    ended: fn(&Visit, &Outcome),
}

static WAYS: Ways = Ways {
    connect: |endpoint, alone, lane| Box::pin(endpoint.connect_anew(alone, lane)),
    timed_out: Endpoint::fail_by_time,
    ended: Visit::judge,
};

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
    pub(super) fn endpoint(&self) -> Option<Arc<Endpoint>> {
        self.visit.as_ref().map(Visit::endpoint)
    }
}

impl Endpoint {
    pub(super) fn new(links: NodeLinks, policy: &Arc<Policy>) -> Arc<Self> {
        let notes = Arc::clone(links.usual[0].notes());
        Arc::new(Self {
            links: Turns::new(links.usual),
            bulk: links.bulk,
            load: Load::new(),
            health: Health::new(Arc::clone(policy), notes),
            retired: AtomicBool::new(false),
            ways: &WAYS,
        })
    }

    /// The first of its links, of which there is at least one.
    fn first(&self) -> &Link {
        &self.links.all()[0]
    }

    /// With those for large calls.
    fn every_link(&self) -> impl Iterator<Item = &Link> {
        self.links.all().iter().chain(self.bulk.all())
    }

    pub(super) fn name(&self) -> &str {
        self.first().name()
    }

    /// Where a call goes before there is a connection.
    pub(super) fn goal(&self) -> &Arc<Reached> {
        self.first().goal()
    }

    /// What a choice has to know of it.
    pub(super) fn notes(&self) -> &Arc<Notes> {
        self.first().notes()
    }

    /// Whether the connections of its channel have a limit.
    pub(super) fn has_limited_room(&self) -> bool {
        self.first().has_limited_room()
    }

    pub(super) fn load(&self) -> &Load {
        &self.load
    }

    /// Whether the next call may come here. If it is ejected, this call is the one that may bring it back.
    #[inline]
    pub(super) fn admits(&self, spread: bool) -> bool {
        self.health.admits(spread, || self.load.now())
    }

    /// It is new beside others, and gets its share by and by.
    pub(super) fn warm_up(&self) {
        self.health.warm_up(self.load.now());
    }

    pub(super) fn health(&self) -> &Health {
        &self.health
    }

    /// Connects to it if need be, and says whether there is a connection.
    pub(super) async fn warm(&self) -> bool {
        self.first().connect().await.is_ok()
    }

    /// Connects to it if need be, and asks for a sign of life: how long it took to come.
    pub(super) async fn ping(&self) -> Option<Duration> {
        self.first().ping().await
    }

    pub(super) fn is_ejected(&self) -> bool {
        self.health.is_ejected()
    }

    pub(super) fn is_warming(&self) -> bool {
        self.health.is_warming(self.load.now())
    }

    /// How many calls it may have in flight that has no more than so many times its fair share.
    pub(super) fn most_calls(&self, times: f64) -> u32 {
        self.health.policy().most_calls(times)
    }

    /// Whether a connection to it would be one too many.
    pub(super) fn is_out_of_room(&self) -> bool {
        self.links.all().iter().all(Link::is_out_of_room)
    }

    /// Whether it can be connected to, as far as is known.
    pub(super) fn is_reachable(&self) -> bool {
        let others = &self.links.all()[1..];
        !self.first().is_unreachable() || others.iter().any(|link| link.open().is_some())
    }

    pub(super) fn is_connected(&self) -> bool {
        self.links.all().iter().any(|link| link.open().is_some())
    }

    /// Dials it in the background if it could not be reached, and has had its pause.
    pub(super) fn look_again(&self) {
        self.first().look_again();
    }

    /// An open connection of this lane, if it has one.
    #[inline]
    pub(super) fn open(self: &Arc<Self>, lane: Lane) -> Option<Picked> {
        let connection = match lane {
            Lane::Usual => self.open_usual(),
            Lane::Bulk => self.bulk.open(|| self.most_bulk()),
        }?;
        Some(self.picked(connection))
    }

    #[inline]
    fn open_usual(&self) -> Option<Arc<ConnectionHandle>> {
        // A further one must not take the place of another node's only one.
        self.links.open(|| self.health.policy().most_connections())
    }

    /// How many connections for large calls it may have: none that takes the place of a usual one.
    fn most_bulk(&self) -> usize {
        let most = self.health.policy().most_connections();
        most.saturating_sub(self.links.all().len())
    }

    /// A connection, which may have to be opened. A large call shares the usual one if it cannot have its own. `alone`: there is no other endpoint
    /// to go to.
    pub(super) async fn connect(self: &Arc<Self>, alone: bool, lane: Lane) -> Result<Picked> {
        match self.open(lane) {
            Some(open) => Ok(open),
            None => (self.ways.connect)(self, alone, lane).await,
        }
    }

    async fn connect_anew(self: &Arc<Self>, alone: bool, lane: Lane) -> Result<Picked> {
        let mut connection = self.connect_usual(alone).await?;
        if lane == Lane::Bulk
            && let Some(own) = self.bulk.connect(|| self.most_bulk()).await
        {
            connection = own;
        }
        Ok(self.picked(connection))
    }

    async fn connect_usual(&self, alone: bool) -> Result<Arc<ConnectionHandle>> {
        if let Some(open) = self.open_usual() {
            return Ok(open);
        }
        let link = self.first();
        // One dial that was under way is no answer: it may have begun before the server was there.
        let mut outcome = link.connect().await;
        if outcome.as_ref().is_err_and(|why| why.is_joined()) && alone {
            outcome = link.connect().await;
        }
        outcome.map_err(|why| {
            self.load.fail();
            why.into_error(link.name())
        })
    }

    fn picked(self: &Arc<Self>, connection: Arc<ConnectionHandle>) -> Picked {
        self.load.begin();
        self.health.policy().begin();
        let began = match self.health.times() {
            true => self.load.now().max(1),
            false => 0,
        };
        let visit = Visit {
            endpoint: Arc::clone(self),
            began,
        };
        Picked {
            connection,
            visit: Some(visit),
        }
    }

    /// The deadline of a call has passed here, and the call is given up.
    pub(super) fn timed_out(self: &Arc<Self>) {
        (self.ways.timed_out)(self);
    }

    fn fail_by_time(self: &Arc<Self>) {
        self.load.fail();
        if self.health.fail(self.name(), 0, self.load.now()) {
            probe::start(self);
        }
    }

    /// Lets the calls that it has be its last: no list has it any more.
    pub(super) fn retire(&self) -> Vec<Ending> {
        self.retired.store(true, Ordering::Relaxed);
        self.leave();
        self.every_link().flat_map(Link::endings).collect()
    }

    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    /// Lets no more calls begin over the connections that are open.
    pub(super) fn leave(&self) {
        self.every_link().for_each(Link::leave);
    }

    /// Ends when all connections have.
    pub(super) async fn ended(&self) {
        for link in self.every_link() {
            link.ended().await;
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.every_link()).finish()
    }
}

/// A call at an endpoint, which counts as in flight for as long as this lives.
pub(super) struct Visit {
    endpoint: Arc<Endpoint>,
    /// On the clock of the endpoint's load; 0 if it is not timed.
    began: u64,
}

impl Visit {
    pub(super) fn endpoint(&self) -> Arc<Endpoint> {
        Arc::clone(&self.endpoint)
    }

    /// The call has ended like this.
    #[inline]
    pub(super) fn ended(&self, outcome: &Outcome) {
        (self.endpoint.ways.ended)(self, outcome);
    }

    fn judge(&self, outcome: &Outcome) {
        let Endpoint { load, health, .. } = &*self.endpoint;
        let kind = outcome.as_ref().err().map(|failure| failure.error.kind());
        match kind {
            Some(
                ErrorKind::Unknown
                | ErrorKind::NotSent
                | ErrorKind::Rejected(Rejection::Overloaded),
            ) => {
                load.fail();
                if health.fail(self.endpoint.name(), self.began, load.now()) {
                    probe::start(&self.endpoint);
                }
            }
            // It goes away in good order, which is no mistake.
            Some(ErrorKind::Rejected(Rejection::Draining)) => load.fail(),
            _ => {
                let mut now = 0;
                if self.began != 0 {
                    now = load.now();
                    load.observe(Duration::from_nanos(now.saturating_sub(self.began)), now);
                }
                if health.succeed(self.endpoint.name(), self.began, now) {
                    probe::start(&self.endpoint);
                }
            }
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.endpoint.load.end();
        self.endpoint.health.policy().end();
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Visit").field(&self.endpoint.name()).finish()
    }
}
