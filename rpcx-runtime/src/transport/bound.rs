//! Sockets that are bound already.

use std::io;
use std::net::TcpListener;
#[cfg(unix)]
use std::os::unix::net::UnixListener;

use super::cause::cannot_listen;
use super::networks::{self, Handed};
use super::{Address, Listen, ListenOptions};
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
        let location = self
            .location()
            .map_err(|error| cannot_listen(format_args!("the socket for {network}"))(error))?;
        let address: Address = format!("{network}@{location}").parse()?;
        let own = match self.0 {
            Kind::Tcp(_) => Handed::Tcp,
            #[cfg(unix)]
            Kind::Unix(_) => Handed::Unix,
        };
        let mut spoken = networks::NETWORKS
            .iter()
            .filter(|row| row.handed == Some(own));
        if spoken.any(|row| row.network == address.network()) {
            return Ok(address);
        }
        let spoken = networks::NETWORKS
            .iter()
            .filter(|row| row.handed == Some(own));
        let names: Vec<_> = spoken.map(|row| row.network.as_str()).collect();
        Err(Error::setup(format!(
            "the socket at {} is for {}, not for `{network}`",
            address.location(),
            names.join(", ")
        )))
    }
}

#[cfg(feature = "tcp")]
impl BoundSocket {
    /// The socket for the networks over TCP.
    pub(super) fn into_tcp(self) -> Result<TcpListener, Error> {
        match self.0 {
            Kind::Tcp(socket) => Ok(socket),
            #[cfg(unix)]
            Kind::Unix(_) => Err(Error::setup("a socket of Unix is not one of TCP")),
        }
    }
}

#[cfg(all(feature = "unix", unix))]
impl BoundSocket {
    /// The socket for the network `unix`.
    pub(super) fn into_unix(self) -> Result<UnixListener, Error> {
        match self.0 {
            Kind::Unix(socket) => Ok(socket),
            Kind::Tcp(_) => Err(Error::setup("a socket of TCP is not one of Unix")),
        }
    }
}

impl BoundSocket {
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
        let ways = networks::ways(address, "listener")?;
        match ways.listen_on {
            Some(listen_on) => listen_on(self, address, options),
            None => Err(Error::setup(format!(
                "the network `{}` cannot be given a socket",
                address.network()
            ))),
        }
    }
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
