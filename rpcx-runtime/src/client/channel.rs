//! A handle to a server, for any number of clients and tasks.

use std::sync::Arc;

use super::ChannelBuilder;
use super::bulk::Lane;
use super::endpoint::{Endpoint, Picked};
use super::fleet::{Fleet, NodeStatus};
use super::gate::Gate;
use super::link::Link;
use super::links::Links;
use super::options::ChannelOptions;
use super::pushes::Pushes;
use super::retry::Budget;
use super::stub::Route;
use super::warm;
use crate::codec::Formats;
use crate::context::Peer;
use crate::error::{Error, Result};
use crate::service::Service;
use crate::transport::{Address, BoxFuture, Connect};

/// A handle to a server: one connection that all calls share, opened again when it is lost.
///
/// Cheap to clone; clones share the connection, which is closed when the last clone and the last
/// call are gone.
///
/// ```no_run
/// # async fn f() -> rpcx::Result<()> {
/// use rpcx::Channel;
///
/// let channel = Channel::connect("tcp@127.0.0.1:8972").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Channel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    target: Target,
    options: ChannelOptions,
    budget: Budget,
    /// For [`FailMode::Failbackup`](super::FailMode::Failbackup).
    hedges: Budget,
    /// What calls pass that cannot be sent at once.
    gate: Arc<Gate>,
}

/// Where the calls of a channel go.
#[derive(Debug)]
pub(super) enum Target {
    /// To servers. What they push arrives in one place, over whichever link it comes.
    Servers { links: Links, pushes: Arc<Pushes> },
    /// To servers, of which each call selects one.
    Fleet {
        fleet: Box<dyn Fleet>,
        pushes: Arc<Pushes>,
    },
    /// To the other end of a connection that this side serves.
    Peer(Peer),
}

impl Channel {
    /// Connects to `network@address` with the default options. The address is a text, or an
    /// [`Address`] such as one of [`Server::addresses`](crate::Server::addresses).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the address cannot be used,
    /// [`ErrorKind::NotSent`](crate::ErrorKind::NotSent) if nothing answers there.
    pub async fn connect(address: impl TryInto<Address, Error: Into<Error>>) -> Result<Self> {
        Self::builder().address(address).build().await
    }

    /// A channel with options.
    pub fn builder() -> ChannelBuilder {
        ChannelBuilder::new()
    }

    /// A channel with the default options over a connector that has no address.
    pub(crate) fn in_process(connector: impl Connect) -> Self {
        let options = ChannelOptions::default();
        let name = "in-process";
        let pushes = Pushes::new(name, &options.connection);
        let link = Link::new(
            name.to_owned(),
            Box::new(connector),
            Arc::clone(&pushes),
            &options,
        );
        Self::to_servers(Links::only(link), options, pushes)
    }

    /// A channel to the other end of a connection that this side serves. Only one-way methods can be
    /// called through it: they arrive there as messages that the server pushes.
    ///
    /// A call ends as [`NotSent`](crate::ErrorKind::NotSent) when the connection is gone, when its
    /// peer reads too slowly, or when the method is answered.
    pub fn to_peer(peer: &Peer) -> Self {
        let options = ChannelOptions {
            codec: peer.way().codec(),
            ..ChannelOptions::default()
        };
        Self::new(Target::Peer(peer.clone()), options)
    }

    /// Offers a service to the server: its one-way methods run when the server pushes them.
    ///
    /// Messages are handled in their order; up to 1,024 wait, then the oldest are dropped and
    /// counted by [`dropped_pushes`](Self::dropped_pushes). The service is there for as long as the
    /// channel, across reconnects.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if a method is not one-way, if the service is
    /// served already, or if this channel is itself one to a peer.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, which the handlers need.
    pub fn serve(&self, service: impl Service) -> Result<()> {
        match &self.0.target {
            Target::Servers { pushes, .. } | Target::Fleet { pushes, .. } => {
                pushes.serve(Arc::new(service))
            }
            Target::Peer(_) => Err(Error::setup("only a channel to a server can serve")),
        }
    }

    /// Closes the channel and all its clones: calls that begin from now on end as
    /// [`NotSent`](crate::ErrorKind::NotSent), and nothing connects any more.
    ///
    /// Waits for the calls in flight, which their deadlines bound and which must be polled on, and then until everything that
    /// was written has reached the server: a one-way call is done when it is being written, and a
    /// program that ends at once may take it along. Waits no longer than the connect timeout for a
    /// connection that is being opened, than [`Limits::write_stall`](crate::ClientLimits::write_stall)
    /// for a server that takes no byte, and than 1 s for one that does not end its side.
    ///
    /// ```no_run
    /// # async fn f() -> rpcx::Result<()> {
    /// use rpcx::Channel;
    ///
    /// let channel = Channel::connect("quic@example.org:8972").await?;
    /// // One-way calls here.
    /// channel.close().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A channel to a [`Peer`] has no connection of its own; nothing is closed with it.
    pub async fn close(&self) {
        // In this order: a call that would be sent at once finds no connection, and has to pass the gate.
        match &self.0.target {
            Target::Servers { links, .. } => {
                links.every().for_each(Link::leave);
                self.0.gate.shut().await;
                for link in links.every() {
                    link.ended().await;
                }
            }
            Target::Fleet { fleet, .. } => {
                fleet.stop();
                let endpoints = fleet.endpoints();
                endpoints.iter().for_each(|endpoint| endpoint.leave());
                self.0.gate.shut().await;
                for endpoint in endpoints {
                    endpoint.ended().await;
                }
                fleet.left().await;
            }
            Target::Peer(_) => {}
        }
    }

    /// The servers of a channel that [selects](ChannelBuilder::select), as they are seen now. With a
    /// [registry](ChannelBuilder::registry) those of the services that were called. Empty for other channels.
    pub fn nodes(&self) -> Vec<NodeStatus> {
        match &self.0.target {
            Target::Fleet { fleet, .. } => fleet.status(),
            Target::Servers { .. } | Target::Peer(_) => Vec::new(),
        }
    }

    /// How many pushed messages were dropped: no service takes them, they cannot be inflated, or too
    /// many were waiting.
    pub fn dropped_pushes(&self) -> u64 {
        match &self.0.target {
            Target::Servers { pushes, .. } | Target::Fleet { pushes, .. } => pushes.dropped(),
            Target::Peer(_) => 0,
        }
    }

    pub(super) fn to_servers(links: Links, options: ChannelOptions, pushes: Arc<Pushes>) -> Self {
        Self::new(Target::Servers { links, pushes }, options)
    }

    pub(super) fn to_fleet(
        fleet: impl Fleet + 'static,
        options: ChannelOptions,
        pushes: Arc<Pushes>,
    ) -> Self {
        let fleet = Box::new(fleet);
        Self::new(Target::Fleet { fleet, pushes }, options)
    }

    fn new(target: Target, options: ChannelOptions) -> Self {
        Self(Arc::new(Inner {
            target,
            budget: Budget::new(&options.retry),
            hedges: Budget::of_hedges(),
            options,
            gate: Gate::new(),
        }))
    }

    #[inline]
    pub(super) fn target(&self) -> &Target {
        &self.0.target
    }

    /// A connection that is open, if the call has one to take; else the endpoint that was selected for it, if
    /// the channel selects. `key` is asked for then.
    #[inline]
    pub(super) fn open_connection(
        &self,
        route: &Route,
        lane: Lane,
        key: impl Fn() -> u64,
    ) -> Result<Picked, Option<Arc<Endpoint>>> {
        match &self.0.target {
            Target::Servers { links, .. } => links.open(lane).map(Picked::only).ok_or(None),
            Target::Fleet { fleet, .. } => {
                let nodes = fleet.nodes(route).map_err(|_| None)?;
                nodes.open(lane, &key)
            }
            Target::Peer(_) => Err(None),
        }
    }

    /// Opens connections before they are needed: to all nodes of these services, or of a channel to given addresses to all of
    /// those, 16 at a time. Says to how many nodes there is a connection then. Those that do not answer are dialled again as
    /// calls need them.
    ///
    /// ```
    /// # async fn f() -> rpcx::Result<()> {
    /// use rpcx::Channel;
    ///
    /// let channel = Channel::builder().registry("mem://arith").build_lazy()?;
    /// println!("{} nodes are connected", channel.warm(["Arith"]).await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSent`](crate::ErrorKind::NotSent) if there is no list of nodes within the connect timeout, or if the channel does not select and
    /// no address answers.
    pub async fn warm(&self, services: impl IntoIterator<Item = impl AsRef<str>>) -> Result<usize> {
        match &self.0.target {
            Target::Servers { links, .. } => links.connect(Lane::Usual).await.map(|_| 1),
            Target::Fleet { fleet, .. } => {
                let wait = self.0.options.connect_timeout;
                let services = services.into_iter();
                let services = services.map(|service| Arc::from(service.as_ref()));
                let endpoints = fleet.endpoints_of(services.collect(), wait).await?;
                Ok(warm::all(endpoints).await)
            }
            Target::Peer(_) => Ok(0),
        }
    }

    /// Opens a connection, if none is open. In a box, which is compiled here and not where a channel is built.
    pub(super) fn connect_first(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            match &self.0.target {
                Target::Servers { links, .. } => links.connect(Lane::Usual).await.map(drop),
                Target::Fleet { fleet, .. } => fleet.connect_any().await,
                Target::Peer(_) => Ok(()),
            }
        })
    }

    pub(super) fn options(&self) -> &ChannelOptions {
        &self.0.options
    }

    pub(super) fn formats(&self) -> &Formats {
        &self.0.options.connection.formats
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    pub(super) fn hedges(&self) -> &Budget {
        &self.0.hedges
    }

    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.0.gate
    }
}

/// As [`Channel::to_peer`], so that a generated client can be made of a peer: `PricesClient::new(peer)`.
/// Another handle of the channel: what takes one takes a reference, too.
impl From<&Self> for Channel {
    fn from(channel: &Self) -> Self {
        channel.clone()
    }
}

impl From<&Peer> for Channel {
    fn from(peer: &Peer) -> Self {
        Self::to_peer(peer)
    }
}

/// As [`Channel::to_peer`].
impl From<Peer> for Channel {
    fn from(peer: Peer) -> Self {
        Self::to_peer(&peer)
    }
}
