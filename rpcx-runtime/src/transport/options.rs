//! How to listen and to connect, beyond the address.

use super::kcp::Kcp;
use super::quic::Quic;
use super::tls::{ClientTls, Tls};
use super::{Address, Network};
use crate::error::Error;

/// What a listener does beyond its address: for
/// [`ServerBuilder::listen_with`](crate::server::ServerBuilder::listen_with).
///
/// An option that the network of the address cannot honour is an error when it is bound, never
/// ignored.
#[derive(Clone, Debug, Default)]
pub struct ListenOptions {
    pub(super) security: Security,
    pub(super) path: Option<String>,
    pub(super) origins: Option<Vec<String>>,
    pub(super) unix_mode: Option<u32>,
    pub(super) kcp: Option<Box<Kcp>>,
    pub(super) quic: Option<Quic>,
}

#[derive(Clone, Debug, Default)]
pub(super) enum Security {
    /// As the server says; plain text if it says nothing.
    #[default]
    Inherited,
    Plaintext,
    Tls(Tls),
}

impl ListenOptions {
    /// Nothing special: the server's TLS setting, the path `/_rpcx_`, the same origin only.
    pub fn new() -> Self {
        Self::default()
    }

    /// No TLS here, whatever the rest of the server does.
    #[must_use]
    pub fn plaintext(mut self) -> Self {
        self.security = Security::Plaintext;
        self
    }

    /// The path of the networks `http`, `ws` and `wss`. Default: the one in the address, or
    /// `/_rpcx_` as in Go.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The pages that may connect by `ws` and `wss`, each as a browser names it:
    /// `https://example.org`. Default: pages of the same host. Clients that name no origin are no
    /// browsers and may always connect; `*` allows every page.
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
        if let (Security::Inherited, Some(tls)) = (&self.security, server) {
            self.security = Security::Tls(Tls::clone(tls));
        }
        self
    }

    pub(super) fn tls(&self) -> Option<&Tls> {
        match &self.security {
            Security::Tls(tls) => Some(tls),
            Security::Inherited | Security::Plaintext => None,
        }
    }

    /// Refuses what the network of `address` cannot honour.
    pub(super) fn check(&self, address: &Address) -> Result<(), Error> {
        let network = address.network();
        let unfit = [
            (self.tls().is_some() && !carries_tls(network), "TLS"),
            (self.path.is_some() && !has_path(network), "a path"),
            (self.origins.is_some() && !is_ws(network), "origins"),
            (self.kcp.is_some() && network != Network::Kcp, "KCP options"),
            (
                self.quic.is_some() && network != Network::Quic,
                "QUIC options",
            ),
            (
                self.unix_mode.is_some() && network != Network::Unix,
                "a file mode",
            ),
        ];
        refuse(address, &unfit)?;
        check_path(address, self.path.as_deref())
    }
}

/// How a connection is opened beyond its address: for
/// [`ChannelBuilder::connect_options`](crate::client::ChannelBuilder::connect_options).
///
/// An option that the network of the address cannot honour is an error, never ignored.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    pub(super) tls: Option<ClientTls>,
    pub(super) path: Option<String>,
    pub(super) origin: Option<String>,
    pub(super) kcp: Option<Box<Kcp>>,
    pub(super) quic: Option<Quic>,
}

impl ConnectOptions {
    /// Nothing special: no TLS but on `wss` and `quic`, and the path `/_rpcx_`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The path on the networks `http`, `ws` and `wss`; other networks have none. Default: the one
    /// in the address, or `/_rpcx_` as in Go.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The origin that is named on the networks `ws` and `wss`; Go servers want one. Default:
    /// `http://` or `https://` with host and port of the address.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Refuses what the network of `address` cannot honour. Path, origin, KCP and QUIC options are for
    /// the addresses of a list that have them.
    pub(crate) fn check(&self, address: &Address) -> Result<(), Error> {
        let unfit = [(self.tls.is_some() && !carries_tls(address.network()), "TLS")];
        refuse(address, &unfit)?;
        check_path(address, self.path.as_deref())
    }
}

#[cfg(feature = "_tls")]
impl ListenOptions {
    /// TLS with this certificate.
    #[must_use]
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.security = Security::Tls(tls);
        self
    }
}

#[cfg(feature = "_tls")]
impl ConnectOptions {
    /// TLS, with these roots.
    #[must_use]
    pub fn with_tls(mut self, tls: ClientTls) -> Self {
        self.tls = Some(tls);
        self
    }
}

fn refuse(address: &Address, unfit: &[(bool, &str)]) -> Result<(), Error> {
    match unfit.iter().find(|(unfit, _)| *unfit) {
        Some((_, what)) => Err(Error::setup(format!(
            "the address `{address}` cannot have {what}: the network {} does not know it",
            address.network().as_str()
        ))),
        None => Ok(()),
    }
}

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

fn carries_tls(network: Network) -> bool {
    !matches!(network, Network::Kcp | Network::Mem | Network::Custom(_))
}

fn has_path(network: Network) -> bool {
    matches!(network, Network::Http | Network::Ws | Network::Wss)
}

fn is_ws(network: Network) -> bool {
    matches!(network, Network::Ws | Network::Wss)
}
