//! What is to run: networks, directions, and ways of calling.

use std::net::TcpListener;

use rpcx::{Codec, Compression};

/// Who calls whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    GoToRust,
    RustToGo,
    RustToRust,
}

/// In the order of the columns.
pub(super) const DIRECTIONS: [Direction; 3] = [
    Direction::GoToRust,
    Direction::RustToGo,
    Direction::RustToRust,
];

/// A network, plain or with TLS under it: a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) network: &'static str,
    pub(super) tls: bool,
}

/// In the order of the rows. `wss` is `ws` with TLS.
pub(super) const LINKS: [Link; 16] = [
    plain("tcp"),
    secure("tcp"),
    plain("tcp6"),
    secure("tcp6"),
    plain("http"),
    secure("http"),
    plain("ws"),
    secure("wss"),
    plain("unix"),
    secure("unix"),
    plain("reuseport"),
    secure("reuseport"),
    plain("quic"),
    secure("quic"),
    plain("kcp"),
    secure("kcp"),
];

const fn plain(network: &'static str) -> Link {
    Link {
        network,
        tls: false,
    }
}

const fn secure(network: &'static str) -> Link {
    Link { network, tls: true }
}

impl Link {
    /// Why a cell is left out.
    pub(super) fn unasked(self, direction: Direction) -> Option<&'static str> {
        match (self.network, self.tls, direction) {
            ("quic", false, _) => Some("QUIC has no plain form: TLS 1.3 is a part of it."),
            ("kcp", true, _) => Some(
                "Neither side has TLS on KCP, which encrypts each datagram by itself; \
                 here with AES-256. Rust refuses the setting.",
            ),
            ("unix", true, Direction::RustToGo) => {
                Some("A Go server has no TLS on unix, whatever its configuration says.")
            }
            ("reuseport", true, Direction::RustToGo) => {
                Some("A Go server on reuseport serves plain text, also when it has a certificate.")
            }
            _ => None,
        }
    }

    /// Whether this machine has the network.
    pub(super) fn is_here(self) -> bool {
        match self.network {
            "tcp6" => TcpListener::bind("[::1]:0").is_ok(),
            "unix" | "reuseport" => cfg!(unix),
            _ => true,
        }
    }

    /// The network that a client names.
    pub(super) fn dialed(self) -> &'static str {
        match self.network {
            "reuseport" => "tcp",
            network => network,
        }
    }

    /// The most bytes in one message. The windows of KCP in Go are too small for a megabyte.
    pub(super) fn largest(self) -> usize {
        match self.network {
            "kcp" => 20_000,
            _ => 1 << 20,
        }
    }
}

/// A codec, with gzip or without.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) name: &'static str,
    pub(super) codec: Codec,
    pub(super) compress: Compression,
    /// What the Go client is told.
    pub(super) options: &'static [&'static str],
}

pub(super) const WAYS: [Way; 4] = [
    Way {
        name: "msgpack",
        codec: Codec::MSGPACK,
        compress: Compression::NONE,
        options: &["-codec", "msgpack"],
    },
    Way {
        name: "msgpack+gzip",
        codec: Codec::MSGPACK,
        compress: Compression::GZIP,
        options: &["-codec", "msgpack", "-gzip"],
    },
    Way {
        name: "json",
        codec: Codec::JSON,
        compress: Compression::NONE,
        options: &["-codec", "json"],
    },
    Way {
        name: "json+gzip",
        codec: Codec::JSON,
        compress: Compression::GZIP,
        options: &["-codec", "json", "-gzip"],
    },
];

/// One server and all its clients: a field of the table, with a cell for each way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) link: Link,
    pub(super) direction: Direction,
}

/// Everything that can run here.
pub(super) fn groups(with_go: bool) -> Vec<Group> {
    let wanted = |direction: &&Direction| with_go || **direction == Direction::RustToRust;
    let mut groups = Vec::new();
    for link in LINKS.into_iter().filter(|link| link.is_here()) {
        for &direction in DIRECTIONS.iter().filter(wanted) {
            if link.unasked(direction).is_none() {
                groups.push(Group { link, direction });
            }
        }
    }
    // KCP comes first: it waits more than it works, so the others fill its time.
    groups.reverse();
    groups
}
