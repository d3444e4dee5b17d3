//! etcd, version 3.4 or later, through its JSON gateway.
//!
//! Keys and values are those of rpcx-etcd: `BASE/SERVICE/NETWORK@HOST:PORT` holds the metadata of a node.
//! `BASE` and `BASE/SERVICE` are written too, for tools that show them, and never read.

mod api;
pub(super) mod fuzzing;
mod keep;
mod watch;

use std::fmt;
use std::time::Duration;

use super::http::Endpoints;
use super::registrar::Session;
use super::remote::{OPTIONS, Remote};
use super::schemes::Registry;
use super::url::RegistryUrl;
use super::{Discover, Register, Registration, Updates};
use crate::error::Result;
use crate::transport::BoxFuture;
#[cfg(feature = "_tls")]
use crate::transport::ConnectOptions;
#[cfg(feature = "_tls")]
use crate::transport::tls::ClientTls;

const PORT: u16 = 2379;

/// How many intervals the entries of a server outlive it, unless it is set.
const INTERVALS: u32 = 3;

/// A registry in etcd 3.4 or later, shared with Go programs that use rpcx-etcd.
///
/// By URL it is `etcd://user:password@10.0.0.1:2379,10.0.0.2:2379/rpcx_test?interval=10s&ttl=30s`. With TLS
/// `tls=on` is added, or `ca=FILE`, `cert=FILE&key=FILE`, `server_name=NAME`. A base path that has no slash
/// before it, as some Go programs use, is the option `base=NAME`.
///
/// Each server has a lease, so that its entries end some time after a server that has vanished. A list of
/// nodes is what begins with `BASE/SERVICE/` exactly, followed by a watch; that nothing was missed is checked
/// twice an interval. Of several servers of etcd the first that answers is used, and another one when it fails.
///
/// ```no_run
/// # async fn f() -> rpcx::Result<()> {
/// use std::sync::Arc;
/// use std::time::Duration;
/// use rpcx::discovery::{Etcd, Watch};
///
/// let etcd = Etcd::new(["10.0.0.1:2379", "10.0.0.2:2379"], "/rpcx_test")?
///     .credentials("rpcx", "secret")
///     .interval(Duration::from_secs(3));
/// let mut watch = Watch::start(Arc::new(etcd), "Arith");
/// for node in watch.first().await.iter() {
///     println!("{} {}", node.address, node.metadata);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Etcd {
    remote: Remote,
    servers: Endpoints,
    credentials: Option<(String, String)>,
}

impl Etcd {
    /// On these servers, `host:port` each, below this path: the base path of Go's plugin. Nothing is
    /// connected yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if there is no server or no path, or one of the servers
    /// cannot be read.
    pub fn new<H: Into<String>>(
        servers: impl IntoIterator<Item = H>,
        base: impl Into<String>,
    ) -> Result<Self> {
        Self::of(Remote::new(servers, base)?)
    }

    fn of(remote: Remote) -> Result<Self> {
        Ok(Self {
            servers: Endpoints::new("etcd", &remote)?,
            remote,
            credentials: None,
        })
    }

    /// The user as whom etcd is asked. Default: none.
    #[must_use]
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some((user.into(), password.into()));
        self
    }

    /// How often values are refreshed, 100 ms at least; lists are checked twice as often. Default: 10 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.remote.set_interval(interval);
        self.servers.set_patience(self.remote.patience());
        self
    }

    /// How long the entries of a server outlive it if it vanishes, in whole seconds; etcd makes it 2 s at least.
    /// Default: three intervals.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.remote.set_lease(lease);
        self
    }

    fn lease_time(&self) -> Duration {
        self.remote
            .lease(self.remote.interval.saturating_mul(INTERVALS))
    }
}

#[cfg(feature = "_tls")]
impl Etcd {
    /// TLS to the servers of etcd. Default: none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the settings cannot be used.
    pub fn tls(mut self, tls: ClientTls) -> Result<Self> {
        self.remote.options = ConnectOptions::new().tls(tls);
        self.servers = Endpoints::new("etcd", &self.remote)?;
        Ok(self)
    }
}

impl Discover for Etcd {
    fn watch<'a>(&'a self, service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        Box::pin(watch::watch(self, service, updates))
    }

    fn services(&self) -> BoxFuture<'_, Result<Option<Vec<String>>>> {
        Box::pin(async { Ok(Some(watch::services(self).await?.into_names())) })
    }
}

impl Register for Etcd {
    fn keep<'a>(
        &'a self,
        registrations: &'a [Registration],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(keep::keep(self, registrations, session))
    }
}

/// Without the password.
impl fmt::Debug for Etcd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.credentials.as_ref().map(|(user, _)| user);
        f.debug_struct("Etcd")
            .field("remote", &self.remote)
            .field("user", &user)
            .finish_non_exhaustive()
    }
}

/// `etcd://user:password@host:port,host:port/base`.
pub(super) fn open(url: &RegistryUrl) -> Result<Registry> {
    url.check_options(&OPTIONS)?;
    let mut etcd = Etcd::of(Remote::from_url(url, PORT)?)?;
    etcd.credentials = url.credentials()?;
    Ok(Registry::new(etcd))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_interval_is_a_short_patience() {
        let second = Duration::from_secs(1);
        let etcd = Etcd::new(["127.0.0.1:1"], "/x").unwrap();
        assert_eq!(etcd.servers.patience(), second * 5);
        assert_eq!(etcd.interval(second).servers.patience(), second);
    }
}
