//! `reuseport@host:port`: TCP on a port that several listeners share, in one process or in several
//! of the same user. The system spreads new connections over them.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

use super::{Address, Listen, ListenOptions, tcp};
use crate::error::Error;

/// Connections that wait to be accepted; the system may have a lower limit.
const BACKLOG: u32 = 1024;

pub(super) async fn listen(
    address: &Address,
    options: &ListenOptions,
) -> Result<Box<dyn Listen>, Error> {
    tcp::listen_by(address, options, async |candidates| bind_any(&candidates)).await
}

/// Binds the first of them that can be bound.
fn bind_any(candidates: &[SocketAddr]) -> io::Result<TcpListener> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for candidate in candidates {
        match bind(*candidate) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // What closed connections leave behind must not keep a new server from its port.
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
