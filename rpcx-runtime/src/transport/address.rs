//! `network@address`, the form that registries use too.

use std::fmt;
use std::io;
use std::str::FromStr;

/// The networks an address may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Network {
    /// TCP over IPv4 or IPv6: `tcp@host:port`. Without a host, as in `tcp@:8972`, a server listens on
    /// every interface and a client connects to its own machine; so on the other networks with hosts.
    Tcp,
    /// TCP over IPv4 only.
    Tcp4,
    /// TCP over IPv6 only.
    Tcp6,
    /// TCP with an HTTP `CONNECT` in front: `http@host:port`, or `http@host:port/path`.
    Http,
    /// WebSocket: `ws@host:port`, or `ws@host:port/path`.
    Ws,
    /// WebSocket over TLS.
    Wss,
    /// TCP on a port that several listeners share, of one process or of several of one user:
    /// `reuseport@host:port`. For listening only: its clients connect to `tcp@host:port`. Linux
    /// spreads new connections over the listeners.
    Reuseport,
    /// A Unix domain socket: `unix@/path`, or `unix@@name` for a name without a file on Linux. The
    /// file appears when the server can be reached and goes with it; one that a server has left
    /// behind is replaced, one that somebody answers on never is.
    Unix,
    /// QUIC: `quic@host:port`.
    Quic,
    /// KCP over UDP: `kcp@host:port`.
    Kcp,
    /// A pipe within this process: `mem@name`.
    Mem,
    /// A network from outside this crate, by its name.
    Custom(&'static str),
}

const NETWORKS: [(&str, Network); 12] = [
    ("tcp", Network::Tcp),
    ("tcp4", Network::Tcp4),
    ("tcp6", Network::Tcp6),
    ("http", Network::Http),
    ("ws", Network::Ws),
    ("wss", Network::Wss),
    ("reuseport", Network::Reuseport),
    ("unix", Network::Unix),
    ("quic", Network::Quic),
    ("kcp", Network::Kcp),
    ("mem", Network::Mem),
    // How Go listens with io_uring; on the wire it is TCP.
    ("iouring", Network::Tcp),
];

impl Network {
    /// The part before the `@`.
    pub fn as_str(self) -> &'static str {
        if let Self::Custom(name) = self {
            return name;
        }
        let mut known = NETWORKS.iter();
        known
            .find(|(_, network)| *network == self)
            .map_or("", |(name, _)| name)
    }

    /// The feature that switches it on.
    pub(super) fn feature(self) -> &'static str {
        match self {
            Self::Tcp4 | Self::Tcp6 => "tcp",
            Self::Wss => "ws",
            other => other.as_str(),
        }
    }

    fn has_path(self) -> bool {
        matches!(self, Self::Http | Self::Ws | Self::Wss)
    }
}

/// Where a server listens or a client connects: a network and an address on it.
///
/// ```
/// use rpcx_runtime::transport::{Address, Network};
///
/// let address: Address = "tcp@127.0.0.1:8972".parse().unwrap();
/// assert_eq!(address.network(), Network::Tcp);
/// assert_eq!(address.location(), "127.0.0.1:8972");
/// assert_eq!("[::1]:8972".parse::<Address>().unwrap().to_string(), "tcp@[::1]:8972");
/// assert!("tcp@127.0.0.1".parse::<Address>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    network: Network,
    location: String,
}

impl Address {
    /// An address on a network from outside this crate, which is never parsed.
    ///
    /// ```
    /// use rpcx_runtime::transport::Address;
    ///
    /// assert_eq!(Address::custom("serial", "/dev/ttyS0").to_string(), "serial@/dev/ttyS0");
    /// ```
    pub fn custom(network: &'static str, location: impl Into<String>) -> Self {
        Self::new(Network::Custom(network), location)
    }

    /// An address that needs no parsing, such as the one a listener has bound.
    pub(crate) fn new(network: Network, location: impl Into<String>) -> Self {
        Self {
            network,
            location: location.into(),
        }
    }

    /// The part before the `@`.
    pub fn network(&self) -> Network {
        self.network
    }

    /// The part behind the `@`.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// `host:port`, of an address that has them: the location without its path.
    pub(super) fn host_port(&self) -> &str {
        split_path(self.network, &self.location).0
    }

    /// The host as it is in a certificate: without port and brackets. Empty if there is none.
    pub(super) fn host(&self) -> &str {
        self.host_and_port().map_or("", |(host, _)| host)
    }

    /// The same host, and the port.
    ///
    /// # Errors
    /// If there is no port. Where addresses are parsed this cannot be.
    pub(super) fn host_and_port(&self) -> io::Result<(&str, u16)> {
        let parts = self.host_port().rsplit_once(':');
        let parts = parts.and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = parts.ok_or_else(|| {
            let text = format!("`{}` is not `host:port`", self.location);
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        let inner = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        Ok((inner.unwrap_or(host), port))
    }

    /// The path of an HTTP address, if it names one.
    pub(super) fn path(&self) -> Option<&str> {
        split_path(self.network, &self.location).1
    }
}

/// An address that cannot be used, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address `{address}` {reason}")]
pub struct AddressError {
    address: String,
    reason: String,
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads `network@location`. Without an `@` the network is `tcp`, as in Go rpcx.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = |reason: String| AddressError {
            address: text.to_owned(),
            reason,
        };
        let (name, location) = text.split_once('@').unwrap_or(("tcp", text));
        let known = NETWORKS.iter().find(|(known, _)| *known == name);
        let Some(&(_, network)) = known else {
            let names: Vec<_> = NETWORKS.iter().map(|(name, _)| *name).collect();
            let names = names.join(", ");
            return Err(wrong(format!(
                "names the network `{name}`, expected one of: {names}"
            )));
        };
        match check_location(network, location) {
            Ok(()) => Ok(Self::new(network, location)),
            Err(reason) => Err(wrong(reason)),
        }
    }
}

fn check_location(network: Network, location: &str) -> Result<(), String> {
    match network {
        Network::Mem if location.is_empty() => Err("has no name behind the `@`".to_owned()),
        Network::Mem => Ok(()),
        Network::Unix => check_unix(location),
        _ => {
            let (host_port, path) = split_path(network, location);
            check_host_port(network, host_port)?;
            path.map_or(Ok(()), check_path)
        }
    }
}

/// `host:port` and what follows it, from the `/` on.
fn split_path(network: Network, location: &str) -> (&str, Option<&str>) {
    match location.find('/') {
        Some(at) if network.has_path() => (&location[..at], Some(&location[at..])),
        _ => (location, None),
    }
}

/// The path stands in the first line of an HTTP head, so nothing in it may end that line.
fn check_path(path: &str) -> Result<(), String> {
    match path.chars().find(|c| !c.is_ascii_graphic()) {
        Some(c) => Err(format!(
            "has a path with `{}`, which must be percent-encoded",
            c.escape_debug()
        )),
        None => Ok(()),
    }
}

fn check_unix(location: &str) -> Result<(), String> {
    match location.strip_prefix('@') {
        _ if location.contains('\0') => Err("has a NUL in its path".to_owned()),
        None if location.is_empty() => Err("has no path behind the `@`".to_owned()),
        Some("") => Err("has no name behind the `@@`".to_owned()),
        _ => Ok(()),
    }
}

fn check_host_port(network: Network, location: &str) -> Result<(), String> {
    let Some((host, port)) = location.rsplit_once(':') else {
        return Err("has no port: write `host:port`".to_owned());
    };
    if port.parse::<u16>().is_err() {
        return Err(format!(
            "has the port `{port}`, which is not a number from 0 to 65535"
        ));
    }
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bracketed {
        Some(_) if network == Network::Tcp4 => {
            Err("is an IPv6 address on the network tcp4".to_owned())
        }
        Some(inner)
            if inner
                .split('%')
                .next()
                .is_none_or(|ip| ip.parse::<std::net::Ipv6Addr>().is_err()) =>
        {
            Err(format!(
                "has `{inner}` in brackets, which is not an IPv6 address"
            ))
        }
        None if host.contains(':') => {
            Err("has an IPv6 address without brackets: write `[::1]:8972`".to_owned())
        }
        None if network == Network::Tcp6 && host.parse::<std::net::Ipv4Addr>().is_ok() => {
            Err("is an IPv4 address on the network tcp6".to_owned())
        }
        None if host
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '/') =>
        {
            Err(format!(
                "has the host `{}`, which is not a host name",
                host.escape_debug()
            ))
        }
        _ => Ok(()),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.network.as_str(), self.location)
    }
}

impl From<AddressError> for crate::error::Error {
    fn from(error: AddressError) -> Self {
        Self::setup(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        text.parse::<Address>().unwrap_err().to_string()
    }

    #[test]
    fn every_form_is_read_and_shown_again() {
        for text in [
            "tcp@127.0.0.1:8972",
            "tcp4@localhost:0",
            "tcp6@[::1]:1",
            "tcp@:8972",
            "http@localhost:80",
            "http@localhost:80/rpc?v=1",
            "ws@[::1]:80/a/b",
            "wss@example.org:443",
            "reuseport@127.0.0.1:0",
            "unix@/run/arith.sock",
            "unix@arith.sock",
            "unix@@arith",
            "quic@[fe80::1%lo]:1",
            "kcp@127.0.0.1:1",
            "mem@a",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!(
            "127.0.0.1:1".parse::<Address>().unwrap().network(),
            Network::Tcp
        );
    }

    #[test]
    fn errors_name_what_is_wrong() {
        for (text, said) in [
            ("tcpp@127.0.0.1:1", "the network `tcpp`"),
            ("tcp@127.0.0.1", "has no port"),
            ("tcp@127.0.0.1:http", "the port `http`"),
            ("tcp@127.0.0.1:65536", "the port `65536`"),
            ("tcp@::1:80", "without brackets"),
            ("tcp@[127.0.0.1]:80", "not an IPv6 address"),
            ("tcp4@[::1]:80", "IPv6 address on the network tcp4"),
            ("tcp6@127.0.0.1:80", "IPv4 address on the network tcp6"),
            ("tcp@a b:80", "not a host name"),
            ("mem@", "no name"),
            ("unix@", "no path"),
            ("unix@@", "no name"),
            ("unix@a\0b", "a NUL"),
            ("tcp@127.0.0.1:80/x", "the port `80/x`"),
            ("http@127.0.0.1/x", "has no port"),
            ("http@127.0.0.1:80/a b", "a path with ` `"),
            ("ws@127.0.0.1:80/a\r\nHost: b", "a path with `\\r`"),
            ("quic@127.0.0.1", "has no port"),
            ("", "has no port"),
        ] {
            assert!(reason(text).contains(said), "{text}: {}", reason(text));
        }
    }
}
