//! A handle to a server, for any number of clients and tasks.

use std::sync::Arc;

use super::ChannelBuilder;
use super::link::Link;
use super::options::ChannelOptions;
use super::retry::Budget;
use crate::error::Result;
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
    link: Link,
    options: ChannelOptions,
    budget: Budget,
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
        Self::new(link, options)
    }

    pub(super) fn new(link: Link, options: ChannelOptions) -> Self {
        Self(Arc::new(Inner {
            link,
            options,
            budget: Budget::default(),
        }))
    }

    pub(super) fn link(&self) -> &Link {
        &self.0.link
    }

    pub(super) fn options(&self) -> &ChannelOptions {
        &self.0.options
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.0.budget
    }
}
