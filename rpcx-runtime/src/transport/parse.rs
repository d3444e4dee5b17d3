//! Reads `network@location`, and says of every text that cannot be read what was meant.

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::networks::{self, ALIASES, Form, NETWORKS};
use super::{Address, AddressError, Network};

/// Names that are used elsewhere for what a network is or does, and what to write here.
const MEANT: [(&str, &str); 14] = [
    ("https", "write `http@..` and set TLS with `tls`"),
    ("tls", "TLS is an option: write `tcp@..` and call `tls`"),
    ("ssl", "TLS is an option: write `tcp@..` and call `tls`"),
    ("tcps", "TLS is an option: write `tcp@..` and call `tls`"),
    ("tcp+tls", "TLS is an option: write `tcp@..` and call `tls`"),
    ("udp", "the networks over UDP are `quic` and `kcp`"),
    ("websocket", "write `ws@..`, or `wss@..` with TLS"),
    ("uds", "write `unix@..`"),
    ("ipc", "write `unix@..`"),
    ("file", "write `unix@..`"),
    ("memory", "write `mem@..`"),
    ("inproc", "write `mem@..`"),
    ("grpc", "this is rpcx, not gRPC: write `tcp@..`"),
    (
        "rdma",
        "Go serves it with a build tag; there is no such network here",
    ),
];

/// The ports of URLs that do not name one.
const URL_PORTS: [(&str, &str); 3] = [("http", "80"), ("ws", "80"), ("wss", "443")];

impl Address {
    /// `host:port`, of an address that has them: the location without its path.
    pub(super) fn host_port(&self) -> &str {
        split_path(self.network(), self.location()).0
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
            let text = format!("`{}` is not `host:port`", self.location());
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        Ok((without_brackets(host).unwrap_or(host), port))
    }

    /// The path of an HTTP address, if it names one.
    pub(super) fn path(&self) -> Option<&str> {
        split_path(self.network(), self.location()).1
    }
}

impl FromStr for Network {
    type Err = AddressError;

    /// Reads the name of a network of this crate.
    fn from_str(name: &str) -> Result<Self, AddressError> {
        named(name).ok_or_else(|| AddressError::new(name, unknown(name)))
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads `network@location`. Without an `@` the network is `tcp`, as in Go rpcx.
    ///
    /// `*` is no host: every interface is `tcp@:8972`, as in Go.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        read(text).map_err(|reason| AddressError::new(text, reason))
    }
}

fn read(text: &str) -> Result<Address, String> {
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        // From a file or the environment, as a rule.
        return Err(format!(
            "begins or ends with white space: write `{trimmed}`"
        ));
    }
    if text.is_empty() {
        return Err("is empty: write `network@location`, such as `tcp@127.0.0.1:8972`".to_owned());
    }
    let (name, location) = match text.split_once('@') {
        // Not that of the network: a URL may have one too.
        Some((before, _)) if before.contains("://") => ("tcp", text),
        Some(parts) => parts,
        None => ("tcp", text),
    };
    if let Some(url) = url(text, name, location) {
        return Err(url);
    }
    let network = named(name).ok_or_else(|| unknown(name))?;
    check_location(network, location)?;
    Ok(Address::new(network, location))
}

fn named(name: &str) -> Option<Network> {
    let mut own = NETWORKS.iter().map(|row| row.network);
    let own = own.find(|network| network.as_str() == name);
    own.or_else(|| {
        let mut aliases = ALIASES.iter().filter(|(alias, _)| *alias == name);
        aliases.next().map(|(_, network)| *network)
    })
}

/// Why there is no such network.
fn unknown(name: &str) -> String {
    let mut reason = format!("names the network `{}`, ", name.escape_debug());
    let lower = name.trim().to_lowercase();
    let hint = MEANT.iter().find(|(other, _)| *other == lower);
    let mut names = NETWORKS.iter().map(|row| row.network.as_str());
    // Writing to a `String` cannot fail.
    let _ = match (hint, names.find(|known| is_near(known, &lower))) {
        (_, Some(known)) if known == lower => {
            write!(reason, "whose name is written `{known}`")
        }
        (Some((_, hint)), _) => write!(reason, "which is not one of rpcx: {hint}"),
        (None, Some(known)) => write!(reason, "expected perhaps `{known}`"),
        (None, None) => {
            let names: Vec<_> = NETWORKS.iter().map(|row| row.network.as_str()).collect();
            write!(reason, "expected one of: {}", names.join(", "))
        }
    };
    reason
}

/// Whether two names are the same but for one letter that is missing, too many or another.
fn is_near(known: &str, given: &str) -> bool {
    let same = known
        .bytes()
        .zip(given.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let (a, b) = (&known[same..], given.get(same..).unwrap_or_default());
    let without_first = |text: &str| text.get(1..).map(str::to_owned);
    a == b
        || without_first(a).as_deref() == Some(b)
        || without_first(b).as_deref() == Some(a)
        || (without_first(a).is_some() && without_first(a) == without_first(b))
}

/// What to write if the text is a URL, or has the form of one behind its `@`.
fn url(text: &str, name: &str, location: &str) -> Option<String> {
    let network = named(name).filter(|_| text.contains('@'));
    if network.is_some_and(|network| matches!(networks::form(network), Form::File | Form::Name)) {
        // A path or a name may hold anything.
        return None;
    }
    let (scheme, rest) = match (text.split_once("://"), text.split_once(':')) {
        (Some((scheme, rest)), _) => (scheme.rsplit('@').next().unwrap_or(scheme), rest),
        // As nginx and others write it: `unix:/run/arith.sock`, `tcp:127.0.0.1:80`.
        (None, Some((scheme, rest))) if rest.contains([':', '/']) && named(scheme).is_some() => {
            (scheme, rest)
        }
        _ if location.starts_with("//") => (name, location.trim_start_matches('/')),
        _ => return None,
    };
    let lower = scheme.to_lowercase();
    if let Some(network) = named(&lower) {
        return Some(format!("is a URL: write `{}`", of_url(network, rest)));
    }
    let mut reason =
        "is a URL, expected `network@location`, such as `tcp@127.0.0.1:8972`".to_owned();
    if let Some((_, hint)) = MEANT.iter().find(|(other, _)| *other == lower) {
        reason.extend(["; ", hint]);
    }
    Some(reason)
}

/// The address that a URL names.
fn of_url(network: Network, rest: &str) -> Address {
    let (host, path) = split_path(network, rest);
    let port = URL_PORTS.iter().find(|(name, _)| *name == network.as_str());
    let location = match (networks::form(network), port) {
        (Form::HostPort, _) => rest.trim_end_matches('/').to_owned(),
        (Form::HostPortPath, Some((_, port))) if check_host_port(network, host).is_err() => {
            format!("{host}:{port}{}", path.unwrap_or_default())
        }
        _ => rest.to_owned(),
    };
    Address::new(network, location)
}

fn check_location(network: Network, location: &str) -> Result<(), String> {
    match networks::form(network) {
        Form::Name if location.is_empty() => Err("has no name behind the `@`".to_owned()),
        Form::Name => Ok(()),
        Form::File => check_file(location),
        Form::HostPort => {
            if let Some((host_port, path)) = location.split_once('/') {
                return Err(format!(
                    "has the path `/{}`, and the network {network} has none: write `{network}@{host_port}`",
                    path.escape_debug()
                ));
            }
            check_host_port(network, location)
        }
        Form::HostPortPath => {
            let (host_port, path) = split_path(network, location);
            check_host_port(network, host_port)?;
            path.map_or(Ok(()), check_path)
        }
    }
}

/// `host:port` and what follows it, from the `/` on.
fn split_path(network: Network, location: &str) -> (&str, Option<&str>) {
    match location.find('/') {
        Some(at) if networks::form(network) == Form::HostPortPath => {
            (&location[..at], Some(&location[at..]))
        }
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

fn check_file(location: &str) -> Result<(), String> {
    match location.strip_prefix('@') {
        _ if location.contains('\0') => Err("has a NUL in its path".to_owned()),
        None if location.is_empty() => Err("has no path behind the `@`".to_owned()),
        None if location.starts_with("~/") => Err(
            "has a path with `~`, which only a shell replaces: write the path of the home folder"
                .to_owned(),
        ),
        Some("") => Err("has no name behind the `@@`".to_owned()),
        _ => Ok(()),
    }
}

fn check_host_port(network: Network, location: &str) -> Result<(), String> {
    if location.contains(',') {
        return Err("is a list: give each address by itself".to_owned());
    }
    if location.parse::<Ipv6Addr>().is_ok() && location.parse::<std::net::SocketAddr>().is_err() {
        return Err(format!(
            "has an IPv6 address without brackets: write `{network}@[{location}]:8972` with the port of the server"
        ));
    }
    let missing =
        || format!("has no port: write `{network}@{location}:8972` with the port of the server");
    let (host, port) = location.rsplit_once(':').ok_or_else(|| match location {
        "" => "has no host and port behind the `@`".to_owned(),
        port if port.parse::<u16>().is_ok() => {
            format!("has a port and no host: write `{network}@127.0.0.1:{port}`, or `{network}@:{port}` for every interface")
        }
        _ => missing(),
    })?;
    if port.is_empty() || without_brackets(location).is_some() {
        return Err(match location.strip_suffix(':') {
            Some(host) => format!(
                "has no port behind the `:`: write `{network}@{host}:8972` with the port of the server"
            ),
            None => missing(),
        });
    }
    check_port(port)?;
    check_host(network, host, port)
}

fn check_port(port: &str) -> Result<(), String> {
    let shown = port.escape_debug();
    let figures = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        // Rust would take a sign too.
        Ok(_) if figures => Ok(()),
        Err(_) if figures => Err(format!("has the port `{shown}`, and ports end at 65535")),
        _ => Err(format!(
            "has the port `{shown}`, which is not a number from 0 to 65535"
        )),
    }
}

fn without_brackets(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

fn check_host(network: Network, host: &str, port: &str) -> Result<(), String> {
    if let Some(inner) = without_brackets(host) {
        let ip = inner.split('%').next().unwrap_or_default();
        return match ip.parse::<Ipv6Addr>() {
            Ok(_) if network == Network::TCP4 => {
                Err("is an IPv6 address on the network tcp4: write `tcp6@` or `tcp@`".to_owned())
            }
            Ok(_) => Ok(()),
            Err(_) => Err(format!(
                "has `{}` in brackets, which is not an IPv6 address",
                inner.escape_debug()
            )),
        };
    }
    let shown = host.escape_debug();
    let is_ipv4 = host.parse::<Ipv4Addr>().is_ok();
    let like_ipv4 = host.split('.').count() == 4
        && host
            .bytes()
            .all(|byte| byte == b'.' || byte.is_ascii_digit());
    match host {
        "*" => Err(format!(
            "has `*` as its host: write `{network}@:{port}` to listen on every interface"
        )),
        _ if host.contains(['[', ']']) => Err(format!(
            "has a bracket in the host `{shown}` without its counterpart: write `[::1]:{port}`"
        )),
        _ if host.parse::<Ipv6Addr>().is_ok() => Err(format!(
            "has an IPv6 address without brackets: write `{network}@[{host}]:{port}`"
        )),
        _ if host.contains(':') => Err(format!(
            "has `{shown}` before its port, which is neither a host name nor an IPv6 address in brackets"
        )),
        _ if network == Network::TCP6 && is_ipv4 => {
            Err("is an IPv4 address on the network tcp6: write `tcp4@` or `tcp@`".to_owned())
        }
        _ if like_ipv4 && !is_ipv4 => Err(format!(
            "has the host `{shown}`, which is not an IPv4 address: its parts end at 255 and begin with no 0"
        )),
        _ if host
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "/?#@\\".contains(c)) =>
        {
            Err(format!("has the host `{shown}`, which is not a host name"))
        }
        _ => Ok(()),
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
            "tcp@[::]:8972",
            "http@localhost:80",
            "http@localhost:80/rpc?v=1",
            "ws@[::1]:80/a/b",
            "wss@example.org:443",
            "reuseport@127.0.0.1:0",
            "unix@/run/arith.sock",
            "unix@arith.sock",
            "unix@a:b/c://d",
            "unix@//run/arith.sock",
            "unix@@arith",
            "unix@a@b",
            "quic@[fe80::1%lo]:1",
            "kcp@127.0.0.1:1",
            "mem@a",
            "mem@a://b",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for text in ["127.0.0.1:1", "iouring@127.0.0.1:1"] {
            let address = text.parse::<Address>().unwrap();
            assert_eq!(address.to_string(), "tcp@127.0.0.1:1");
        }
    }

    #[test]
    fn every_way_of_giving_an_address_is_the_same() {
        let text = "tcp@127.0.0.1:80".to_owned();
        let address: Address = text.parse().unwrap();
        assert_eq!(Address::try_from(text.as_str()).unwrap(), address);
        assert_eq!(Address::try_from(&text).unwrap(), address);
        assert_eq!(Address::try_from(text).unwrap(), address);
        assert_eq!(Address::from(&address), address);
    }

    #[test]
    fn networks_have_names() {
        for row in &NETWORKS {
            assert_eq!(row.network.to_string().parse(), Ok(row.network));
        }
        let error = "tpc".parse::<Network>().unwrap_err().to_string();
        assert!(error.contains("the network `tpc`"), "{error}");
        assert_eq!(Network::custom("serial").as_str(), "serial");
    }

    #[test]
    fn errors_name_what_is_wrong() {
        for (text, said) in [
            ("amqp@127.0.0.1:1", "expected one of: tcp, tcp4, tcp6, http"),
            ("tcp@127.0.0.1", "no port: write `tcp@127.0.0.1:8972`"),
            ("127.0.0.1", "no port: write `tcp@127.0.0.1:8972`"),
            ("tcp@[::1]", "no port: write `tcp@[::1]:8972`"),
            ("tcp@::1", "write `tcp@[::1]:8972`"),
            ("tcp@127.0.0.1:", "no port behind the `:`"),
            ("8972", "`tcp@:8972` for every interface"),
            ("quic@8972", "`quic@127.0.0.1:8972`"),
            (
                "tcp@127.0.0.1:http",
                "the port `http`, which is not a number",
            ),
            ("tcp@127.0.0.1:+80", "the port `+80`, which is not a number"),
            ("tcp@127.0.0.1:-1", "the port `-1`, which is not a number"),
            ("tcp@127.0.0.1:65536", "ports end at 65535"),
            ("tcp@fe80::1:80", "without brackets"),
            (
                "tcp@2001:db8:0:0:0:0:0:1:80",
                "write `tcp@[2001:db8:0:0:0:0:0:1]:80`",
            ),
            ("tcp@[127.0.0.1]:80", "not an IPv6 address"),
            ("tcp@[::1:80", "without its counterpart"),
            ("tcp@a:b:80", "neither a host name nor"),
            ("tcp4@[::1]:80", "IPv6 address on the network tcp4"),
            ("tcp6@127.0.0.1:80", "IPv4 address on the network tcp6"),
            ("tcp@127.0.0.256:80", "not an IPv4 address"),
            ("tcp@a b:80", "not a host name"),
            ("tcp@user@host:80", "not a host name"),
            ("tcp@a:1,b:2", "give each address by itself"),
            ("tcp@a:1,tcp@b:2", "give each address by itself"),
            ("mem@", "no name"),
            ("unix@", "no path"),
            ("unix@@", "no name"),
            ("unix@a\0b", "a NUL"),
            ("unix@~/arith.sock", "only a shell"),
            (
                "tcp@127.0.0.1:80/x",
                "the path `/x`, and the network tcp has none",
            ),
            ("http@127.0.0.1/x", "no port"),
            ("http@127.0.0.1:80/a b", "a path with ` `"),
            ("ws@127.0.0.1:80/a\r\nHost: b", "a path with `\\r`"),
            ("quic@127.0.0.1", "no port"),
            ("tcp@", "no host and port"),
            ("", "is empty"),
        ] {
            assert!(reason(text).contains(said), "{text}: {}", reason(text));
        }
    }

    #[test]
    fn every_interface_is_written_without_a_star() {
        for network in ["tcp", "tcp4", "tcp6", "http", "ws", "wss", "quic", "kcp"] {
            let said = format!("write `{network}@:8972` to listen on every interface");
            let error = reason(&format!("{network}@*:8972"));
            assert!(error.contains(&said), "{error}");
        }
    }

    #[test]
    fn a_url_is_told_the_address_it_names() {
        for (text, meant) in [
            ("tcp://127.0.0.1:80", "tcp@127.0.0.1:80"),
            ("TCP://127.0.0.1:80", "tcp@127.0.0.1:80"),
            ("tcp://127.0.0.1:80/", "tcp@127.0.0.1:80"),
            ("tcp://[::1]:80", "tcp@[::1]:80"),
            ("tcp:127.0.0.1:80", "tcp@127.0.0.1:80"),
            ("tcp@//127.0.0.1:80", "tcp@127.0.0.1:80"),
            ("tcp@tcp://127.0.0.1:80", "tcp@127.0.0.1:80"),
            ("quic://h:1", "quic@h:1"),
            ("kcp://h:1", "kcp@h:1"),
            ("reuseport://h:1", "reuseport@h:1"),
            ("http://h/a", "http@h:80/a"),
            ("ws://h:1/a", "ws@h:1/a"),
            ("wss://h/a", "wss@h:443/a"),
            ("unix:///run/a.sock", "unix@/run/a.sock"),
            ("unix:/run/a.sock", "unix@/run/a.sock"),
            ("mem://a", "mem@a"),
        ] {
            let said = format!("is a URL: write `{meant}`");
            assert!(reason(text).ends_with(&said), "{}", reason(text));
            assert_eq!(meant.parse::<Address>().unwrap().to_string(), meant);
        }
        for (text, said) in [
            ("https://h", "set TLS with `tls`"),
            ("amqp://user@h:1", "expected `network@location`"),
        ] {
            assert!(reason(text).contains(said), "{}", reason(text));
        }
    }

    #[test]
    fn a_name_that_is_nearly_right_is_told_the_right_one() {
        for (name, said) in [
            ("TCP", "is written `tcp`"),
            ("Quic", "is written `quic`"),
            ("tcpp", "perhaps `tcp`"),
            ("qic", "perhaps `quic`"),
            ("unic", "perhaps `unix`"),
            ("tls", "call `tls`"),
            ("https", "write `http@..`"),
            ("udp", "`quic` and `kcp`"),
        ] {
            let error = reason(&format!("{name}@127.0.0.1:1"));
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn white_space_around_is_named_and_shown_in_one_line() {
        for text in [" tcp@a:1", "tcp@a:1\n", "\ttcp@a:1\r\n"] {
            let error = reason(text);
            assert!(error.ends_with("write `tcp@a:1`"), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
