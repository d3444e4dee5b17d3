//! A list that the program has itself.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use super::schemes::Registry;
use super::url::RegistryUrl;
use super::{Discover, Node, Updates};
use crate::address::Address;
use crate::error::{Error, Result};
use crate::transport::BoxFuture;

/// The same nodes for every service, from a list that the program [sets](Self::set) whenever it likes:
/// Go's `MultipleServersDiscovery`. Clones share the list.
///
/// ```
/// use rpcx::discovery::{Node, StaticNodes};
///
/// let nodes = StaticNodes::new(["tcp@10.0.0.1:8972", "tcp@10.0.0.2:8972"])?;
/// // Later, and all that watch it follow:
/// let heavy = Node::parse("tcp@10.0.0.3:8972", b"weight=3").unwrap();
/// nodes.set([heavy]);
/// # Ok::<(), rpcx::Error>(())
/// ```
#[derive(Clone)]
pub struct StaticNodes(Arc<watch::Sender<Vec<Node>>>);

impl StaticNodes {
    /// A list of these addresses.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if one of them cannot be read.
    pub fn new<A>(addresses: impl IntoIterator<Item = A>) -> Result<Self>
    where
        A: TryInto<Address>,
        A::Error: Into<Error>,
    {
        let nodes = addresses
            .into_iter()
            .map(|address| address.try_into().map(Node::new).map_err(Into::into));
        Ok(Self::of(nodes.collect::<Result<Vec<_>>>()?))
    }

    /// A list of these nodes.
    pub fn of(nodes: impl IntoIterator<Item = Node>) -> Self {
        let nodes = nodes.into_iter().collect();
        Self(Arc::new(watch::channel(nodes).0))
    }

    /// Replaces the list.
    pub fn set(&self, nodes: impl IntoIterator<Item = Node>) {
        self.0.send_replace(nodes.into_iter().collect());
    }
}

impl Discover for StaticNodes {
    fn watch<'a>(&'a self, _service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        let mut list = self.0.subscribe();
        Box::pin(async move {
            loop {
                let nodes = list.borrow_and_update().clone();
                updates.nodes(nodes);
                // The sender lives as long as this.
                let _ = list.changed().await;
            }
        })
    }
}

impl fmt::Debug for StaticNodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = self.0.borrow();
        let addresses = nodes.iter().map(|node| node.address.to_string());
        f.debug_list().entries(addresses).finish()
    }
}

/// `static://tcp@10.0.0.1:8972,tcp@10.0.0.2:8972`.
pub(super) fn open(url: &RegistryUrl) -> Result<Registry> {
    url.check_options(&[])?;
    let nodes = StaticNodes::new(url.rest.split(','))?;
    Ok(Registry::only_discovers(nodes))
}
