//! Consul: its key-value store, with sessions.
//!
//! Keys and values are those of rpcx-consul: `BASE/SERVICE/NETWORK@HOST:PORT`, without a slash before it, holds the
//! metadata of a node, locked by a session. `BASE` and `BASE/SERVICE` are keys too, and never read.

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

const PORT: u16 = 8500;

/// The shortest time of a session that consul takes.
const SESSION: Duration = Duration::from_secs(10);

/// A registry in the key-value store of consul, shared with Go programs that use rpcx-consul.
///
/// By URL it is `consul://:token@10.0.0.1:8500/rpcx_test?interval=10s&ttl=10s`, the token being that of an ACL. With TLS
/// `tls=on` is added, or `ca=FILE`, `cert=FILE&key=FILE`, `server_name=NAME`. Of several agents the first that answers is
/// used.
///
/// All entries of a server go with one session, whose time is 10 s at least; consul may take twice that to notice
/// that a server has vanished. The interval may be shorter, which Go's plugin cannot have.
///
/// ```no_run
/// # async fn f() -> rpcx::Result<()> {
/// use std::sync::Arc;
/// use std::time::Duration;
/// use rpcx::discovery::{Consul, Watch};
///
/// let consul = Consul::new(["127.0.0.1:8500"], "/rpcx_test")?
///     .token("5a12b6e8-ef2a-4d1c-8c8c-7d2a3c2b1a00")
///     .interval(Duration::from_secs(3));
/// let mut watch = Watch::start(Arc::new(consul), "Arith");
/// for node in watch.first().await.iter() {
///     println!("{} {}", node.address, node.metadata);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Consul {
    remote: Remote,
    agents: Endpoints,
    token: Option<String>,
}

impl Consul {
    /// By these agents, `host:port` each, below this path: the base path of Go's plugin. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if there is no agent or no path, or one of the agents cannot
    /// be read.
    pub fn new<H: Into<String>>(
        agents: impl IntoIterator<Item = H>,
        base: impl Into<String>,
    ) -> Result<Self> {
        Self::of(Remote::new(agents, base)?)
    }

    fn of(mut remote: Remote) -> Result<Self> {
        // With or without a slash it is the same path, as in Go.
        remote.base = remote.base.trim_start_matches('/').to_owned();
        Ok(Self {
            agents: Endpoints::new("consul", &remote)?,
            remote,
            token: None,
        })
    }

    /// The token of an ACL. Default: none.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// How often values are refreshed, 100 ms at least; a question about changes waits for half of it. Default: 10 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.remote.set_interval(interval);
        self.agents.set_patience(self.remote.patience());
        self
    }

    /// The time of a session: how long the entries of a server outlive it if it vanishes. From 10 s, which is the
    /// default, to 24 h.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.remote.set_lease(lease);
        self
    }

    fn session_time(&self) -> Duration {
        self.remote
            .lease(SESSION)
            .clamp(SESSION, Duration::from_secs(24 * 3600))
    }
}

#[cfg(feature = "_tls")]
impl Consul {
    /// TLS to the agents. Default: none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the settings cannot be used.
    pub fn tls(mut self, tls: ClientTls) -> Result<Self> {
        self.remote.options = ConnectOptions::new().tls(tls);
        self.agents = Endpoints::new("consul", &self.remote)?;
        Ok(self)
    }
}

impl Discover for Consul {
    fn watch<'a>(&'a self, service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        Box::pin(watch::watch(self, service, updates))
    }

    fn services(&self) -> BoxFuture<'_, Result<Option<Vec<String>>>> {
        Box::pin(async { Ok(Some(watch::services(self).await?.into_names())) })
    }
}

impl Register for Consul {
    fn keep<'a>(
        &'a self,
        registrations: &'a [Registration],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(keep::keep(self, registrations, session))
    }
}

/// Without the token.
impl fmt::Debug for Consul {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consul")
            .field("remote", &self.remote)
            .field("token", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

/// `consul://:token@host:port/base`.
pub(super) fn open(url: &RegistryUrl) -> Result<Registry> {
    url.check_options(&OPTIONS)?;
    if url.user.is_some() {
        return Err(url.mistake("consul has tokens and no users: write `consul://:token@host`"));
    }
    let mut consul = Consul::of(Remote::from_url(url, PORT)?)?;
    consul.token.clone_from(&url.password);
    Ok(Registry::new(consul))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_interval_is_a_short_patience() {
        let second = Duration::from_secs(1);
        let consul = Consul::new(["127.0.0.1:1"], "/x").unwrap();
        assert_eq!(consul.agents.patience(), second * 5);
        assert_eq!(consul.interval(second).agents.patience(), second);
    }
}
