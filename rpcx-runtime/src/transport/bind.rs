//! Sockets of servers. Options whose defaults differ between systems are set explicitly.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

/// Binds the first of these addresses that the system has. One that is in use, or that may not be
/// had, is an error even if another one is free: the server would be there for half of its clients.
pub(super) fn first<T>(
    candidates: &[SocketAddr],
    mut bind: impl FnMut(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut last = io::Error::other("the host has no address");
    for candidate in candidates {
        match bind(*candidate) {
            Err(error) if is_for_others_too(&error) => return Err(error),
            Err(error) => last = error,
            bound => return bound,
        }
    }
    Err(last)
}

fn is_for_others_too(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied
    )
}

/// A TCP socket that is to be bound to `address`. If it is IPv6 it takes IPv4 in, unless `only_v6`
/// says otherwise.
#[cfg(feature = "tcp")]
pub(super) fn tcp(address: SocketAddr, only_v6: bool) -> io::Result<Socket> {
    let socket = socket(address, (Type::STREAM, Protocol::TCP), only_v6)?;
    // What closed connections leave behind must not keep a new server from its port. On Windows it
    // means that two servers may have the same one.
    if cfg!(not(windows)) {
        socket.set_reuse_address(true)?;
    }
    Ok(socket)
}

/// A UDP socket that is bound to `address`; if that is IPv6, IPv4 comes in too.
#[cfg(any(feature = "_quic", feature = "kcp"))]
pub(super) fn udp(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
    let socket = socket(address, (Type::DGRAM, Protocol::UDP), false)?;
    socket.bind(&address.into())?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn socket(address: SocketAddr, kind: (Type, Protocol), only_v6: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind.0, Some(kind.1))?;
    if address.is_ipv6() {
        match socket.set_only_v6(only_v6) {
            // Some systems have no sockets for both.
            Err(_) if !only_v6 => {}
            said => said?,
        }
    }
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn without_ipv6_there_is_ipv4() {
        let every = ["[::]:1", "0.0.0.0:1"].map(|address| address.parse().unwrap());
        let without_v6 = |error: ErrorKind| {
            first(&every, |candidate| match candidate.is_ipv6() {
                true => Err(io::Error::from(error)),
                false => Ok(candidate),
            })
        };
        assert_eq!(without_v6(ErrorKind::Unsupported).unwrap(), every[1]);
        assert_eq!(without_v6(ErrorKind::AddrNotAvailable).unwrap(), every[1]);
        let in_use = without_v6(ErrorKind::AddrInUse).unwrap_err();
        assert_eq!(in_use.kind(), ErrorKind::AddrInUse);
        let none = first(&every, |candidate| {
            Err::<(), _>(io::Error::other(candidate.to_string()))
        });
        assert_eq!(none.unwrap_err().to_string(), "0.0.0.0:1");
    }
}
