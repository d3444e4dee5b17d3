//! A socket that takes and gives many datagrams in one call, where the system can do that.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::slice::ChunksMut;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use socket2::SockRef;
use tokio::net::UdpSocket;

use super::counters::{Counters, count};
use super::offload::Offload;
use super::packet::Wire;

/// Room in the socket for a burst of a few hundred packets, as far as the system allows.
const SOCKET_BUFFER: usize = 4 << 20;

/// What one call can give: a datagram of the largest size, or as many as are that long together.
const MOST_RECEIVED: usize = u16::MAX as usize;

/// What one call may take, with room for the headers of IP and UDP.
const MOST_SENT: usize = MOST_RECEIVED - 64;

thread_local! {
    /// Memory for what is received and for what is to be sent, used again by all sessions of a thread.
    static RECEIVED: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static SENT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A socket, the form of its datagrams and what is counted on it: shared by its sessions.
#[derive(Clone)]
pub(super) struct Socket {
    io: Arc<Io>,
    pub(super) wire: Arc<Wire>,
    pub(super) counters: Arc<Counters>,
}

struct Io {
    udp: UdpSocket,
    offload: Offload,
}

/// What one call to the system has brought.
pub(super) struct Received {
    pub(super) length: usize,
    /// Bytes of each datagram; the last may be shorter.
    pub(super) size: usize,
    pub(super) peer: Option<SocketAddr>,
}

impl Socket {
    pub(super) fn new(udp: UdpSocket, wire: Arc<Wire>, counters: &Arc<Counters>) -> Self {
        let options = SockRef::from(&udp);
        // Smaller buffers work as well: what does not fit is sent again.
        let _ = options.set_recv_buffer_size(SOCKET_BUFFER);
        let _ = options.set_send_buffer_size(SOCKET_BUFFER);
        let offload = Offload::new(&udp);
        Self {
            io: Arc::new(Io { udp, offload }),
            wire,
            counters: Arc::clone(counters),
        }
    }

    /// Waits until there may be something to receive.
    pub(super) async fn readable(&self) -> io::Result<()> {
        self.io.udp.readable().await
    }

    /// Gives the next datagrams, those of one peer, to `take`. Says how many there were.
    pub(super) fn receive(
        &self,
        take: impl FnOnce(ChunksMut<'_, u8>, Option<SocketAddr>),
    ) -> io::Result<usize> {
        let mut buffer = RECEIVED.take();
        buffer.resize(MOST_RECEIVED, 0);
        let received = self.io.offload.receive(&self.io.udp, &mut buffer);
        let received = received.map(|Received { length, size, peer }| {
            if length == 0 {
                count(&self.counters.invalid_packets);
                return 1;
            }
            let size = size.clamp(1, length);
            take(buffer[..length].chunks_mut(size), peer);
            length.div_ceil(size)
        });
        RECEIVED.set(buffer);
        received
    }

    /// Whether `batch` can take another datagram that is so long.
    pub(super) fn joins(&self, batch: &Batch, length: usize) -> bool {
        batch.count == 0
            || (batch.count < self.io.offload.most()
                && length <= batch.size
                && batch.bytes.len() == batch.count * batch.size
                && batch.bytes.len() + length <= MOST_SENT)
    }

    /// Sends what is in `batch`, to the peer of the socket if no other is given. What cannot be sent is
    /// a lost packet, whatever the reason, and will be sent again.
    pub(super) fn send(&self, batch: &mut Batch, peer: Option<SocketAddr>) -> io::Result<()> {
        let Io { udp, offload } = &*self.io;
        let sent = match batch.count {
            0 => return Ok(()),
            1 => send_one(udp, &batch.bytes, peer),
            _ => offload.send(udp, &batch.bytes, batch.size, peer),
        };
        if sent.is_err() {
            let unsent = &self.counters.unsent_packets;
            unsent.fetch_add(batch.count as u64, Ordering::Relaxed);
        }
        batch.clear();
        sent
    }
}

pub(super) fn send_one(
    udp: &UdpSocket,
    datagram: &[u8],
    peer: Option<SocketAddr>,
) -> io::Result<()> {
    let sent = match peer {
        Some(peer) => udp.try_send_to(datagram, peer),
        None => udp.try_send(datagram),
    };
    sent.map(|_| ())
}

/// Datagrams that leave together. All are as long as the first, but for the last, which may be shorter.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    size: usize,
    count: usize,
}

impl Batch {
    /// Adds a datagram that [joins](Socket::joins) it.
    pub(super) fn push(&mut self, datagram: &[u8]) {
        if self.count == 0 {
            self.bytes = SENT.take();
            self.size = datagram.len();
        }
        self.bytes.extend_from_slice(datagram);
        self.count += 1;
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
        SENT.set(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket as StdSocket;

    use super::super::Kcp;
    use super::*;

    async fn socket() -> Socket {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        udp.writable().await.unwrap();
        let options = Kcp::plain();
        let wire = Arc::new(Wire::new(&options));
        Socket::new(udp, wire, &options.counters)
    }

    /// Sends datagrams of these lengths, each full of its number, in as few calls as may be.
    fn send_all(socket: &Socket, lengths: &[usize], peer: SocketAddr) -> usize {
        let (mut batch, mut calls) = (Batch::default(), 0);
        for (number, length) in lengths.iter().enumerate() {
            if !socket.joins(&batch, *length) {
                socket.send(&mut batch, Some(peer)).unwrap();
                calls += 1;
            }
            batch.push(&vec![u8::try_from(number).unwrap(); *length]);
        }
        socket.send(&mut batch, Some(peer)).unwrap();
        assert!(socket.send(&mut batch, Some(peer)).is_ok(), "empty");
        calls + 1
    }

    const LENGTHS: [usize; 9] = [1400, 1400, 1400, 30, 24, 1400, 24, 24, 700];

    #[tokio::test]
    async fn each_datagram_arrives_as_it_was_sent() {
        let peer = StdSocket::bind("127.0.0.1:0").unwrap();
        let socket = socket().await;
        let calls = send_all(&socket, &LENGTHS, peer.local_addr().unwrap());
        if cfg!(target_os = "linux") {
            assert_eq!(
                calls, 5,
                "a shorter one ends a batch, a longer one begins one"
            );
        }
        let mut buffer = [0; 2000];
        for (number, length) in LENGTHS.iter().enumerate() {
            assert_eq!(peer.recv(&mut buffer).unwrap(), *length);
            assert!(
                buffer[..*length]
                    .iter()
                    .all(|byte| usize::from(*byte) == number)
            );
        }
    }

    #[tokio::test]
    async fn datagrams_that_arrive_together_are_told_apart() {
        let (from, to) = (socket().await, socket().await);
        let peer = to.io.udp.local_addr().unwrap();
        send_all(&from, &LENGTHS, peer);
        let mut arrived = Vec::new();
        while arrived.len() < LENGTHS.len() {
            to.readable().await.unwrap();
            let took = to.receive(|datagrams, sender| {
                assert_eq!(sender, Some(from.io.udp.local_addr().unwrap()));
                arrived.extend(datagrams.map(|datagram| datagram.to_vec()));
            });
            assert!(took.is_ok_and(|took| took > 0) || arrived.len() < LENGTHS.len());
        }
        for (number, (length, datagram)) in LENGTHS.iter().zip(&arrived).enumerate() {
            assert_eq!(*datagram, vec![u8::try_from(number).unwrap(); *length]);
        }
    }

    #[tokio::test]
    async fn an_empty_datagram_is_invalid_and_no_more() {
        let peer = StdSocket::bind("127.0.0.1:0").unwrap();
        let socket = socket().await;
        peer.send_to(b"", socket.io.udp.local_addr().unwrap())
            .unwrap();
        socket.readable().await.unwrap();
        let took = socket.receive(|_, _| panic!("there is nothing in it"));
        assert_eq!(took.unwrap(), 1);
        assert_eq!(socket.counters.read().invalid_packets, 1);
    }
}
