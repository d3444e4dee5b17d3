//! A handle to a server, for any number of clients and tasks.

use std::sync::Arc;

use super::ChannelBuilder;
use super::link::Link;
use super::options::ChannelOptions;
use super::retry::Budget;
use crate::context::Peer;
use crate::error::{Error, Result};
use crate::service::Service;
use crate::transport::Connect;

/// A handle to a server: one connection that all calls share, opened again when it is lost.
///
/// Cheap to clone; clones share the connection, which is closed when the last clone and the last
/// call are gone.
///
/// ```no_run
/// # async fn f() -> rpcx_runtime::Result<()> {
/// use rpcx_runtime::Channel;
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
}

/// Where the calls of a channel go.
#[derive(Debug)]
enum Target {
    /// To a server.
    Server(Link),
    /// To the other end of a connection that this side serves.
    Peer(Peer),
}

impl Channel {
    /// Connects to `network@address` with the default options.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the address cannot be used,
    /// [`ErrorKind::NotSent`](crate::ErrorKind::NotSent) if nobody answers there.
    pub async fn connect(address: &str) -> Result<Self> {
        Self::builder().address(address).build().await
    }

    /// A channel with options.
    pub fn builder() -> ChannelBuilder {
        ChannelBuilder::new()
    }

    /// A channel with the default options over a connector that has no address.
    pub(crate) fn in_process(connector: impl Connect) -> Self {
        let options = ChannelOptions::default();
        let link = Link::new("in-process".to_owned(), Box::new(connector), &options);
        Self::new(Target::Server(link), options)
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
        match self.link() {
            Some(link) => link.pushes().serve(Arc::new(service)),
            None => Err(Error::setup("only a channel to a server can serve")),
        }
    }

    /// Closes the channel and all its clones: calls that begin from now on end as
    /// [`NotSent`](crate::ErrorKind::NotSent), and nothing connects any more.
    ///
    /// Waits for the calls in flight, which their deadlines bound and which must be polled on, and then until everything that
    /// was written has reached the server: a one-way call is done when it is being written, and a
    /// program that ends at once may take it along. Waits no longer than the connect timeout for a
    /// connection that is being opened, than [`Limits::write_stall`](crate::Limits::write_stall)
    /// for a server that takes no byte, and than 1 s for one that does not end its side.
    ///
    /// ```no_run
    /// # async fn f() -> rpcx_runtime::Result<()> {
    /// use rpcx_runtime::Channel;
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
        if let Some(link) = self.link() {
            link.close().await;
        }
    }

    /// How many pushed messages were dropped: nobody serves them, they cannot be inflated, or too
    /// many were waiting.
    pub fn dropped_pushes(&self) -> u64 {
        self.link().map_or(0, |link| link.pushes().dropped())
    }

    pub(super) fn to_server(link: Link, options: ChannelOptions) -> Self {
        Self::new(Target::Server(link), options)
    }

    fn new(target: Target, options: ChannelOptions) -> Self {
        Self(Arc::new(Inner {
            target,
            options,
            budget: Budget::default(),
        }))
    }

    pub(super) fn link(&self) -> Option<&Link> {
        match &self.0.target {
            Target::Server(link) => Some(link),
            Target::Peer(_) => None,
        }
    }

    pub(super) fn peer(&self) -> Option<&Peer> {
        match &self.0.target {
            Target::Server(_) => None,
            Target::Peer(peer) => Some(peer),
        }
    }

    pub(super) fn options(&self) -> &ChannelOptions {
        &self.0.options
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.0.budget
    }
}

/// A channel to the other end of a connection: for methods that are one-way, which arrive there as
/// messages that the server pushes.
impl From<&Peer> for Channel {
    fn from(peer: &Peer) -> Self {
        Self::new(Target::Peer(peer.clone()), ChannelOptions::default())
    }
}

/// As from a reference.
impl From<Peer> for Channel {
    fn from(peer: Peer) -> Self {
        Self::new(Target::Peer(peer), ChannelOptions::default())
    }
}
