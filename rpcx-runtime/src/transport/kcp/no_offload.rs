//! One datagram in one call to the system, where it is not known to do more.

use std::io;
use std::net::SocketAddr;

use tokio::net::UdpSocket;

use super::socket::{Received, send_one};

pub(super) struct Offload;

impl Offload {
    pub(super) fn new(_: &UdpSocket) -> Self {
        Self
    }

    /// Datagrams that can be sent together.
    pub(super) fn most(&self) -> usize {
        1
    }

    /// Sends `bytes` as datagrams of `size`.
    pub(super) fn send(
        &self,
        udp: &UdpSocket,
        bytes: &[u8],
        size: usize,
        peer: Option<SocketAddr>,
    ) -> io::Result<()> {
        let mut each = bytes.chunks(size);
        each.try_for_each(|datagram| send_one(udp, datagram, peer))
    }

    pub(super) fn receive(&self, udp: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
        // A connected socket knows the address too.
        let (length, peer) = udp.try_recv_from(buffer)?;
        Ok(Received {
            length,
            size: length,
            peer: Some(peer),
        })
    }
}
