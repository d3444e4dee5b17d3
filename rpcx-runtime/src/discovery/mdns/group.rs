//! The group to which everything of multicast DNS is sent.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket as Plain};

use hickory_proto::op::Message;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::UdpSocket;

use crate::error::{Error, Result};

const PORT: u16 = 5353;
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);

/// The most that a message of multicast DNS can have.
const LARGEST: usize = 9000;

/// Hops are counted down from here: what comes from elsewhere than the local network has fewer.
const HOPS: u32 = 255;

/// A member of the group, on some interfaces.
pub(super) struct Group {
    socket: UdpSocket,
    interfaces: Vec<Ipv4Addr>,
    buffer: Vec<u8>,
}

impl Group {
    /// On the interfaces with these addresses; on the one that the system chooses if there are none.
    pub(super) fn join(interfaces: &[Ipv4Addr]) -> Result<Self> {
        let interfaces = match interfaces {
            [] => vec![Ipv4Addr::UNSPECIFIED],
            named => named.to_vec(),
        };
        let socket = bind(&interfaces).map_err(|error| {
            let text = format!("cannot join the group of multicast DNS on {interfaces:?}: {error}");
            Error::setup(text).with_source(error)
        })?;
        Ok(Self {
            socket,
            interfaces,
            buffer: vec![0; LARGEST],
        })
    }

    /// The next message of a member. May be dropped and called again.
    pub(super) async fn receive(&mut self) -> Result<Message> {
        loop {
            let received = self.socket.recv_from(&mut self.buffer).await;
            let (length, from) = received.map_err(|error| failed("receive", error))?;
            // From other ports come one-shot questions, and answers of programs that are none of the group.
            if from.port() == PORT
                && let Ok(message) = Message::from_vec(&self.buffer[..length])
            {
                return Ok(message);
            }
        }
    }

    /// Sends it on all interfaces. An error if that fails on all of them.
    pub(super) async fn send(&self, message: &Message) -> Result<()> {
        let bytes = message
            .to_vec()
            .map_err(|error| failed("send", io::Error::other(error)))?;
        let mut outcome = Ok(());
        let mut sent = false;
        for interface in &self.interfaces {
            SockRef::from(&self.socket)
                .set_multicast_if_v4(interface)
                .map_err(|error| failed("send", error))?;
            match self
                .socket
                .send_to(&bytes, SocketAddrV4::new(GROUP, PORT))
                .await
            {
                Ok(_) => sent = true,
                Err(error) => outcome = Err(failed("send", error)),
            }
        }
        if sent { Ok(()) } else { outcome }
    }

    /// The addresses of this side.
    pub(super) fn addresses(&self) -> Vec<Ipv4Addr> {
        let own = |interface: &Ipv4Addr| match interface.is_unspecified() {
            true => chosen().ok(),
            false => Some(*interface),
        };
        self.interfaces.iter().filter_map(own).collect()
    }
}

/// Other programs of this machine have the same port.
fn bind(interfaces: &[Ipv4Addr]) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(all(unix, not(target_os = "linux")))]
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)).into())?;
    for interface in interfaces {
        socket.join_multicast_v4(&GROUP, interface)?;
    }
    socket.set_multicast_loop_v4(true)?;
    socket.set_multicast_ttl_v4(HOPS)?;
    UdpSocket::from_std(socket.into())
}

/// The address from which the system would send. Nothing is sent.
fn chosen() -> io::Result<Ipv4Addr> {
    let socket = Plain::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect((GROUP, PORT))?;
    match socket.local_addr()? {
        SocketAddr::V4(address) => Ok(*address.ip()),
        SocketAddr::V6(_) => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}

fn failed(what: &str, error: io::Error) -> Error {
    Error::setup(format!("cannot {what} by multicast DNS: {error}")).with_source(error)
}
