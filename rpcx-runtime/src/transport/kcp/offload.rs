//! Many datagrams in one call to the system: Linux cuts what is sent, and joins what is received.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::errno::Errno;
use nix::sys::socket::sockopt::{UdpGroSegment, UdpGsoSegment};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, getsockopt, recvmsg, sendmsg,
    setsockopt,
};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::socket::{Received, send_one};

/// The most that every version of Linux with this takes.
const MOST: usize = 64;

/// What the system does for a socket.
pub(super) struct Offload {
    /// Cuts what is sent. A driver may refuse it later on.
    cuts: AtomicBool,
}

impl Offload {
    /// Asks for all there is. Linux has it since 4.18 and 5.0.
    pub(super) fn new(udp: &UdpSocket) -> Self {
        let _ = setsockopt(udp, UdpGroSegment, &true);
        Self {
            cuts: AtomicBool::new(getsockopt(udp, UdpGsoSegment).is_ok()),
        }
    }

    /// Datagrams that can be sent together.
    pub(super) fn most(&self) -> usize {
        if self.cuts.load(Ordering::Relaxed) {
            MOST
        } else {
            1
        }
    }

    /// Sends `bytes` as datagrams of `size`.
    pub(super) fn send(
        &self,
        udp: &UdpSocket,
        bytes: &[u8],
        size: usize,
        peer: Option<SocketAddr>,
    ) -> io::Result<()> {
        let segment = u16::try_from(size).map_err(io::Error::other)?;
        let peer_address = peer.map(SockaddrStorage::from);
        let sent = udp.try_io(Interest::WRITABLE, || {
            let (bytes, cut) = (
                [IoSlice::new(bytes)],
                [ControlMessage::UdpGsoSegments(&segment)],
            );
            let flags = MsgFlags::MSG_DONTWAIT;
            let sent = sendmsg(udp.as_raw_fd(), &bytes, &cut, flags, peer_address.as_ref());
            Ok(sent?)
        });
        match sent {
            Err(error) if refuses_to_cut(&error) => {
                self.cuts.store(false, Ordering::Relaxed);
                let mut each = bytes.chunks(size);
                each.try_for_each(|datagram| send_one(udp, datagram, peer))
            }
            sent => sent.map(|_| ()),
        }
    }

    /// Receives what one peer has sent, as much as fits.
    pub(super) fn receive(&self, udp: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
        udp.try_io(Interest::READABLE, || {
            let mut control = nix::cmsg_space!(i32);
            let mut into = [IoSliceMut::new(buffer)];
            let flags = MsgFlags::MSG_DONTWAIT;
            let socket = udp.as_raw_fd();
            let message = recvmsg::<SockaddrStorage>(socket, &mut into, Some(&mut control), flags)?;
            let size = message.cmsgs()?.find_map(|control| match control {
                ControlMessageOwned::UdpGroSegments(size) => usize::try_from(size).ok(),
                _ => None,
            });
            Ok(Received {
                length: message.bytes,
                size: size.unwrap_or(message.bytes),
                peer: message.address.as_ref().and_then(socket_address),
            })
        })
    }
}

/// What a driver says that cannot do it, or a route on which datagrams of this size do not pass whole.
fn refuses_to_cut(error: &io::Error) -> bool {
    let refusals = [
        Errno::EIO,
        Errno::EINVAL,
        Errno::EMSGSIZE,
        Errno::ENOPROTOOPT,
    ];
    refusals
        .iter()
        .any(|errno| error.raw_os_error() == Some(*errno as i32))
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address
        .as_sockaddr_in()
        .map(|v4| SocketAddr::V4((*v4).into()));
    v4.or_else(|| {
        address
            .as_sockaddr_in6()
            .map(|v6| SocketAddr::V6((*v6).into()))
    })
}
