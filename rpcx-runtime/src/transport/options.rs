//! How to listen and to connect, beyond the address.

use super::headers::Header;
use super::kcp::Kcp;
use super::quic::Quic;
use super::tls::{ClientTls, Tls};
use super::{Address, Network, networks};
use crate::error::Error;

/// What a listener does beyond its address: for
/// [`ServerBuilder::listen_with`](crate::server::ServerBuilder::listen_with).
///
/// An option that the network of the address cannot honour is an error when it is bound, never
/// ignored.
#[derive(Clone, Debug, Default)]
pub struct ListenOptions {
    pub(super) security: Security<Tls>,
    pub(super) path: Option<String>,
    pub(super) origins: Option<Vec<String>>,
    pub(super) unix_mode: Option<u32>,
    pub(super) kcp: Option<Box<Kcp>>,
    pub(super) quic: Option<Quic>,
}

#[derive(Clone, Debug, Default)]
pub(super) enum Security<T> {
    /// As the server or the channel says; what the network has by itself if they say nothing.
    #[default]
    Inherited,
    Plaintext,
    Tls(T),
}

impl<T: Clone> Security<T> {
    fn inherit(&mut self, from: Option<&T>) {
        if let (Self::Inherited, Some(tls)) = (&self, from) {
            *self = Self::Tls(T::clone(tls));
        }
    }

    fn tls(&self) -> Option<&T> {
        match self {
            Self::Tls(tls) => Some(tls),
            Self::Inherited | Self::Plaintext => None,
        }
    }
}

impl ListenOptions {
    /// Nothing special: the server's TLS setting, the path `/_rpcx_`, the same origin only.
    pub fn new() -> Self {
        Self::default()
    }

    /// No TLS here, whatever the rest of the server does. This is what a listener that is not built
    /// in says too, be it plain or be it that it secures its streams itself: the server cannot.
    #[must_use]
    pub fn plaintext(mut self) -> Self {
        self.security = Security::Plaintext;
        self
    }

    /// The path on the networks `http`, `ws` and `wss`, for an address that does not name another.
    /// Default: `/_rpcx_` as in Go.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The pages of other hosts that may connect by `ws` and `wss`, each as a browser names it:
    /// `https://example.org`; `*` stands for every page. Default: none. Pages of the same host may
    /// always connect, and clients that name no origin, which are no browsers.
    ///
    /// For a browser's connection to a loopback address only `localhost`, names below it and IP
    /// addresses are the same host: every other name may have been pointed there by a stranger. So
    /// behind a reverse proxy on the same machine the pages have to be listed.
    #[must_use]
    pub fn origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// The permissions of the file of a `unix` socket, such as `0o660`, from its first moment on. A
    /// name without a file cannot have them. Default: as the process's umask has it.
    #[must_use]
    pub fn unix_mode(mut self, mode: u32) -> Self {
        self.unix_mode = Some(mode);
        self
    }

    /// TLS as `server` has it, unless this listener has said otherwise.
    pub(crate) fn inherit(mut self, server: Option<&Tls>) -> Self {
        self.security.inherit(server);
        self
    }

    pub(super) fn chosen_tls(&self) -> Option<&Tls> {
        self.security.tls()
    }

    /// Refuses what `address` cannot honour.
    pub(super) fn check(&self, address: &Address) -> Result<(), Error> {
        check_path(address, self.path.as_deref())?;
        let who = format!("the address `{address}` cannot");
        obey(&LISTEN, self, address, &who)
    }

    /// Refuses everything but [`plaintext`](Self::plaintext): a listener that is not built in does
    /// not see its options.
    pub(crate) fn check_custom(&self, address: &Address) -> Result<(), Error> {
        let who = format!("the listener of `{address}`, which is not built in, cannot");
        if self.chosen_tls().is_some() {
            return Err(Error::setup(format!(
                "{who} honour the server's TLS: if it is to be plain, or secures its streams itself, say so with \
                 `listener_with(listener, ListenOptions::new().plaintext())`"
            )));
        }
        obey(&LISTEN, self, &Address::custom("custom", ""), &who)
    }
}

/// How a connection is opened beyond its address: for
/// [`ChannelBuilder::connect_options`](crate::client::ChannelBuilder::connect_options) and
/// [`ChannelBuilder::address_with`](crate::client::ChannelBuilder::address_with).
///
/// An option that the address cannot honour is an error, never ignored. In a list of addresses TLS
/// is for every one, and each other option for those that can honour it, which must be one at least.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    pub(super) security: Security<ClientTls>,
    pub(super) path: Option<String>,
    pub(super) origin: Origin,
    pub(super) headers: Vec<Header>,
    pub(super) kcp: Option<Box<Kcp>>,
    pub(super) quic: Option<Quic>,
}

/// What a client says of where it comes from.
#[derive(Clone, Debug, Default)]
pub(super) enum Origin {
    /// The host that it connects to.
    #[default]
    Same,
    Named(String),
    Unnamed,
}

impl ConnectOptions {
    /// Nothing special: the channel's TLS setting, without one no TLS but on `wss` and `quic`, and the
    /// path `/_rpcx_`.
    pub fn new() -> Self {
        Self::default()
    }

    /// No TLS here, whatever the rest of the channel does. On `wss` and `quic`, which have no plain
    /// text, that is an error.
    #[must_use]
    pub fn plaintext(mut self) -> Self {
        self.security = Security::Plaintext;
        self
    }

    /// The path on the networks `http`, `ws` and `wss`, for addresses that do not name another.
    /// Default: `/_rpcx_` as in Go.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The origin that is named on the networks `ws` and `wss`. Default: `http://` or `https://` with
    /// host and port of the address.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Origin::Named(origin.into());
        self
    }

    /// Names no origin on the networks `ws` and `wss`, as a program that is no browser. Go servers
    /// refuse that. A server of this crate lets such a client in where it refuses one that seems to
    /// be a page of another host, as behind a proxy that changes the host.
    #[must_use]
    pub fn no_origin(mut self) -> Self {
        self.origin = Origin::Unnamed;
        self
    }

    /// Adds a header to the handshake of the networks `http`, `ws` and `wss`: for gateways and proxies
    /// that ask for a token or the like. May be given several times. The server at the end does not
    /// look at it, and without TLS everybody on the way can read it.
    ///
    /// Names that the handshake itself decides on are errors when the channel is built, such as
    /// `Connection`, `Content-Length`, and `Host` and `Origin` of a WebSocket; so are values that are
    /// not one line of printable ASCII.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push(Header::new(name.into(), value.into()));
        self
    }

    /// TLS as the channel has it, unless this address has said otherwise.
    pub(crate) fn inherit(mut self, channel: Option<&ClientTls>) -> Self {
        self.security.inherit(channel);
        self
    }

    pub(super) fn chosen_tls(&self) -> Option<&ClientTls> {
        self.security.tls()
    }

    /// Refuses what every address has to honour, and `address` cannot.
    pub(super) fn check(&self, address: &Address) -> Result<(), Error> {
        check_path(address, self.path.as_deref())?;
        let who = format!("the address `{address}` cannot");
        obey(&SECURITY, self, address, &who)
    }

    /// Refuses an option that none of the addresses can honour.
    pub(crate) fn check_list(&self, addresses: &[Address]) -> Result<(), Error> {
        let nobody = [Address::custom("custom", "")];
        let asked = if addresses.is_empty() {
            &nobody
        } else {
            addresses
        };
        let in_vain = |rule: &&Rule<Self>| asked.iter().all(|one| (rule.in_vain)(self, one));
        let Some(rule) = CONNECT.iter().find(in_vain) else {
            return Ok(());
        };
        let names: Vec<_> = addresses.iter().map(|one| format!("`{one}`")).collect();
        let who = match &names[..] {
            [] => "each address has options of its own, so that none can".to_owned(),
            [one] => format!("the address {one} cannot"),
            all => format!("none of the addresses {} can", all.join(", ")),
        };
        Err(rule.broken_by(&who))
    }

    /// Refuses everything: a connector that is not built in does not see its options.
    pub(crate) fn check_custom(&self, name: &str) -> Result<(), Error> {
        let custom = Address::custom("custom", name);
        let who = format!("the connector `{name}`, which is not built in, cannot");
        obey(SECURITY.iter().chain(&CONNECT), self, &custom, &who)
    }
}

#[cfg(feature = "_tls")]
impl ListenOptions {
    /// TLS with this certificate.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.security = Security::Tls(tls);
        self
    }
}

#[cfg(feature = "_tls")]
impl ConnectOptions {
    /// TLS with these roots, in place of the channel's.
    #[must_use]
    pub fn tls(mut self, tls: ClientTls) -> Self {
        self.security = Security::Tls(tls);
        self
    }
}

/// Which addresses can honour an option.
struct Rule<O> {
    /// The option as errors name it.
    what: &'static str,
    /// Who can honour it.
    whose: &'static str,
    /// Whether it was given for an address that cannot.
    in_vain: fn(&O, &Address) -> bool,
}

impl<O> Rule<O> {
    /// `who` ends with what it is that they can do, or cannot.
    fn broken_by(&self, who: &str) -> Error {
        let Self { what, whose, .. } = self;
        Error::setup(format!("{who} honour {what}, which is for {whose}"))
    }
}

/// Refuses an option that `address` cannot honour; `who` says that it cannot.
fn obey<'r, O: 'r>(
    rules: impl IntoIterator<Item = &'r Rule<O>>,
    options: &O,
    address: &Address,
    who: &str,
) -> Result<(), Error> {
    let mut rules = rules.into_iter();
    match rules.find(|rule| (rule.in_vain)(options, address)) {
        Some(rule) => Err(rule.broken_by(who)),
        None => Ok(()),
    }
}

const TLS: &str = "TLS";
const CARRY_TLS: &str = "networks that carry it";
const PATH: &str = "the option `path`";
const HAVE_PATH: &str = "http, ws and wss, where the address names no other path";
const WS: &str = "ws and wss";
const KCP: &str = "the option `kcp`";
const QUIC: &str = "the option `quic`";

const LISTEN: [Rule<ListenOptions>; 6] = [
    Rule {
        what: TLS,
        whose: CARRY_TLS,
        in_vain: |options, address| options.chosen_tls().is_some() && !carries_tls(address),
    },
    Rule {
        what: PATH,
        whose: HAVE_PATH,
        in_vain: |options, address| !takes_path(address, options.path.as_deref()),
    },
    Rule {
        what: "the option `origins`",
        whose: WS,
        in_vain: |options, address| options.origins.is_some() && !is_ws(address),
    },
    Rule {
        what: KCP,
        whose: "kcp",
        in_vain: |options, address| options.kcp.is_some() && !is_kcp(address),
    },
    Rule {
        what: QUIC,
        whose: "quic",
        in_vain: |options, address| options.quic.is_some() && !is_quic(address),
    },
    Rule {
        what: "the option `unix_mode`",
        whose: "unix",
        in_vain: |options, address| {
            options.unix_mode.is_some() && address.network() != Network::UNIX
        },
    },
];

/// Those that every address needs.
const SECURITY: [Rule<ConnectOptions>; 2] = [
    Rule {
        what: TLS,
        whose: CARRY_TLS,
        in_vain: |options, address| options.chosen_tls().is_some() && !carries_tls(address),
    },
    Rule {
        what: "the option `plaintext`",
        whose: "networks that have plain text",
        in_vain: |options, address| {
            matches!(options.security, Security::Plaintext) && needs_tls(address)
        },
    },
];

/// Those that need one address only.
const CONNECT: [Rule<ConnectOptions>; 6] = [
    Rule {
        what: PATH,
        whose: HAVE_PATH,
        in_vain: |options, address| !takes_path(address, options.path.as_deref()),
    },
    Rule {
        what: "the option `origin`",
        whose: WS,
        in_vain: |options, address| matches!(options.origin, Origin::Named(_)) && !is_ws(address),
    },
    Rule {
        what: "the option `no_origin`",
        whose: WS,
        in_vain: |options, address| matches!(options.origin, Origin::Unnamed) && !is_ws(address),
    },
    Rule {
        what: "the option `header`",
        whose: "http, ws and wss",
        in_vain: |options, address| !options.headers.is_empty() && !is_http(address),
    },
    Rule {
        what: KCP,
        whose: "kcp",
        in_vain: |options, address| options.kcp.is_some() && !is_kcp(address),
    },
    Rule {
        what: QUIC,
        whose: "quic",
        in_vain: |options, address| options.quic.is_some() && !is_quic(address),
    },
];

fn check_path(address: &Address, path: Option<&str>) -> Result<(), Error> {
    let Some(path) = path else { return Ok(()) };
    if path.starts_with('/') && path.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Error::setup(format!(
        "the path `{}` for the address `{address}` must begin with `/`, and what is not printable ASCII must be percent-encoded",
        path.escape_debug()
    )))
}

fn carries_tls(address: &Address) -> bool {
    match address.network() {
        Network::KCP | Network::MEM => false,
        // One from outside secures its streams itself.
        network => networks::find(network).is_some(),
    }
}

fn needs_tls(address: &Address) -> bool {
    matches!(address.network(), Network::QUIC | Network::WSS)
}

/// Whether the path of the option, if there is one, is that of the address.
fn takes_path(address: &Address, option: Option<&str>) -> bool {
    let Some(path) = option else { return true };
    let has_path = matches!(
        address.network(),
        Network::HTTP | Network::WS | Network::WSS
    );
    has_path && address.path().is_none_or(|own| own == path)
}

/// Whether an HTTP head opens the connection.
fn is_http(address: &Address) -> bool {
    address.network() == Network::HTTP || is_ws(address)
}

fn is_ws(address: &Address) -> bool {
    matches!(address.network(), Network::WS | Network::WSS)
}

fn is_quic(address: &Address) -> bool {
    address.network() == Network::QUIC
}

fn is_kcp(address: &Address) -> bool {
    address.network() == Network::KCP
}
