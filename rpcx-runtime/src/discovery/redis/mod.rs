//! Redis: a key with a time to live for each node, and keyspace events.
//!
//! Keys and values are those of rpcx-redis. A key in redis is a slash and the key as Go builds it, so below the
//! base path `/rpcx_test` it begins with two: `//rpcx_test/Arith/tcp@10.0.0.1:8972`. The value is JSON with the
//! metadata in base64. Folders have keys too, which never expire and are never read.

mod client;
pub(super) mod fuzzing;
mod keep;
mod value;
mod watch;

use std::fmt;
use std::time::Duration;

use redis::RedisConnectionInfo;

use super::registrar::Session;
use super::remote::{OPTIONS, Remote, Server};
use super::schemes::Registry;
use super::url::RegistryUrl;
use super::{Discover, Register, Registration, Updates};
use crate::error::Result;
use crate::transport::BoxFuture;
#[cfg(feature = "_tls")]
use crate::transport::ConnectOptions;
#[cfg(feature = "_tls")]
use crate::transport::tls::ClientTls;

const PORT: u16 = 6379;

/// As in Go: the entries of a server outlive it by this many intervals.
const INTERVALS: u32 = 2;

/// A registry in redis, shared with Go programs that use rpcx-redis.
///
/// By URL it is `redis://user:password@10.0.0.1:6379/rpcx_test?db=0&interval=10s`. With TLS it is `rediss://..`, or `tls=on` is added, or
/// `ca=FILE`, `cert=FILE&key=FILE`, `server_name=NAME`. A base path that has no slash before it, as some Go
/// programs use, is the option `base=NAME`. It is one server of redis, as in Go.
///
/// Changes are heard by keyspace events, which redis forgets to send when it restarts: they are switched on with
/// each connection, if that is allowed, and the whole list is read again each interval. Of a database with very
/// many other keys it is read less often, so that reading takes a twentieth of the time at most.
///
/// Go clients on redis match the beginning of a name: one for `Ari` takes servers of `Arith` for its own. Services of
/// which no name begins another one's are safe from that.
///
/// ```no_run
/// # async fn f() -> rpcx::Result<()> {
/// use std::sync::Arc;
/// use std::time::Duration;
/// use rpcx::discovery::{Redis, Watch};
///
/// let redis = Redis::new("10.0.0.1:6379", "/rpcx_test")?
///     .password("secret")
///     .interval(Duration::from_secs(3));
/// let mut watch = Watch::start(Arc::new(redis), "Arith");
/// for node in watch.first().await.iter() {
///     println!("{} {}", node.address, node.metadata);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Redis {
    remote: Remote,
    server: Server,
    login: RedisConnectionInfo,
}

impl Redis {
    /// On this server, `host:port`, below this path: the base path of Go's plugin. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if there is no path, or the server cannot be read.
    pub fn new(server: impl Into<String>, base: impl Into<String>) -> Result<Self> {
        Self::of(Remote::new([server], base)?)
    }

    fn of(remote: Remote) -> Result<Self> {
        Ok(Self {
            server: Server::new(&remote.hosts[0], &remote)?,
            remote,
            login: RedisConnectionInfo::default().set_skip_set_lib_name(),
        })
    }

    /// The user as whom redis is asked, which redis has since version 6. Default: the default user.
    #[must_use]
    pub fn user(mut self, user: impl AsRef<str>) -> Self {
        self.login = self.login.set_username(user);
        self
    }

    /// The password. Default: none.
    #[must_use]
    pub fn password(mut self, password: impl AsRef<str>) -> Self {
        self.login = self.login.set_password(password);
        self
    }

    /// The number of the database, which Go calls the bucket. Default: 0.
    #[must_use]
    pub fn database(mut self, number: u16) -> Self {
        self.login = self.login.set_db(number.into());
        self
    }

    /// How often values are refreshed and lists are read again, 100 ms at least. Default: 10 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.remote.set_interval(interval);
        self.server.patience = self.remote.patience();
        self
    }

    /// How long the entries of a server outlive it if it vanishes, in whole seconds. Always longer than the
    /// interval, because entries would end before they are refreshed. Default: two intervals.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.remote.set_lease(lease);
        self
    }

    fn lease_time(&self) -> Duration {
        let interval = self.remote.interval;
        let lease = self.remote.lease(interval.saturating_mul(INTERVALS));
        lease.max(Duration::from_secs(interval.as_secs().saturating_add(1)))
    }
}

#[cfg(feature = "_tls")]
impl Redis {
    /// TLS to redis. Default: none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if the settings cannot be used.
    pub fn tls(mut self, tls: ClientTls) -> Result<Self> {
        self.remote.options = ConnectOptions::new().tls(tls);
        self.server = Server::new(&self.remote.hosts[0], &self.remote)?;
        Ok(self)
    }
}

impl Discover for Redis {
    fn watch<'a>(&'a self, service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        Box::pin(watch::watch(self, service, updates))
    }

    fn services(&self) -> BoxFuture<'_, Result<Option<Vec<String>>>> {
        Box::pin(async { Ok(Some(watch::services(self).await?.into_names())) })
    }
}

impl Register for Redis {
    fn keep<'a>(
        &'a self,
        registrations: &'a [Registration],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(keep::keep(self, registrations, session))
    }
}

/// Without the password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("remote", &self.remote)
            .field("user", &self.login.username())
            .field("database", &self.login.db())
            .finish_non_exhaustive()
    }
}

/// `redis://user:password@host:port/base?db=0`.
pub(super) fn open(url: &RegistryUrl) -> Result<Registry> {
    url.check_options(&[&OPTIONS[..], &["db"]].concat())?;
    let remote = Remote::from_url(url, PORT)?;
    if remote.hosts.len() > 1 {
        return Err(url.mistake("it is one server, as in Go: name one host"));
    }
    if remote.lease(remote.interval.saturating_mul(INTERVALS)) <= remote.interval {
        return Err(url.mistake(
            "`ttl` must be longer than `interval`, or entries end before they are refreshed",
        ));
    }
    let mut redis = Redis::of(remote)?;
    if let Some(number) = url.option("db") {
        let number = number.parse();
        let wrong = |_| url.mistake("`db` is the number of a database, such as `db=0`");
        redis = redis.database(number.map_err(wrong)?);
    }
    if let Some(user) = &url.user {
        redis = redis.user(user);
    }
    match (&url.user, &url.password) {
        (_, Some(password)) => redis = redis.password(password),
        (None, None) => {}
        (Some(_), None) => {
            return Err(url.mistake("a user has a password: write `redis://user:password@host`"));
        }
    }
    Ok(Registry::new(redis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_may_come_in_any_order_and_entries_outlive_the_interval() {
        let seconds = Duration::from_secs;
        let redis = || Redis::new("127.0.0.1:1", "/x").unwrap();
        let short = redis().interval(seconds(1));
        assert_eq!(short.server.patience, seconds(1));
        assert_eq!(short.lease_time(), seconds(2));
        for both in [
            redis().lease(seconds(2)).interval(seconds(60)),
            redis().interval(seconds(60)).lease(seconds(2)),
        ] {
            assert_eq!(both.server.patience, seconds(5));
            assert_eq!(both.lease_time(), seconds(61));
        }
    }
}
