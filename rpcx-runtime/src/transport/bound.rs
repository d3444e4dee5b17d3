//! Sockets that somebody else has bound.

use std::io;
use std::net::TcpListener;
#[cfg(unix)]
use std::os::unix::net::UnixListener;

#[cfg(unix)]
use super::unix;
use super::{Address, Listen, ListenOptions, Network, tcp};
use crate::error::Error;

/// A socket that listens already, made of one of the standard library: what systemd or a parent
/// process hands over, or what a program has bound in its own way. For
/// [`ServerBuilder::listen_on`](crate::server::ServerBuilder::listen_on).
#[derive(Debug)]
pub struct BoundSocket(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl From<TcpListener> for BoundSocket {
    /// For the networks `tcp`, `http`, `ws` and `wss`.
    fn from(socket: TcpListener) -> Self {
        Self(Kind::Tcp(socket))
    }
}

#[cfg(unix)]
impl From<UnixListener> for BoundSocket {
    /// For the network `unix`. Its file stays when the server ends: it is not the server's.
    fn from(socket: UnixListener) -> Self {
        Self(Kind::Unix(socket))
    }
}

impl BoundSocket {
    /// Where it listens: on `network`, which has to be one that is spoken over such a socket.
    ///
    /// # Errors
    /// It is not, or the system does not say where the socket is.
    pub(crate) fn address(&self, network: &str) -> Result<Address, Error> {
        let location = self.location().map_err(|error| {
            Error::setup(format!(
                "cannot listen on the socket for {network}: {error}"
            ))
        })?;
        let address: Address = format!("{network}@{location}").parse()?;
        let (fits, expected) = match self.0 {
            Kind::Tcp(_) => (over_tcp(address.network()), "tcp, http, ws or wss"),
            #[cfg(unix)]
            Kind::Unix(_) => (address.network() == Network::UNIX, "unix"),
        };
        match fits {
            true => Ok(address),
            false => Err(Error::setup(format!(
                "the socket at {} is for {expected}, not for `{network}`",
                address.location()
            ))),
        }
    }

    fn location(&self) -> io::Result<String> {
        match &self.0 {
            Kind::Tcp(socket) => Ok(socket.local_addr()?.to_string()),
            #[cfg(unix)]
            Kind::Unix(socket) => unix_location(socket),
        }
    }

    /// Starts to accept; `address` is what [`address`](Self::address) gave.
    pub(crate) fn listen(
        self,
        address: &Address,
        options: &ListenOptions,
    ) -> Result<Box<dyn Listen>, Error> {
        options.check(address)?;
        match self.0 {
            Kind::Tcp(socket) => tcp::listen_on(socket, address, options),
            #[cfg(unix)]
            Kind::Unix(socket) => unix::listen_on(socket, address, options),
        }
    }
}

fn over_tcp(network: Network) -> bool {
    matches!(
        network,
        Network::TCP | Network::HTTP | Network::WS | Network::WSS
    )
}

#[cfg(unix)]
fn unix_location(socket: &UnixListener) -> io::Result<String> {
    let address = socket.local_addr()?;
    if let Some(path) = address.as_pathname() {
        return match path.to_str() {
            Some(path) => Ok(path.to_owned()),
            None => Err(io::Error::other("its path is not UTF-8")),
        };
    }
    match abstract_name(&address) {
        Some(name) => Ok(format!("@{name}")),
        None => Err(io::Error::other("it has no name")),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_name(address: &std::os::unix::net::SocketAddr) -> Option<String> {
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;
    String::from_utf8(address.as_abstract_name()?.to_vec()).ok()
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn abstract_name(_: &std::os::unix::net::SocketAddr) -> Option<String> {
    None
}
