//! Names in DNS: A and AAAA records, or SRV records.

mod answer;
pub(super) mod fuzzing;
mod resolve;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::rr::Name;
use tokio::time::sleep;

use super::schemes::Registry;
use super::url::RegistryUrl;
use super::{Discover, Updates};
use crate::address::{Address, Network};
use crate::error::{Error, Result};
use crate::transport::BoxFuture;
use resolve::Resolve;

/// The port of DNS servers.
const PORT: u16 = 53;

/// Records are not asked for more often, whatever their TTL: it may be zero.
const LEAST: Duration = Duration::from_secs(1);

/// Records are asked for again after this, however long their TTL is, unless it is set.
const INTERVAL: Duration = Duration::from_secs(60);

/// The nodes that DNS has for a name, the same for every service. Servers cannot register here.
///
/// By URL it is `dns://arith.example.com:8972` for A and AAAA records, each of which is a node at this port, or
/// `dns://_rpcx._tcp.arith.example.com`, a name that begins with an underscore and no port, for SRV records. A
/// headless service of Kubernetes has both: `dns://arith.default.svc.cluster.local:8972`, and
/// `dns://_rpcx._tcp.arith.default.svc.cluster.local` for a port that is called `rpcx`. Names are completed with the
/// search domains of the system, unless they end with a dot. The options:
///
/// | option | meaning | default |
/// |---|---|---|
/// | `network` | what stands before the `@` of the addresses; `tcp4` and `tcp6` ask for A or AAAA records alone | `tcp` |
/// | `server` | the DNS servers, `ip:port,ip:port`; port 53 may be left out | those of the system |
/// | `interval` | after this records are asked for again, however long their TTL is | `60s` |
///
/// Records are asked for again when the shortest TTL among them is over, but not more often than each second. A
/// name that does not exist any more has no nodes. A server of DNS that does not answer, or says that it cannot, leaves the list as it is.
///
/// Of SRV records those of the best priority are nodes, with their weights; their targets are resolved too. The metadata has
/// the name as `host`, and what else the record says: `host=a.example.com&priority=10&weight=5`.
///
/// ```no_run
/// # async fn f() -> rpcx::Result<()> {
/// use std::sync::Arc;
/// use rpcx::discovery::{Dns, Watch};
///
/// let dns = Dns::new("arith.default.svc.cluster.local:8972")?;
/// let mut watch = Watch::start(Arc::new(dns), "Arith");
/// for node in watch.first().await.iter() {
///     println!("{} {}", node.address, node.metadata);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Dns {
    name: String,
    asked: Asked,
    network: String,
    servers: Vec<SocketAddr>,
    interval: Duration,
}

/// Which records are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// A and AAAA, for nodes at this port.
    Addresses(u16),
    /// SRV.
    Services,
}

impl Dns {
    /// The nodes of `name:port`, or of a name of SRV records, such as `_rpcx._tcp.example.com`. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if it is neither.
    pub fn new(name: &str) -> Result<Self> {
        let (name, asked) = read(name).map_err(Error::setup)?;
        Ok(Self {
            name,
            asked,
            network: "tcp".to_owned(),
            servers: Vec::new(),
            interval: INTERVAL,
        })
    }

    /// The network of the nodes: what stands before the `@` of their addresses. `tcp4` and `tcp6` ask for A or AAAA
    /// records alone. Default: `tcp`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if there is no such network, or it has no hosts and ports.
    pub fn network(mut self, name: &str) -> Result<Self> {
        let address: Address = format!("{name}@localhost:1").parse()?;
        if matches!(address.network(), Network::MEM | Network::UNIX) {
            let text =
                format!("the network `{name}` has no hosts and ports: DNS cannot name its nodes");
            return Err(Error::setup(text));
        }
        name.clone_into(&mut self.network);
        Ok(self)
    }

    /// The DNS servers that are asked, of which the first that answers counts. Default: those of the system.
    #[must_use]
    pub fn servers(mut self, servers: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.servers = servers.into_iter().collect();
        self
    }

    /// After this time records are asked for again, however long their TTL is; 1 s at least. Default: 60 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(LEAST);
        self
    }

    async fn watch(&self, updates: &Updates) -> Result<()> {
        // Made anew each time: the settings of the system may have changed.
        let resolve = Resolve::new(self)?;
        loop {
            let answer = resolve.answer().await?;
            let pause = answer.ttl.clamp(LEAST, self.interval);
            updates.entries(answer.entries);
            sleep(pause).await;
        }
    }
}

/// `name:port`, or a name of SRV records.
fn read(text: &str) -> std::result::Result<(String, Asked), String> {
    let (name, asked) = match text.rsplit_once(':') {
        Some((name, port)) => {
            let port = port.parse().ok().filter(|port| *port > 0);
            let port = port.ok_or_else(|| format!("`{text}` has no port from 1 to 65535"))?;
            (name, Asked::Addresses(port))
        }
        None if text.starts_with('_') => (text, Asked::Services),
        None => {
            return Err(format!(
                "`{text}` has no port: write `name:port`, or a name of SRV records, such as `_rpcx._tcp.example.com`"
            ));
        }
    };
    if name.is_empty() || name.parse::<IpAddr>().is_ok() || name.starts_with('[') {
        return Err(format!("`{text}` has no name that DNS knows"));
    }
    match Name::from_utf8(name) {
        Ok(_) => Ok((name.to_owned(), asked)),
        Err(error) => Err(format!("`{name}` is no name of DNS: {error}")),
    }
}

impl Discover for Dns {
    fn watch<'a>(&'a self, _service: &'a str, updates: &'a Updates) -> BoxFuture<'a, Result<()>> {
        Box::pin(Self::watch(self, updates))
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dns")
            .field("name", &self.name)
            .field("asked", &self.asked)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

/// `dns://name:port`, or `dns://_port._protocol.name`.
pub(super) fn open(url: &RegistryUrl) -> Result<Registry> {
    url.check_options(&["interval", "network", "server"])?;
    if !url.base.is_empty() || url.user.is_some() || url.password.is_some() {
        return Err(url.mistake(
            "it has a name and perhaps a port, and nothing else: write `dns://name:port`",
        ));
    }
    let mistake = |error: Error| url.mistake(error.message());
    let mut dns = Dns::new(&url.authority).map_err(mistake)?;
    if let Some(network) = url.option("network") {
        dns = dns.network(network).map_err(mistake)?;
    }
    if let Some(interval) = url.duration("interval")? {
        dns = dns.interval(interval);
    }
    for server in url
        .option("server")
        .into_iter()
        .flat_map(|all| all.split(','))
    {
        let alone = || server.parse().map(|ip: IpAddr| SocketAddr::new(ip, PORT));
        let given = server.parse().or_else(|_| alone());
        let wrong = |_| url.mistake(format!("the server `{server}` is not `ip:port`"));
        dns.servers.push(given.map_err(wrong)?);
    }
    Ok(Registry::only_discovers(dns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(url: &str) -> Result<Registry> {
        open(&url.parse()?)
    }

    #[test]
    fn names_ports_and_options_are_read() {
        assert_eq!(
            read("a.b:80").unwrap(),
            ("a.b".to_owned(), Asked::Addresses(80))
        );
        let services = ("_rpcx._tcp.a.b.".to_owned(), Asked::Services);
        assert_eq!(read("_rpcx._tcp.a.b.").unwrap(), services);
        assert_eq!(read("_odd.name:1").unwrap().1, Asked::Addresses(1));
        let url = "dns://a.b:80?network=tcp4&server=10.0.0.53,[::1]:5353&interval=5s";
        let opened = opened(url).unwrap();
        assert!(opened.register.is_none());
        let text = format!("{:?}", opened.discover);
        assert!(
            text.contains("tcp4") && text.contains("Addresses(80)"),
            "{text}"
        );
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said() {
        for (url, said) in [
            ("dns://a.b", "has no port"),
            ("dns://a.b:0", "has no port from 1"),
            ("dns://:80", "has no name"),
            ("dns://10.0.0.1:80", "has no name"),
            ("dns://[::1]:80", "has no name"),
            ("dns://a..b:80", "no name of DNS"),
            ("dns://a.b:80/x", "nothing else"),
            ("dns://u@a.b:80", "nothing else"),
            ("dns://a.b:80?network=mem", "no hosts and ports"),
            ("dns://a.b:80?network=pigeon", "pigeon"),
            ("dns://a.b:80?server=ns.b:53", "is not `ip:port`"),
            ("dns://a.b:80?ttl=3s", "the option `ttl` is not known"),
        ] {
            let error = opened(url).unwrap_err().to_string();
            assert!(error.contains(said), "{url}: {error}");
        }
    }
}
