//! Where a server listens, a client connects or a peer is: `network@location`, as in registries.
//!
//! Below every layer, because contexts, transports and channels all name addresses. How a text is
//! read, and which networks there are, is in `transport`.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;

use crate::error::Error;

/// The name of a network: what stands before the `@` of an [`Address`].
///
/// The networks of this crate are the constants below; `Network::from_str` knows their names. A
/// network from outside this crate is made with [`Network::custom`].
///
/// ```
/// use rpcx::transport::Network;
///
/// assert_eq!("quic".parse(), Ok(Network::QUIC));
/// assert_eq!(Network::UNIX.to_string(), "unix");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(&'static str);

impl Network {
    /// A network from outside this crate, by its name.
    pub const fn custom(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network({})", self.0)
    }
}

/// Where a server listens, a client connects or a peer is: a network and a location on it.
///
/// Wherever an address is asked for, a text will do, and so will an `Address` or a reference to one.
///
/// ```
/// use rpcx::transport::{Address, Network};
///
/// let address: Address = "tcp@127.0.0.1:8972".parse().unwrap();
/// assert_eq!(address.network(), Network::TCP);
/// assert_eq!(address.location(), "127.0.0.1:8972");
/// assert_eq!(address.socket_addr().unwrap().port(), 8972);
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
    /// use rpcx::transport::Address;
    ///
    /// assert_eq!(Address::custom("serial", "/dev/ttyS0").to_string(), "serial@/dev/ttyS0");
    /// ```
    pub fn custom(network: &'static str, location: impl Into<String>) -> Self {
        Self::new(Network::custom(network), location)
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

    /// IP address and port, if the location names them in figures: always for the peers of the
    /// networks over TCP and UDP, never for those of `unix` and `mem`.
    ///
    /// ```
    /// use rpcx::transport::Address;
    ///
    /// let socket_addr = |text: &str| text.parse::<Address>().unwrap().socket_addr();
    /// assert_eq!(socket_addr("kcp@[::1]:80"), Some(([0, 0, 0, 0, 0, 0, 0, 1], 80).into()));
    /// assert_eq!(socket_addr("ws@127.0.0.1:80/calls"), Some(([127, 0, 0, 1], 80).into()));
    /// assert_eq!(socket_addr("tcp@localhost:80"), None);
    /// assert_eq!(socket_addr("unix@/run/arith.sock"), None);
    /// ```
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        let end = self.location.find('/').unwrap_or(self.location.len());
        self.location[..end].parse().ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.network, self.location)
    }
}

/// An address, or the name of a network, that cannot be used, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    /// What was given.
    text: String,
    reason: String,
}

impl AddressError {
    pub(crate) fn new(text: &str, reason: impl Into<String>) -> Self {
        let (text, reason) = (text.to_owned(), reason.into());
        Self { text, reason }
    }

    /// The text that could not be read.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, reason } = self;
        // Line ends and the like would break the log that the error is written to.
        write!(f, "the address `{}` {reason}", text.escape_debug())
    }
}

impl std::error::Error for AddressError {}

impl TryFrom<&str> for Address {
    type Error = AddressError;

    fn try_from(text: &str) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl TryFrom<&String> for Address {
    type Error = AddressError;

    fn try_from(text: &String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<&Self> for Address {
    fn from(address: &Self) -> Self {
        address.clone()
    }
}

impl From<AddressError> for Error {
    /// An error of the kind [`Setup`](crate::ErrorKind::Setup), with the `AddressError` as its
    /// source.
    fn from(error: AddressError) -> Self {
        Self::setup(error.to_string()).with_source(error)
    }
}

impl From<Infallible> for Error {
    /// What makes an [`Address`] of an `Address` has no error.
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
