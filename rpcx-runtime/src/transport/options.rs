//! How to listen and to connect, beyond the address.

use super::Address;
use super::networks::{self, TlsUse};
use super::own::Own;
use super::tls::{ClientTls, Tls};
use crate::error::Error;

/// What a listener does beyond its address: for
/// [`ServerBuilder::listen_with`](crate::server::ServerBuilder::listen_with).
///
/// An option that the network of the address cannot honour is an error when it is bound, never
/// ignored.
#[derive(Clone, Debug, Default)]
pub struct ListenOptions {
    pub(super) security: Security<Tls>,
    /// What is for some networks only, which put their setters here.
    pub(super) own: Own,
    /// HTTP is spoken on the same port.
    pub(super) beside_http: bool,
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

    /// No TLS here, whatever the rest of the server does. A listener that is not built in says it too,
    /// whether it is plain or does its own TLS: the server cannot put TLS on it.
    #[must_use]
    pub fn plaintext(mut self) -> Self {
        self.security = Security::Plaintext;
        self
    }

    /// TLS as `server` has it, unless this listener has said otherwise.
    pub(crate) fn inherit(mut self, server: Option<&Tls>) -> Self {
        self.security.inherit(server);
        self
    }

    /// Says that HTTP is spoken on the same port, which TLS then offers by name.
    pub(crate) fn beside_http(mut self, beside: bool) -> Self {
        self.beside_http = beside;
        self
    }

    pub(super) fn chosen_tls(&self) -> Option<&Tls> {
        self.security.tls()
    }

    /// Refuses what `address` cannot honour.
    pub(super) fn check(&self, address: &Address) -> Result<(), Error> {
        self.own.check(address)?;
        let who = format!("the address `{address}` cannot");
        if self.chosen_tls().is_some() {
            carries_tls(address, &who)?;
        }
        honoured(&self.own, std::slice::from_ref(address), &who)
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
        honoured(&self.own, &[Address::custom("custom", "")], &who)
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
    /// What is for some networks only, which put their setters here.
    pub(super) own: Own,
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
        self.own.check(address)?;
        self.check_security(address, &format!("the address `{address}` cannot"))
    }

    fn check_security(&self, address: &Address, who: &str) -> Result<(), Error> {
        let always = networks::tls(address.network()) == TlsUse::Always;
        match self.security {
            Security::Tls(_) => carries_tls(address, who),
            Security::Plaintext if always => {
                let whose = "networks that have plain text";
                Err(in_vain("the option `plaintext`", whose, who))
            }
            Security::Plaintext | Security::Inherited => Ok(()),
        }
    }

    /// Refuses an option that none of the addresses can honour.
    pub(crate) fn check_list(&self, addresses: &[Address]) -> Result<(), Error> {
        let names: Vec<_> = addresses.iter().map(|one| format!("`{one}`")).collect();
        let who = match &names[..] {
            [] => "`connect_options` has no address: every one has options of its own, and cannot"
                .to_owned(),
            [one] => format!("the address {one} cannot"),
            all => format!("none of the addresses {} can", all.join(", ")),
        };
        honoured(&self.own, addresses, &who)
    }

    /// Refuses everything: a connector that is not built in does not see its options.
    pub(crate) fn check_custom(&self, name: &str) -> Result<(), Error> {
        let custom = Address::custom("custom", name);
        let who = format!("the connector `{name}`, which is not built in, cannot");
        self.check_security(&custom, &who)?;
        honoured(&self.own, &[custom], &who)
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

/// Refuses an option that none of these addresses can honour; `who` says that they cannot.
fn honoured(own: &Own, addresses: &[Address], who: &str) -> Result<(), Error> {
    match own.in_vain(addresses) {
        Some(option) => Err(in_vain(option.name(), option.whose(), who)),
        None => Ok(()),
    }
}

fn carries_tls(address: &Address, who: &str) -> Result<(), Error> {
    match networks::tls(address.network()) {
        TlsUse::Never => Err(in_vain("TLS", "networks that carry it", who)),
        TlsUse::IfAsked | TlsUse::Always => Ok(()),
    }
}

/// `who` ends with what it is that they can do, or cannot.
fn in_vain(what: &str, whose: &str, who: &str) -> Error {
    Error::setup(format!("{who} honour {what}, which is for {whose}"))
}
