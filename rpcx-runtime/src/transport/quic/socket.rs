//! The socket of a client, which notices that the port of the server is closed.
//!
//! QUIC has no answer for a port without a listener, so a client would wait until its time is up.
//! The system of the other end does answer, by ICMP, and a connected socket is told. That answer is
//! not protected as QUIC's own packets are: before anything was heard of the server it is believed,
//! afterwards only if it comes again and again and the server says nothing for as long.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use quinn::udp::{RecvMeta, Transmit, UdpSocketState};
use quinn::{AsyncUdpSocket, UdpPoller};
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::sync::lock;

/// How often, and for how long, a server that was heard of has to be gone. Its acknowledgements
/// would have come in this time.
const REFUSALS: u32 = 3;
const SILENCE: Duration = Duration::from_millis(500);

/// A socket with one peer.
pub(super) struct ClientSocket {
    io: UdpSocket,
    state: UdpSocketState,
    watch: Mutex<Watch>,
}

/// What was refused since a datagram came.
#[derive(Debug, Default)]
struct Watch {
    times: u32,
    since: Option<Instant>,
    /// The driver of the socket, which ends the connection.
    driver: Option<Waker>,
}

impl Watch {
    fn heard(&mut self) {
        self.times = 0;
    }

    fn refused(&mut self, now: Instant) {
        if self.times == 0 {
            self.since = Some(now);
        }
        self.times = self.times.saturating_add(1);
    }

    fn is_gone(&self, now: Instant) -> bool {
        self.times >= REFUSALS && self.since.is_some_and(|since| now - since >= SILENCE)
    }
}

impl ClientSocket {
    pub(super) fn new(socket: std::net::UdpSocket, peer: SocketAddr) -> io::Result<Arc<Self>> {
        dial(&socket, peer)?;
        Ok(Arc::new(Self {
            state: UdpSocketState::new((&socket).into())?,
            io: UdpSocket::from_std(socket)?,
            watch: Mutex::default(),
        }))
    }

    /// Waits until a datagram is refused: for the time in which the server was not heard of yet.
    pub(super) async fn refused(&self) -> io::Error {
        loop {
            // A socket that cannot be waited for fails in its other uses too.
            let _ = self.io.ready(Interest::ERROR).await;
            let error = self.io.try_io(Interest::ERROR, || {
                let pending = SockRef::from(&self.io).take_error()?;
                Err::<(), _>(pending.unwrap_or_else(|| io::ErrorKind::WouldBlock.into()))
            });
            match error {
                Err(error) if is_refusal(&error) => return error,
                _ => tokio::task::yield_now().await,
            }
        }
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        lock(&self.watch)
    }

    /// Counts a refusal; the driver is woken if it was one too many.
    fn count(&self) {
        let now = Instant::now();
        let mut watch = self.watch();
        watch.refused(now);
        if watch.is_gone(now)
            && let Some(driver) = watch.driver.take()
        {
            drop(watch);
            driver.wake();
        }
    }
}

/// Elsewhere a connected socket takes no datagrams with an address, as quinn sends them.
#[cfg(target_os = "linux")]
fn dial(socket: &std::net::UdpSocket, peer: SocketAddr) -> io::Result<()> {
    socket.connect(peer)
}

#[cfg(not(target_os = "linux"))]
fn dial(_: &std::net::UdpSocket, _: SocketAddr) -> io::Result<()> {
    Ok(())
}

impl AsyncUdpSocket for ClientSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Writable(self))
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let send = || self.state.try_send((&self.io).into(), transmit);
        match self.io.try_io(Interest::WRITABLE, send) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(error),
            // The socket reports that an earlier datagram was refused. This one was not sent;
            // QUIC finds out.
            Err(error) if is_refusal(&error) => {
                self.count();
                Ok(())
            }
            // Others are about this datagram: a probe that is too large, no route for now.
            _ => Ok(()),
        }
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut watch = self.watch();
        if watch.is_gone(Instant::now()) {
            // Ends the connection, which is the only one of this socket.
            return Poll::Ready(Err(io::ErrorKind::ConnectionRefused.into()));
        }
        if !watch
            .driver
            .as_ref()
            .is_some_and(|driver| driver.will_wake(cx.waker()))
        {
            watch.driver = Some(cx.waker().clone());
        }
        drop(watch);
        loop {
            ready!(self.io.poll_recv_ready(cx))?;
            let receive = || self.state.recv((&self.io).into(), buffers, meta);
            match self.io.try_io(Interest::READABLE, receive) {
                Ok(count) => {
                    self.watch().heard();
                    return Poll::Ready(Ok(count));
                }
                Err(error) if is_refusal(&error) => self.count(),
                // None of the others says that the next datagram will not come.
                Err(_) => {}
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.state.gro_segments()
    }

    fn may_fragment(&self) -> bool {
        self.state.may_fragment()
    }
}

fn is_refusal(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionRefused
}

/// Only the driver of the one connection waits for room.
#[derive(Debug)]
struct Writable(Arc<ClientSocket>);

impl UdpPoller for Writable {
    fn poll_writable(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.io.poll_send_ready(cx)
    }
}

impl fmt::Debug for ClientSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSocket")
            .field("io", &self.io)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_gone_when_it_is_refused_for_a_while() {
        let start = Instant::now();
        let mut watch = Watch::default();
        for _ in 0..10 {
            watch.refused(start);
        }
        assert!(!watch.is_gone(start), "all at once");
        assert!(watch.is_gone(start + SILENCE));
        watch.heard();
        assert!(!watch.is_gone(start + SILENCE), "it lives");
        watch.refused(start + SILENCE);
        watch.refused(start + 3 * SILENCE);
        assert!(!watch.is_gone(start + 3 * SILENCE), "only twice");
    }
}
