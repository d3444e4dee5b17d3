//! URLs where an address is meant.

use crate::outcome::Outcome;

/// Networks of rpcx, and what one writes in front of a host elsewhere.
const NETWORKS: [&str; 10] = [
    "tcp", "tcp4", "tcp6", "http", "https", "ws", "wss", "quic", "kcp", "unix",
];

/// Refuses `tcp://host:port` and the like, which is the URL of no registry.
pub(crate) fn check(url: &str) -> Result<(), Outcome> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Ok(());
    };
    if !NETWORKS.contains(&scheme) {
        return Ok(());
    }
    let text = format!(
        "`{url}` is no address: it is written with an `@`, and a URL is that of a registry"
    );
    let host = rest.split('/').next().unwrap_or_default();
    Err(Outcome::usage(text).hint(match scheme {
        "http" => format!("`tcp@{host}`: where a server speaks HTTP it speaks rpcx, too"),
        "https" => {
            format!("`tcp@{host}` with `--tls`: where a server speaks HTTP it speaks rpcx, too")
        }
        "unix" => format!("`unix@{rest}`"),
        network => format!("`{network}@{rest}`"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_none_of_them() {
        for url in ["etcd://h:1/b", "static://h:1", "127.0.0.1:1", "nope://x"] {
            assert!(check(url).is_ok(), "{url}");
        }
        for url in ["tcp://h:1", "http://h:1/x", "unix:///run/x.sock"] {
            assert!(check(url).is_err(), "{url}");
        }
    }
}
