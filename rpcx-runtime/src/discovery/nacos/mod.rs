//! Nacos, by its open HTTP API of version 1, which servers of version 2 have too.
//!
//! A node is an instance, as rpcx-nacos registers it: its metadata as a map, and `network` in it.

mod api;
pub(super) mod fuzzing;
mod instance;
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

const PORT: u16 = 8848;

/// The group of services that nacos has when none is named.
const GROUP: &str = "DEFAULT_GROUP";

/// A registry in nacos 1 or 2, shared with Go programs that use rpcx-nacos.
///
/// By URL it is `nacos://user:password@10.0.0.1:8848/DEFAULT_GROUP?namespace=public&cluster=DEFAULT&interval=5s`. The path is the
/// group of services. With TLS `tls=on` is added, or `ca=FILE`, `cert=FILE&key=FILE`, `server_name=NAME`. Of several
/// servers the first that answers is used.
///
/// Lists are read twice an interval, and have the instances that are healthy and enabled: an instance that an
/// administrator takes offline, or that sends no beats, is not among them, and a list may become empty. A weight in
/// the metadata counts; without one it is that of the instance. Servers send a beat each 5 s, and are forgotten
/// by nacos some time after the last one: 35 s, unless it is set.
///
/// Metadata is a map in nacos, so of a key that repeats the first value is kept, as in Go. What stands there belongs to
/// administrators once it is written: there are no load figures.
///
/// ```no_run
/// # async fn f() -> rpcx::Result<()> {
/// use std::sync::Arc;
/// use rpcx::discovery::{Nacos, Watch};
///
/// let nacos = Nacos::new(["10.0.0.1:8848"])?.credentials("nacos", "secret").cluster("test");
/// let mut watch = Watch::start(Arc::new(nacos), "Arith");
/// for node in watch.first().await.iter() {
///     println!("{} {}", node.address, node.metadata);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Nacos {
    remote: Remote,
    servers: Endpoints,
    credentials: Option<(String, String)>,
    namespace: Option<String>,
    cluster: Option<String>,
}

impl Nacos {
    /// On these servers, `host:port` each, in the group `DEFAULT_GROUP`. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if there is no server, or one of them cannot be read.
    pub fn new<H: Into<String>>(servers: impl IntoIterator<Item = H>) -> Result<Self> {
        Self::of(Remote::new(servers, GROUP)?)
    }

    fn of(remote: Remote) -> Result<Self> {
        Ok(Self {
            servers: Endpoints::new("nacos", &remote)?,
            remote,
            credentials: None,
            namespace: None,
            cluster: None,
        })
    }

    /// The group of services. Default: `DEFAULT_GROUP`.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.remote.base = group.into();
        self
    }

    /// The namespace, by its id. Default: that of nacos, `public`.
    #[must_use]
    pub fn namespace(mut self, id: impl Into<String>) -> Self {
        self.namespace = Some(id.into());
        self
    }

    /// The cluster that servers are registered in, and that lists are of. Default: lists of all, and servers in `DEFAULT`.
    #[must_use]
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        self.cluster = Some(name.into());
        self
    }

    /// The user as whom nacos is asked. Default: none.
    #[must_use]
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some((user.into(), password.into()));
        self
    }

    /// Lists are read twice in this time, 100 ms at least. Default: 10 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.remote.set_interval(interval);
        self.servers.set_patience(self.remote.patience());
        self
    }
}

#[cfg(feature = "_tls")]
impl Nacos {
    /// TLS to nacos. Default: none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the settings cannot be used.
    pub fn tls(mut self, tls: ClientTls) -> Result<Self> {
        self.remote.options = ConnectOptions::new().tls(tls);
        self.servers = Endpoints::new("nacos", &self.remote)?;
        Ok(self)
    }
}

impl Discover for Nacos {
    fn watch<'a>(&'a self, service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        Box::pin(watch::watch(self, service, updates))
    }

    fn services(&self) -> BoxFuture<'_, Result<Option<Vec<String>>>> {
        Box::pin(async { Ok(Some(watch::services(self).await?.into_names())) })
    }
}

impl Register for Nacos {
    fn keep<'a>(
        &'a self,
        registrations: &'a [Registration],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(keep::keep(self, registrations, session))
    }
}

/// Without the password.
impl fmt::Debug for Nacos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.credentials.as_ref().map(|(user, _)| user);
        f.debug_struct("Nacos")
            .field("remote", &self.remote)
            .field("namespace", &self.namespace)
            .field("cluster", &self.cluster)
            .field("user", &user)
            .finish_non_exhaustive()
    }
}

/// `nacos://user:password@host:port/group`.
pub(super) fn open(url: &RegistryUrl) -> Result<Registry> {
    url.check_options(&[&OPTIONS[..], &["namespace", "cluster"]].concat())?;
    if url.option("ttl").is_some() {
        return Err(
            url.mistake("nacos decides itself when an instance is forgotten: leave `ttl` out")
        );
    }
    let mut url = url.clone();
    if url.base.trim_matches('/').is_empty() {
        url.base = GROUP.to_owned();
    }
    let mut remote = Remote::from_url(&url, PORT)?;
    remote.base = remote.base.trim_matches('/').to_owned();
    let mut nacos = Nacos::of(remote)?;
    nacos.namespace = url.option("namespace").map(str::to_owned);
    nacos.cluster = url.option("cluster").map(str::to_owned);
    nacos.credentials = url.credentials()?;
    Ok(Registry::new(nacos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_interval_is_a_short_patience() {
        let second = Duration::from_secs(1);
        let nacos = Nacos::new(["127.0.0.1:1"]).unwrap();
        assert_eq!(nacos.servers.patience(), second * 5);
        assert_eq!(nacos.interval(second).servers.patience(), second);
    }
}
