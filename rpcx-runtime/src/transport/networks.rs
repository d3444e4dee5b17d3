//! The table of the networks. A new one is a constant and a row here, and a folder of its own.

use super::Network;

impl Network {
    /// TCP over IPv4 or IPv6: `tcp@host:port`. Without a host, as in `tcp@:8972`, a server listens on
    /// every interface and a client connects to its own machine; so on the other networks with hosts.
    pub const TCP: Self = Self::custom("tcp");

    /// TCP over IPv4 only.
    pub const TCP4: Self = Self::custom("tcp4");

    /// TCP over IPv6 only.
    pub const TCP6: Self = Self::custom("tcp6");

    /// TCP with an HTTP `CONNECT` in front: `http@host:port`, or `http@host:port/path`.
    pub const HTTP: Self = Self::custom("http");

    /// WebSocket: `ws@host:port`, or `ws@host:port/path`.
    pub const WS: Self = Self::custom("ws");

    /// WebSocket over TLS.
    pub const WSS: Self = Self::custom("wss");

    /// TCP on a port that several listeners share, of one process or of several of one user:
    /// `reuseport@host:port`. For listening only: its clients connect to `tcp@host:port`. Linux
    /// spreads new connections over the listeners.
    pub const REUSEPORT: Self = Self::custom("reuseport");

    /// A Unix domain socket: `unix@/path`, or `unix@@name` for a name without a file on Linux. The
    /// file appears when the server can be reached and goes with it; one that a server has left
    /// behind is replaced, one on which a server answers never is.
    pub const UNIX: Self = Self::custom("unix");

    /// QUIC: `quic@host:port`.
    pub const QUIC: Self = Self::custom("quic");

    /// KCP over UDP: `kcp@host:port`.
    pub const KCP: Self = Self::custom("kcp");

    /// A pipe within this process: `mem@name`.
    pub const MEM: Self = Self::custom("mem");
}

/// What stands behind the `@`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `host:port`.
    HostPort,
    /// `host:port`, and a path behind it if it is not the default.
    HostPortPath,
    /// The path of a file, or `@` and a name without a file.
    File,
    /// Any name.
    Name,
}

/// What a network says about itself.
pub(super) struct Row {
    pub(super) network: Network,
    pub(super) form: Form,
    /// The feature that switches it on.
    pub(super) feature: &'static str,
}

const fn row(network: Network, form: Form, feature: &'static str) -> Row {
    Row {
        network,
        form,
        feature,
    }
}

pub(super) static NETWORKS: [Row; 11] = [
    row(Network::TCP, Form::HostPort, "tcp"),
    row(Network::TCP4, Form::HostPort, "tcp"),
    row(Network::TCP6, Form::HostPort, "tcp"),
    row(Network::HTTP, Form::HostPortPath, "http-connect"),
    row(Network::WS, Form::HostPortPath, "ws"),
    row(Network::WSS, Form::HostPortPath, "ws"),
    row(Network::REUSEPORT, Form::HostPort, "reuseport"),
    row(Network::UNIX, Form::File, "unix"),
    row(Network::QUIC, Form::HostPort, "quic"),
    row(Network::KCP, Form::HostPort, "kcp"),
    row(Network::MEM, Form::Name, "the runtime"),
];

/// Names that registries hold and that are networks of this crate by another name.
pub(super) const ALIASES: [(&str, Network); 1] = [
    // How Go listens with io_uring; on the wire it is TCP.
    ("iouring", Network::TCP),
];

/// The row of a network of this crate.
pub(super) fn find(network: Network) -> Option<&'static Row> {
    NETWORKS.iter().find(|row| row.network == network)
}

/// What stands behind the `@` on a network; any name on one from outside this crate.
pub(super) fn form(network: Network) -> Form {
    find(network).map_or(Form::Name, |row| row.form)
}
