//! What all registries that are reached over the network have in common: servers, a path, an interval.

use std::io;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use super::url::RegistryUrl;
use crate::error::{Error, Result};
use crate::pace::NEVER;
use crate::transport::{Connect, ConnectOptions, Stream, connector};

/// How often values are refreshed, unless it is set.
const INTERVAL: Duration = Duration::from_secs(10);

/// What a server may take to answer, at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// The settings of a registry on servers of its own.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    /// `host:port` of each.
    pub(super) hosts: Vec<String>,
    /// As it was given, without a slash at the end.
    pub(super) base: String,
    pub(super) interval: Duration,
    lease: Option<Duration>,
    pub(super) options: ConnectOptions,
}

impl Remote {
    pub(super) fn new<H: Into<String>>(
        hosts: impl IntoIterator<Item = H>,
        base: impl Into<String>,
    ) -> Result<Self> {
        let hosts: Vec<String> = hosts.into_iter().map(Into::into).collect();
        let base = base.into();
        let base = base.trim_end_matches('/').to_owned();
        if hosts.is_empty() {
            return Err(Error::setup(
                "a registry needs the `host:port` of one server at least",
            ));
        }
        if base.is_empty() {
            return Err(Error::setup(
                "a registry needs the base path under which the servers register, such as `/rpcx_test`",
            ));
        }
        Ok(Self {
            hosts,
            base,
            interval: INTERVAL,
            lease: None,
            options: ConnectOptions::new(),
        })
    }

    /// With the options that every registry has: `base`, `interval`, `ttl`, and those of TLS.
    pub(super) fn from_url(url: &RegistryUrl, port: u16) -> Result<Self> {
        let base = url.option("base").unwrap_or(&url.base);
        if base.trim_matches('/').is_empty() {
            return Err(url.mistake(
                "it needs the base path under which the servers register: write `/rpcx_test` behind the host",
            ));
        }
        let mut remote = Self::new(url.hosts(port)?, base)?;
        if let Some(interval) = url.duration("interval")? {
            remote.set_interval(interval);
        }
        remote.lease = url.duration("ttl")?;
        remote.options = super::secure::options(url)?;
        Ok(remote)
    }

    /// Not shorter than what a registry can be asked, nor longer than what a clock counts.
    pub(super) fn set_interval(&mut self, interval: Duration) {
        self.interval = interval.clamp(Duration::from_millis(100), NEVER);
    }

    pub(super) fn set_lease(&mut self, lease: Duration) {
        self.lease = Some(lease);
    }

    /// How long entries outlive a server that has vanished, in whole seconds; by default as long as this.
    pub(super) fn lease(&self, default: Duration) -> Duration {
        let lease = self.lease.unwrap_or(default);
        Duration::from_secs(lease.as_millis().div_ceil(1000).clamp(1, MOST_SECONDS) as u64)
    }

    /// How long a server may take to answer before another one is asked: with [`half`](Self::half), that a registry is silent is
    /// noticed within an interval, or 1 s and half of one.
    pub(super) fn patience(&self) -> Duration {
        self.half().clamp(Duration::from_secs(1), PATIENCE)
    }

    /// How often a watch makes sure that the registry can still be heard.
    pub(super) fn half(&self) -> Duration {
        self.interval / 2
    }

    /// `BASE/`
    pub(super) fn root(&self) -> String {
        format!("{}/", self.base)
    }

    /// `BASE/SERVICE/`
    pub(super) fn folder(&self, service: &str) -> String {
        format!("{}/{service}/", self.base)
    }
}

/// A server of a registry.
pub(super) struct Server {
    /// `host:port`
    pub(super) host: String,
    connector: Box<dyn Connect>,
    /// What a connection may take, and an answer that has no reason to wait.
    pub(super) patience: Duration,
}

impl Server {
    /// Nothing is connected yet.
    pub(super) fn new(host: &str, remote: &Remote) -> Result<Self> {
        Ok(Self {
            host: host.to_owned(),
            connector: connector(&*format!("tcp@{host}"), &remote.options)?,
            patience: remote.patience(),
        })
    }

    /// A connection to it.
    pub(super) async fn open(&self) -> io::Result<Stream> {
        match timeout(self.patience, self.connector.connect()).await {
            Ok(connected) => connected,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    pub(super) fn unreachable(&self, registry: &str, error: io::Error) -> Error {
        let text = format!("cannot connect to {registry} at {}: {error}", self.host);
        Error::setup(text).with_source(error)
    }
}

/// A task that ends with what it is for.
pub(super) struct Background(pub(super) JoinHandle<()>);

impl Drop for Background {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How often a value is read again that was changed between reading and writing.
pub(super) const ATTEMPTS: u32 = 3;

/// Ticks, the first one after the first period; late ones are not made up for.
pub(super) fn every(period: Duration) -> Interval {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Registries count seconds in 32 bits.
const MOST_SECONDS: u128 = 1 << 30;

/// The options of every registry: [`Remote::from_url`] reads them.
pub(super) const OPTIONS: [&str; 8] = [
    "base",
    "interval",
    "ttl",
    "tls",
    "ca",
    "cert",
    "key",
    "server_name",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(url: &str) -> Result<Remote> {
        Remote::from_url(&url.parse()?, 2379)
    }

    #[test]
    fn settings_are_read_from_a_url() {
        let plain = remote("etcd://h/rpcx_test/").unwrap();
        assert_eq!(
            (plain.interval, plain.lease(INTERVAL * 3)),
            (INTERVAL, INTERVAL * 3)
        );
        assert_eq!(
            (&*plain.folder("Arith"), &*plain.hosts[0]),
            ("/rpcx_test/Arith/", "h:2379")
        );
        let set = remote("etcd://h,g:1/x?interval=500ms&ttl=1500ms&base=com/example").unwrap();
        assert_eq!(set.interval, Duration::from_millis(500));
        assert_eq!(set.lease(INTERVAL), Duration::from_secs(2));
        assert_eq!(set.patience(), Duration::from_secs(1));
        for (interval, within) in [("100ms", 1050), ("1s", 1500), ("5s", 5000), ("10s", 10_000)] {
            let set = remote(&format!("etcd://h/x?interval={interval}")).unwrap();
            assert_eq!((set.half() + set.patience()).as_millis(), within);
        }
        let rare = remote("etcd://h/x?interval=60s").unwrap();
        assert_eq!(rare.patience(), PATIENCE);
        assert_eq!(
            (&*set.folder("Arith"), &*set.hosts[1]),
            ("com/example/Arith/", "g:1")
        );
        let short = remote("etcd://h/x?interval=1ms").unwrap();
        assert_eq!(short.interval, Duration::from_millis(100));
        assert_eq!(short.lease(short.interval * 3), Duration::from_secs(1));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said() {
        for (url, said) in [
            (
                "etcd://u:secret@h",
                "`etcd://u:***@h`: it needs the base path",
            ),
            ("etcd://h/", "it needs the base path"),
            ("etcd:///x", "`` is not `host:port`"),
            ("etcd://h/x?interval=3", "`interval=3` is no time"),
            ("etcd://h/x?ttl=0s", "`ttl=0s` is no time"),
            ("etcd://h/x?tls=yes", "TLS"),
        ] {
            let error = remote(url).unwrap_err().to_string();
            let known = error.contains(said) || error.contains("write `on` or `off`");
            assert!(known && !error.contains("secret"), "{url}: {error}");
        }
    }
}
