//! Multicast DNS on the local network, as Go's plugin has it: no server at all.
//!
//! All servers of rpcx are instances of `_rpcxservices.local`, a type without the `_tcp` that DNS-SD asks for, and a TXT
//! record of an instance has its services.

mod entry;
pub(super) mod fuzzing;
mod group;
mod keep;
mod records;
mod watch;

use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

use hickory_proto::rr::Name;

use super::registrar::Session;
use super::schemes::Registry;
use super::url::RegistryUrl;
use super::{Discover, Register, Registration, Updates};
use crate::error::{Error, Result};
use crate::pace::NEVER;
use crate::transport::BoxFuture;

/// How often servers are asked for, and say what is new, unless it is set.
const INTERVAL: Duration = Duration::from_secs(10);

/// The domain of multicast DNS.
const DOMAIN: &str = "local";

/// Servers on the local network that make themselves known by multicast DNS over IPv4, as Go programs with
/// `MDNSRegisterPlugin` and `MDNSDiscovery` do: there is no server to set up, and none to trust. Any machine on the
/// network may answer.
///
/// By URL it is `mdns://local?interface=192.168.1.5&interval=10s`. Another domain keeps fleets apart; Go clients
/// understand `local` alone. `interface` names the addresses of the interfaces, with commas between; without it the system chooses one.
///
/// Servers are asked for each interval, and what they announce between counts too. A server that does not answer three
/// times in a row is not there any more; one that stops says so.
///
/// Each server has names of its own, and one more for each string of 255 bytes that its services do not fit into, so that Go clients see
/// all of them. Metadata of more than about 150 bytes fits into none, and Go clients do not read it.
///
/// ```no_run
/// # async fn f() -> rpcx::Result<()> {
/// use std::sync::Arc;
/// use rpcx::discovery::{Mdns, Watch};
///
/// let mut watch = Watch::start(Arc::new(Mdns::new()), "Arith");
/// for node in watch.first().await.iter() {
///     println!("{} {}", node.address, node.metadata);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Mdns {
    domain: Name,
    interfaces: Vec<Ipv4Addr>,
    interval: Duration,
}

impl Mdns {
    /// In the domain `local`, on the interface that the system chooses.
    pub fn new() -> Self {
        Self {
            // Its only label is short and plain.
            domain: domain(DOMAIN).unwrap_or_default(),
            interfaces: Vec::new(),
            interval: INTERVAL,
        }
    }

    /// Another domain. Default: `local`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if it is no name.
    pub fn domain(mut self, name: &str) -> Result<Self> {
        self.domain = domain(name)?;
        Ok(self)
    }

    /// The addresses of the interfaces on which servers are asked for and answer. Default: one that the system chooses.
    #[must_use]
    pub fn interfaces(mut self, addresses: impl IntoIterator<Item = Ipv4Addr>) -> Self {
        self.interfaces = addresses.into_iter().collect();
        self
    }

    /// How often servers are asked for, and say what is new: 1 s at least. Default: 10 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.clamp(Duration::from_secs(1), NEVER);
        self
    }
}

impl Default for Mdns {
    fn default() -> Self {
        Self::new()
    }
}

fn domain(name: &str) -> Result<Name> {
    let wrong =
        |why: String| Error::setup(format!("`{name}` is no domain of multicast DNS: {why}"));
    let mut domain = Name::from_utf8(name).map_err(|error| wrong(error.to_string()))?;
    domain.set_fqdn(true);
    match domain.is_root() {
        true => Err(wrong("it has no name".to_owned())),
        false => Ok(domain),
    }
}

impl Discover for Mdns {
    fn watch<'a>(&'a self, service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        Box::pin(watch::watch(self, service, updates))
    }

    fn services(&self) -> BoxFuture<'_, Result<Option<Vec<String>>>> {
        Box::pin(async { Ok(Some(watch::services(self).await?.into_names())) })
    }
}

impl Register for Mdns {
    fn keep<'a>(
        &'a self,
        registrations: &'a [Registration],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(keep::keep(self, registrations, session))
    }
}

impl fmt::Debug for Mdns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mdns")
            .field("domain", &self.domain.to_string())
            .field("interfaces", &self.interfaces)
            .field("interval", &self.interval)
            .finish()
    }
}

/// `mdns://local`.
pub(super) fn open(url: &RegistryUrl) -> Result<Registry> {
    url.check_options(&["interface", "interval"])?;
    if !url.base.is_empty() || url.user.is_some() || url.password.is_some() {
        return Err(url.mistake("it has a domain and nothing else: write `mdns://local`"));
    }
    let mut mdns = Mdns::new();
    if !url.authority.is_empty() {
        let named = mdns.domain(&url.authority);
        mdns = named.map_err(|error| url.mistake(error.message()))?;
    }
    if let Some(interval) = url.duration("interval")? {
        mdns = mdns.interval(interval);
    }
    let interfaces = url.option("interface").into_iter();
    for interface in interfaces.flat_map(|all| all.split(',')) {
        let wrong = |_| {
            url.mistake(format!(
                "the interface `{interface}` is not an IPv4 address of this machine"
            ))
        };
        mdns.interfaces.push(interface.parse().map_err(wrong)?);
    }
    Ok(Registry::new(mdns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(url: &str) -> Result<String> {
        let registry = open(&url.parse()?)?;
        Ok(format!("{:?}", registry.discover))
    }

    #[test]
    fn a_url_is_read() {
        let plain = opened("mdns://").unwrap();
        assert_eq!(plain, opened("mdns://local").unwrap());
        assert!(plain.contains("\"local.\""), "{plain}");
        let set = opened("mdns://a.b?interface=127.0.0.1,10.0.0.1&interval=2s").unwrap();
        assert!(
            set.contains("[127.0.0.1, 10.0.0.1]") && set.contains("2s"),
            "{set}"
        );
        for (url, said) in [
            ("mdns://local/x", "nothing else"),
            ("mdns://u:p@local", "nothing else"),
            ("mdns://a..b", "no domain"),
            (
                "mdns://local?interface=eth0",
                "`eth0` is not an IPv4 address",
            ),
            ("mdns://local?ttl=3s", "is not known"),
        ] {
            let error = opened(url).unwrap_err().to_string();
            assert!(error.contains(said), "{url}: {error}");
        }
    }
}
