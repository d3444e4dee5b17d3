//! Listens: one socket, and a session for each address that sends a valid first segment.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{UdpSocket, lookup_host};
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, yield_now};

use super::counters::count;
use super::guard::{self, Summary};
use super::link::{Link, Socket};
use super::packet::{Packet, Wire};
use super::session::{BATCH, Session};
use super::state::End;
use super::{Kcp, MAX_MTU, stream};
use crate::error::Error;
use crate::transport::{Address, BoxFuture, Closing, Incoming, Listen, Network, Stream};

/// Sessions that wait to be accepted.
const BACKLOG: usize = 128;

/// After an error of the socket, which is about no packet of ours.
const PAUSE: Duration = Duration::from_millis(10);

async fn bind(location: &str) -> io::Result<UdpSocket> {
    let location = match location.strip_prefix(':') {
        Some(port) => format!("[::]:{port}"),
        None => location.to_owned(),
    };
    let found: Vec<_> = lookup_host(location).await?.collect();
    UdpSocket::bind(&found[..]).await
}

/// Accepts the sessions of one socket.
pub(super) struct KcpListening {
    incoming: mpsc::Receiver<Stream>,
    shared: Arc<Shared>,
    /// The task that receives; `None` once somebody waits for it.
    receiving: Option<JoinHandle<()>>,
    address: Address,
}

impl KcpListening {
    pub(super) async fn bind(location: &str, options: Kcp) -> Result<Self, Error> {
        let failed =
            |error: io::Error| Error::setup(format!("cannot listen on kcp@{location}: {error}"));
        let udp = bind(location).await.map_err(failed)?;
        let local = udp.local_addr().map_err(failed)?;
        let wire = Arc::new(Wire::new(&options)?);
        let (accepted, incoming) = mpsc::channel(BACKLOG);
        let shared = Arc::new(Shared {
            socket: Socket::new(udp, wire, &options.counters),
            options,
            accepted,
            table: Mutex::default(),
            closed: AtomicBool::new(false),
            changed: Notify::new(),
        });
        let receiving = tokio::spawn(receive(Arc::clone(&shared)));
        Ok(Self {
            incoming,
            shared,
            receiving: Some(receiving),
            address: Address::new(Network::Kcp, local.to_string()),
        })
    }
}

impl Listen for KcpListening {
    fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
        Box::pin(async move {
            // `shared` holds a sender for as long as this listener lives.
            let stream = self.incoming.recv().await;
            let stream = stream.ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(stream.into())
        })
    }

    fn address(&self) -> Address {
        self.address.clone()
    }

    fn close(mut self: Box<Self>) -> Closing {
        self.incoming.close();
        let waiting = std::iter::from_fn(|| self.incoming.try_recv().ok());
        let waiting = waiting.map(Incoming::from).collect();
        let receiving = self.receiving.take();
        // It ends with the last session, which ends when all it wrote was acknowledged.
        let mut closing = Closing::until(async move {
            if let Some(receiving) = receiving {
                let _ = receiving.await;
            }
        });
        closing.waiting = waiting;
        closing
    }
}

impl Drop for KcpListening {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        self.shared.changed.notify_one();
    }
}

struct Shared {
    socket: Socket,
    options: Kcp,
    accepted: mpsc::Sender<Stream>,
    table: Mutex<Table>,
    /// The listener is gone: no new sessions.
    closed: AtomicBool,
    /// The listener or a session is gone.
    changed: Notify,
}

#[derive(Default)]
struct Table {
    sessions: HashMap<SocketAddr, Arc<Session>>,
    /// Sessions by who is behind them.
    by_host: HashMap<IpAddr, usize>,
}

impl Table {
    fn remove(&mut self, peer: SocketAddr, session: &Arc<Session>) {
        let same = |held: &Arc<Session>| Arc::ptr_eq(held, session);
        if !self.sessions.get(&peer).is_some_and(same) {
            return;
        }
        self.sessions.remove(&peer);
        let host = host(peer);
        if let Some(count) = self.by_host.get_mut(&host) {
            *count -= 1;
            if *count == 0 {
                self.by_host.remove(&host);
            }
        }
    }
}

/// Who is behind an address: one host has a whole network of IPv6 addresses to itself.
fn host(peer: SocketAddr) -> IpAddr {
    match peer.ip().to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from(u128::from(ip) >> 64 << 64)),
        v4 => v4,
    }
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn over(&self) -> bool {
        self.closed.load(Ordering::Acquire) && self.table().sessions.is_empty()
    }

    /// Gives a datagram to its session, which is returned to be settled.
    fn datagram(self: &Arc<Self>, datagram: &mut [u8], peer: SocketAddr) -> Option<Arc<Session>> {
        let session = self.route(datagram, peer);
        if session.is_none() {
            count(&self.socket.counters.invalid_packets);
        }
        session
    }

    fn route(self: &Arc<Self>, datagram: &mut [u8], peer: SocketAddr) -> Option<Arc<Session>> {
        let mut packet = self.socket.wire.open(datagram)?;
        let held = self.table().sessions.get(&peer).cloned();
        if packet.parity {
            let session = held?;
            session.input(&mut packet, None);
            return Some(session);
        }
        let summary = guard::check(packet.segments())?;
        match held {
            Some(session) if session.conv == summary.conv => {
                session.input(&mut packet, Some(summary));
                Some(session)
            }
            held if summary.opens => self.open(held, (&mut packet, summary), peer),
            _ => None,
        }
    }

    /// Begins a session with the packet that has its first segment.
    fn open(
        self: &Arc<Self>,
        held: Option<Arc<Session>>,
        (packet, summary): (&mut Packet<'_>, Summary),
        peer: SocketAddr,
    ) -> Option<Arc<Session>> {
        // A packet with an answer is not the first of its session.
        if self.closed.load(Ordering::Acquire) || !summary.fits_clock(0) {
            return None;
        }
        if let Some(old) = held {
            count(&self.socket.counters.replaced_sessions);
            old.finish(End::Replaced);
            self.table().remove(peer, &old);
        }
        let session = self.admit(summary.conv, peer);
        if session.is_none() {
            count(&self.socket.counters.refused_sessions);
        }
        let session = session?;
        session.input(packet, Some(summary));
        Some(session)
    }

    /// Makes room in the table and in the accept queue, or does not.
    fn admit(self: &Arc<Self>, conv: u32, peer: SocketAddr) -> Option<Arc<Session>> {
        let place = self.accepted.try_reserve().ok()?;
        let mut table = self.table();
        if table.sessions.len() >= self.options.sessions {
            return None;
        }
        let of_host = table.by_host.entry(host(peer)).or_default();
        if *of_host >= self.options.sessions_per_ip {
            return None;
        }
        *of_host += 1;
        let link = Link::new(self.socket.clone(), Some(peer), self.options.receive_window);
        let session = Session::new(conv, &self.options, link);
        table.sessions.insert(peer, Arc::clone(&session));
        drop(table);
        let name = Address::new(Network::Kcp, peer.to_string()).to_string();
        place.send(stream::stream(Arc::clone(&session), name));
        tokio::spawn(keep(Arc::clone(self), Arc::clone(&session), peer));
        Some(session)
    }
}

/// Runs the clock of a session and takes it out of the table in the end.
async fn keep(shared: Arc<Shared>, session: Arc<Session>, peer: SocketAddr) {
    session.keep_time().await;
    shared.table().remove(peer, &session);
    shared.changed.notify_one();
}

/// Receives for all sessions, until the listener and the last of them are gone.
async fn receive(shared: Arc<Shared>) {
    let mut datagram = vec![0; MAX_MTU + 1];
    while !shared.over() {
        tokio::select! {
            ready = shared.socket.udp.readable() => {
                let taken = ready.map_or(Taken::Failed, |()| batch(&shared, &mut datagram));
                match taken {
                    Taken::All => {}
                    Taken::Batch => yield_now().await,
                    Taken::Failed => tokio::time::sleep(PAUSE).await,
                }
            }
            () = shared.changed.notified() => {}
        }
    }
}

/// What was taken from the socket.
enum Taken {
    All,
    /// There may be more. To the runtime, receiving in this way is no work, so others have to be
    /// let in between.
    Batch,
    Failed,
}

/// Takes what has arrived, up to a batch.
fn batch(shared: &Arc<Shared>, datagram: &mut [u8]) -> Taken {
    let mut touched: Vec<Arc<Session>> = Vec::new();
    let mut taken = Taken::Batch;
    for _ in 0..BATCH {
        match shared.socket.udp.try_recv_from(datagram) {
            Ok((length, peer)) => {
                let session = shared.datagram(&mut datagram[..length], peer);
                let new =
                    |session: &Arc<Session>| !touched.iter().any(|held| Arc::ptr_eq(held, session));
                touched.extend(session.filter(new));
            }
            Err(error) => {
                taken = match error.kind() {
                    io::ErrorKind::WouldBlock => Taken::All,
                    _ => Taken::Failed,
                };
                break;
            }
        }
    }
    for session in touched {
        session.settle();
    }
    taken
}
