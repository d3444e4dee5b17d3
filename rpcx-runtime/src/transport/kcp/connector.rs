//! Dials: a socket of its own for every session.

use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::UdpSocket;
use tokio::task::yield_now;

use super::counters::count;
use super::end::End;
use super::link::Link;
use super::packet::Wire;
use super::session::{BATCH, Session};
use super::socket::Socket;
use super::{Kcp, guard, stream};
use crate::transport::{Address, BoxFuture, Connect, Network, Stream, dial, resolve};

/// Opens sessions to one place, each on a socket of its own.
pub(super) struct KcpConnector {
    location: String,
    wire: Arc<Wire>,
    options: Kcp,
}

impl Connect for KcpConnector {
    fn connect(&self) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            // Nothing tells which of them answers.
            let peer = self.candidates().await?[0];
            Ok(self.open(peer).await?.1)
        })
    }

    fn greet<'a>(&'a self, greeting: &'a [u8]) -> BoxFuture<'a, io::Result<Stream>> {
        Box::pin(async move {
            let greet = |peer| -> BoxFuture<'a, _> { Box::pin(self.greet_one(peer, greeting)) };
            dial::first(self.candidates().await?, greet).await
        })
    }
}

/// A dial; one that is given up leaves nothing behind.
struct Dial(Option<Arc<Session>>);

impl Dial {
    /// Waits until the peer has acknowledged what was written.
    async fn answered(&mut self) -> io::Result<()> {
        if let Some(session) = &self.0 {
            poll_fn(|cx| session.poll_drained(cx)).await?;
        }
        self.0 = None;
        Ok(())
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        if let Some(session) = &self.0 {
            session.finish(End::Closed);
        }
    }
}

impl KcpConnector {
    pub(super) fn new(location: String, options: Kcp) -> Self {
        Self {
            wire: Arc::new(Wire::new(&options)),
            location,
            options,
        }
    }

    /// Those of the host, of which there is one at least; IPv4 first, as in Go.
    async fn candidates(&self) -> io::Result<Vec<SocketAddr>> {
        let mut found = resolve::remote(&Address::new(Network::KCP, &*self.location)).await?;
        found.sort_by_key(SocketAddr::is_ipv6);
        Ok(found)
    }

    async fn greet_one(&self, peer: SocketAddr, greeting: &[u8]) -> io::Result<Stream> {
        let (session, mut stream) = self.open(peer).await?;
        // Dropped before the stream, which would wait for an acknowledgement.
        let mut dial = Dial(Some(session));
        stream.writer.write_all(greeting).await?;
        dial.answered().await?;
        Ok(stream)
    }

    async fn open(&self, peer: SocketAddr) -> io::Result<(Arc<Session>, Stream)> {
        let any: SocketAddr = match peer {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let udp = UdpSocket::bind(any).await?;
        udp.connect(peer).await?;
        // Before the runtime has seen the socket once, sending would fail.
        udp.writable().await?;
        let socket = Socket::new(udp, Arc::clone(&self.wire), &self.options.counters);
        let link = Link::new(socket.clone(), None, self.options.receive_window);
        // Not 0: to some programs that means a number that is not chosen yet.
        let conv = getrandom::u32().map_err(io::Error::other)?.max(1);
        let session = Session::new(conv, &self.options, link);
        tokio::spawn(drive(Arc::clone(&session), socket));
        let peer = Address::new(Network::KCP, peer.to_string());
        let stream = stream::stream(Arc::clone(&session), peer);
        Ok((session, stream))
    }
}

/// Receives for the session and runs its clock, until it is over.
async fn drive(session: Arc<Session>, socket: Socket) {
    let mut clock = pin!(session.keep_time());
    loop {
        tokio::select! {
            () = &mut clock => return,
            ready = socket.readable() => match ready {
                Ok(()) => {
                    if receive(&session, &socket) {
                        yield_now().await;
                    }
                }
                // The runtime ends.
                Err(_) => return,
            }
        }
    }
}

/// Takes what has arrived. Whether there may be more, for which others should not have to wait:
/// to the runtime, receiving in this way is no work.
fn receive(session: &Session, socket: &Socket) -> bool {
    let (mut taken, mut more) = (0, true);
    while taken < BATCH && more {
        let received = socket.receive(|datagrams, _| {
            datagrams.for_each(|datagram| input(session, socket, datagram));
        });
        match received {
            Ok(count) => taken += count,
            Err(error) => {
                session.link.note(&error);
                more = false;
            }
        }
    }
    session.settle();
    more
}

fn input(session: &Session, socket: &Socket, datagram: &mut [u8]) {
    let Some(mut packet) = socket.wire.open(datagram) else {
        return count(&socket.counters.invalid_packets);
    };
    if packet.parity {
        return session.input(&mut packet, None);
    }
    match guard::check(packet.segments()) {
        Some(summary) => session.input(&mut packet, Some(summary)),
        None => count(&socket.counters.invalid_packets),
    }
}
