//! The table of the networks. A new one is a constant and a row here, and a folder of its own.

use super::socket::Upgrade;
use super::{
    Address, BoundSocket, BoxFuture, Connect, ConnectOptions, Listen, ListenOptions, Network,
};
use crate::error::Error;

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

/// Whether the streams of a network are secured by TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TlsUse {
    Never,
    IfAsked,
    Always,
}

/// Which sockets of another process a network can be spoken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handed {
    Tcp,
    Unix,
}

type Connector = fn(&Address, &ConnectOptions) -> Result<Box<dyn Connect>, Error>;
type Listening<'a> = BoxFuture<'a, Result<Box<dyn Listen>, Error>>;
type Listener = for<'a> fn(&'a Address, &'a ListenOptions) -> Listening<'a>;
type OnSocket = fn(BoundSocket, &Address, &ListenOptions) -> Result<Box<dyn Listen>, Error>;
type ClientUpgrade = fn(&Address, &ConnectOptions) -> Result<Box<dyn Upgrade>, Error>;
type ServerUpgrade = fn(&Address, &ListenOptions) -> Result<Box<dyn Upgrade>, Error>;

/// What a network can do: each network's module has one.
#[derive(Clone, Copy)]
pub(super) struct Ways {
    /// None for a network that is only listened on.
    pub(super) connect: Option<Connector>,
    pub(super) listen: Listener,
    /// With a socket that another process has bound.
    pub(super) listen_on: Option<OnSocket>,
    /// What is negotiated on its sockets above TLS.
    pub(super) upgrade: Option<(ClientUpgrade, ServerUpgrade)>,
}

/// What is known of a network.
pub(super) struct Row {
    pub(super) network: Network,
    pub(super) form: Form,
    pub(super) tls: TlsUse,
    pub(super) handed: Option<Handed>,
    /// The feature that switches it on.
    feature: &'static str,
    /// None if it is switched off, or the system does not have it.
    ways: Option<Ways>,
}

macro_rules! ways {
    ($($name:ident: $module:ident if $on:meta;)*) => {$(
        #[cfg($on)]
        const $name: Option<Ways> = Some(super::$module::WAYS);
        #[cfg(not($on))]
        const $name: Option<Ways> = None;
    )*};
}

ways! {
    TCP: tcp if feature = "tcp";
    HTTP: http if feature = "http-connect";
    WS: ws if feature = "ws";
    REUSEPORT: reuseport if all(
        feature = "reuseport",
        unix,
        not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))
    );
    UNIX: unix if all(feature = "unix", unix);
    QUIC: quic if feature = "_quic";
    KCP: kcp if feature = "kcp";
    MEM: mem if all();
}

/// A network over TCP, with what most of them have in common.
const fn row(network: Network, feature: &'static str, ways: Option<Ways>) -> Row {
    Row {
        network,
        form: Form::HostPort,
        tls: TlsUse::IfAsked,
        handed: None,
        feature,
        ways,
    }
}

#[rustfmt::skip]
pub(super) static NETWORKS: [Row; 11] = [
    Row { handed: Some(Handed::Tcp), ..row(Network::TCP, "tcp", TCP) },
    row(Network::TCP4, "tcp", TCP),
    row(Network::TCP6, "tcp", TCP),
    Row { form: Form::HostPortPath, handed: Some(Handed::Tcp), ..row(Network::HTTP, "http-connect", HTTP) },
    Row { form: Form::HostPortPath, handed: Some(Handed::Tcp), ..row(Network::WS, "ws", WS) },
    Row { form: Form::HostPortPath, handed: Some(Handed::Tcp), tls: TlsUse::Always, ..row(Network::WSS, "ws", WS) },
    row(Network::REUSEPORT, "reuseport", REUSEPORT),
    Row { form: Form::File, handed: Some(Handed::Unix), ..row(Network::UNIX, "unix", UNIX) },
    Row { tls: TlsUse::Always, ..row(Network::QUIC, "quic", QUIC) },
    Row { tls: TlsUse::Never, ..row(Network::KCP, "kcp", KCP) },
    Row { form: Form::Name, tls: TlsUse::Never, ..row(Network::MEM, "", MEM) },
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

/// Whether a network carries TLS; one from outside this crate secures its streams itself.
pub(super) fn tls(network: Network) -> TlsUse {
    find(network).map_or(TlsUse::Never, |row| row.tls)
}

/// What the network of an address can do; `own` is what is to be given for one that is not built in.
///
/// # Errors
/// If it is not built in, switched off, or the system does not have it.
pub(super) fn ways(address: &Address, own: &str) -> Result<&'static Ways, Error> {
    let network = address.network();
    let Some(row) = find(network) else {
        return Err(Error::setup(format!(
            "the network `{network}` is not built in: give its {own} to `{own}`"
        )));
    };
    row.ways.as_ref().ok_or_else(|| {
        if !cfg!(unix) && matches!(network, Network::UNIX | Network::REUSEPORT) {
            return Error::setup(format!(
                "the address `{address}` cannot be used: this system does not have the network"
            ));
        }
        Error::setup(format!(
            "the address `{address}` needs the feature `{}`, which is off",
            row.feature
        ))
    })
}
