//! ZooKeeper, version 3.6 or later: an ephemeral node for each server.
//!
//! Paths and values are those of rpcx-zookeeper: `/BASE/SERVICE/NETWORK@HOST:PORT` holds the metadata of a node. The
//! nodes above it are persistent.

mod client;
mod keep;
mod watch;

use std::fmt;
use std::time::Duration;

use super::registrar::Session;
use super::remote::Remote;
use super::schemes::Registry;
use super::url::RegistryUrl;
use super::{Discover, Register, Registration, Updates};
use crate::error::Result;
use crate::transport::BoxFuture;

const PORT: u16 = 2181;

/// As in Go.
const SESSION: Duration = Duration::from_secs(10);

/// A registry in ZooKeeper 3.6 or later, shared with Go programs that use rpcx-zookeeper.
///
/// By URL it is `zookeeper://user:password@10.0.0.1:2181,10.0.0.2:2181/rpcx_test?interval=10s&ttl=10s`. There is no TLS
/// to ZooKeeper.
///
/// Each server has a session, and its entries end with it. A watch sees what an administrator changes in an
/// entry, which Go clients, that watch only which entries there are, do not. A session survives a connection that
/// is lost for less than its time; if it has ended, everything is written anew in a new one.
///
/// Of a program that ends while a channel still follows a registry in ZooKeeper, the crate `zookeeper-client` may print a panic: its
/// session ends with the runtime, and a watch that is polled after it has no other end. Where
/// [`Channel::close`](crate::Channel::close) is awaited first, or a [`Watch`](super::Watch) is dropped, there is none.
///
/// An address with a slash, such as a path on `unix`, has no place in ZooKeeper, and is refused.
///
/// ```no_run
/// # async fn f() -> rpcx::Result<()> {
/// use std::sync::Arc;
/// use rpcx::discovery::{Watch, ZooKeeper};
///
/// let zookeeper = ZooKeeper::new(["10.0.0.1:2181", "10.0.0.2:2181"], "/rpcx_test")?;
/// let mut watch = Watch::start(Arc::new(zookeeper), "Arith");
/// for node in watch.first().await.iter() {
///     println!("{} {}", node.address, node.metadata);
/// }
/// # Ok(())
/// # }
/// ```
pub struct ZooKeeper {
    remote: Remote,
    credentials: Option<(String, String)>,
}

impl ZooKeeper {
    /// On these servers, `host:port` each, below this path: the base path of Go's plugin. Nothing is connected
    /// yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if there is no server, or no path.
    pub fn new<H: Into<String>>(
        servers: impl IntoIterator<Item = H>,
        base: impl Into<String>,
    ) -> Result<Self> {
        Ok(Self::of(Remote::new(servers, base)?))
    }

    fn of(mut remote: Remote) -> Self {
        // With or without a slash it is the same path, as in Go.
        remote.base = format!("/{}", remote.base.trim_start_matches('/'));
        Self {
            remote,
            credentials: None,
        }
    }

    /// Authenticates with the scheme `digest`. Default: not at all.
    #[must_use]
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some((user.into(), password.into()));
        self
    }

    /// How often values are refreshed, 100 ms at least. Default: 10 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.remote.set_interval(interval);
        self
    }

    /// The time of a session: how long the entries of a server outlive it if it vanishes. ZooKeeper has
    /// bounds of its own for it. Default: 10 s, as in Go.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.remote.set_lease(lease);
        self
    }

    fn session_time(&self) -> Duration {
        self.remote.lease(SESSION)
    }
}

impl Discover for ZooKeeper {
    fn watch<'a>(&'a self, service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        Box::pin(watch::watch(self, service, updates))
    }

    fn services(&self) -> BoxFuture<'_, Result<Option<Vec<String>>>> {
        Box::pin(async { Ok(Some(watch::services(self).await?.into_names())) })
    }
}

impl Register for ZooKeeper {
    fn keep<'a>(
        &'a self,
        registrations: &'a [Registration],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(keep::keep(self, registrations, session))
    }
}

/// Without the password.
impl fmt::Debug for ZooKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.credentials.as_ref().map(|(user, _)| user);
        f.debug_struct("ZooKeeper")
            .field("remote", &self.remote)
            .field("user", &user)
            .finish_non_exhaustive()
    }
}

/// `zookeeper://user:password@host:port,host:port/base`.
pub(super) fn open(url: &RegistryUrl) -> Result<Registry> {
    url.check_options(&["base", "interval", "ttl"])?;
    let mut zookeeper = ZooKeeper::of(Remote::from_url(url, PORT)?);
    zookeeper.credentials = url.credentials()?;
    Ok(Registry::new(zookeeper))
}
