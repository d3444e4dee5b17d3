//! The socket addresses behind the `host:port` of an address.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::lookup_host;

use super::cause::ResolveError;
use super::{Address, Network};

/// Where a client connects to. No host means this one: IPv4 first, as in Go, but a server may
/// listen on either.
pub(super) async fn remote(address: &Address) -> io::Result<Vec<SocketAddr>> {
    let this_one = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    resolve(address, this_one).await
}

/// Where a server listens, the best one first. No host means every interface: IPv6 takes IPv4 in,
/// and where the system has no IPv6 there is IPv4 alone.
pub(super) async fn local(address: &Address) -> io::Result<Vec<SocketAddr>> {
    let every = [Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()];
    resolve(address, every).await
}

/// The addresses that fit the network; `nowhere` in the place of a host.
async fn resolve(address: &Address, nowhere: [IpAddr; 2]) -> io::Result<Vec<SocketAddr>> {
    let (host, port) = address.host_and_port()?;
    let fits = |candidate: &SocketAddr| match address.network() {
        Network::TCP4 => candidate.is_ipv4(),
        Network::TCP6 => candidate.is_ipv6(),
        _ => true,
    };
    let found: Vec<_> = match host {
        "" => nowhere.map(|ip| SocketAddr::new(ip, port)).into(),
        // Without brackets: the system knows the names of its interfaces, as in `fe80::1%eth0`.
        host => {
            let found = lookup_host((host, port)).await;
            found
                .map_err(|error| ResolveError::wrap(host, error))?
                .collect()
        }
    };
    let found: Vec<_> = found.into_iter().filter(fits).collect();
    if found.is_empty() {
        let text = format!("it has no address for {}", address.network());
        let none = io::Error::new(io::ErrorKind::AddrNotAvailable, text);
        return Err(ResolveError::wrap(host, none));
    }
    Ok(found)
}

/// A peer as it would be on a socket of its own family: a dual-stack
/// socket reports IPv4 peers as IPv4-mapped IPv6 addresses.
pub(super) fn canonical(peer: SocketAddr) -> SocketAddr {
    match peer.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), peer.port()),
        // With its interface.
        IpAddr::V6(_) => peer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(found: io::Result<Vec<SocketAddr>>) -> Vec<String> {
        found.unwrap().iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn no_host_is_every_interface_or_this_machine() {
        for (address, here, there) in [
            (
                "tcp@:1",
                &["[::]:1", "0.0.0.0:1"][..],
                &["127.0.0.1:1", "[::1]:1"][..],
            ),
            ("tcp4@:1", &["0.0.0.0:1"], &["127.0.0.1:1"]),
            ("tcp6@:1", &["[::]:1"], &["[::1]:1"]),
            (
                "quic@:1",
                &["[::]:1", "0.0.0.0:1"],
                &["127.0.0.1:1", "[::1]:1"],
            ),
            ("http@[::1]:1/x", &["[::1]:1"], &["[::1]:1"]),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(shown(local(&address).await), here);
            assert_eq!(shown(remote(&address).await), there);
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn an_interface_is_found_by_its_name() {
        for zone in ["lo", "1"] {
            let address = format!("tcp@[fe80::1%{zone}]:80").parse().unwrap();
            assert_eq!(shown(remote(&address).await), ["[fe80::1%1]:80"]);
        }
        let unknown = "tcp@[fe80::1%no-such-one]:80".parse().unwrap();
        assert!(remote(&unknown).await.is_err());
    }

    #[test]
    fn ipv4_peers_look_like_ipv4() {
        for (peer, expected) in [
            ("[::ffff:1.2.3.4]:5", "1.2.3.4:5"),
            ("1.2.3.4:5", "1.2.3.4:5"),
            ("[fe80::1%2]:5", "[fe80::1%2]:5"),
        ] {
            assert_eq!(canonical(peer.parse().unwrap()).to_string(), expected);
        }
    }
}
