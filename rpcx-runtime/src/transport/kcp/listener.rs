//! Listens: one socket, and a session for each address that sends a valid first segment.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::Instant;

use super::counters::count;
use super::end::End;
use super::guard::{self, Summary};
use super::link::Link;
use super::packet::{Packet, Wire};
use super::reset::Resets;
use super::session::{BATCH, Session};
use super::socket::Socket;
use super::{Kcp, stream};
use crate::error::Error;
use crate::sync::lock;
use crate::task;
use crate::transport::cause::cannot_listen;
use crate::transport::{
    Address, BoxFuture, Closing, ConnectionRules, Incoming, Listen, Network, Stream, bind, resolve,
};

/// Sessions that wait to be accepted.
const BACKLOG: usize = 128;

/// A host whose sessions were asked whether they are needed is not asked again for a second.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// After an error of the socket, which is about no packet of ours.
const PAUSE: Duration = Duration::from_millis(10);

async fn listening(location: &str) -> io::Result<UdpSocket> {
    let candidates = resolve::local(&Address::new(Network::KCP, location)).await?;
    UdpSocket::from_std(bind::first(&candidates, bind::udp)?)
}

/// Accepts the sessions of one socket.
pub(super) struct KcpListening {
    incoming: mpsc::Receiver<Stream>,
    shared: Arc<Shared>,
    /// The task that receives; `None` once its end is awaited.
    receiving: Option<JoinHandle<()>>,
    address: Address,
}

impl KcpListening {
    pub(super) async fn bind(location: &str, options: Kcp) -> Result<Self, Error> {
        let failed = cannot_listen(format!("kcp@{location}"));
        let udp = listening(location).await.map_err(&failed)?;
        let local = udp.local_addr().map_err(&failed)?;
        let wire = Arc::new(Wire::new(&options));
        let (accepted, incoming) = mpsc::channel(BACKLOG);
        let shared = Arc::new(Shared {
            socket: Socket::new(udp, wire, &options.counters),
            options,
            accepted,
            table: Mutex::default(),
            rules: Mutex::default(),
            resets: Resets::new(),
            changed: Notify::new(),
        });
        let receiving = task::spawn(receive(Arc::clone(&shared)));
        Ok(Self {
            incoming,
            shared,
            receiving: Some(receiving),
            address: Address::new(Network::KCP, local.to_string()),
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

    fn filter(&mut self, rules: ConnectionRules) -> Option<ConnectionRules> {
        let mut own = lock(&self.shared.rules);
        // A second one stands in front.
        if !own.is_empty() {
            return Some(rules);
        }
        *own = rules;
        None
    }

    fn close(mut self: Box<Self>) -> Closing {
        // No session is admitted from here on, so the backlog is complete.
        self.shared.table().closed = true;
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
        self.shared.table().closed = true;
        self.shared.changed.notify_one();
    }
}

struct Shared {
    socket: Socket,
    options: Kcp,
    accepted: mpsc::Sender<Stream>,
    table: Mutex<Table>,
    /// Set before the first session, as a rule.
    rules: Mutex<ConnectionRules>,
    resets: Resets,
    /// The listener or a session is gone.
    changed: Notify,
}

#[derive(Default)]
struct Table {
    sessions: HashMap<SocketAddr, Arc<Session>>,
    /// Sessions by the peer behind them.
    by_host: HashMap<IpAddr, Host>,
    /// The listener is gone: no new sessions.
    closed: bool,
}

#[derive(Default)]
struct Host {
    sessions: usize,
    /// When its sessions were last told that there are many of them.
    asked: Option<Instant>,
}

impl Table {
    fn remove(&mut self, peer: SocketAddr, session: &Arc<Session>) {
        let same = |held: &Arc<Session>| Arc::ptr_eq(held, session);
        if !self.sessions.get(&peer).is_some_and(same) {
            return;
        }
        self.sessions.remove(&peer);
        let behind = host(peer);
        if let Some(host) = self.by_host.get_mut(&behind) {
            host.sessions -= 1;
            if host.sessions == 0 {
                self.by_host.remove(&behind);
            }
        }
    }

    /// Whether there is room for one more of this address, if `options` say how much there is. One
    /// that replaces another needs none.
    fn has_room(&self, peer: SocketAddr, options: &Kcp) -> bool {
        let of_host = self.by_host.get(&host(peer));
        self.sessions.contains_key(&peer)
            || (self.sessions.len() < options.sessions
                && of_host.map_or(0, |host| host.sessions) < options.sessions_per_ip)
    }

    /// The session whose place another one gets when places are short, of all or of one host: the oldest
    /// of those whose peers have never acknowledged anything. Their senders may be forged.
    fn one_unproven(&self, peer: SocketAddr, options: &Kcp) -> Option<(SocketAddr, Arc<Session>)> {
        let behind = host(peer);
        let of_host = self.by_host.get(&behind).map_or(0, |host| host.sessions);
        let host_is_full = of_host >= options.sessions_per_ip;
        let unproven = self
            .sessions
            .iter()
            .filter(|(_, session)| !session.link.is_proven())
            .filter(|(other, _)| !host_is_full || host(**other) == behind);
        let oldest = unproven.min_by_key(|(_, session)| session.born);
        oldest.map(|(other, session)| (*other, Arc::clone(session)))
    }

    fn insert(&mut self, peer: SocketAddr, session: Arc<Session>) -> Option<Arc<Session>> {
        let old = self.sessions.insert(peer, session);
        if old.is_none() {
            self.by_host.entry(host(peer)).or_default().sessions += 1;
        }
        old
    }

    /// The sessions of a host that has half of those it may have: those whose peers have gone
    /// without a word are to make room, which takes a while. Not more often than makes sense.
    fn crowd(&mut self, peer: SocketAddr, options: &Kcp) -> Vec<Arc<Session>> {
        let behind = host(peer);
        let now = Instant::now();
        let Some(crowded) = self
            .by_host
            .get_mut(&behind)
            .filter(|host| host.sessions >= options.sessions_per_ip / 2)
            .filter(|host| host.asked.is_none_or(|then| now >= then + ASK_AGAIN))
        else {
            return Vec::new();
        };
        crowded.asked = Some(now);
        let of_host = self
            .sessions
            .iter()
            .filter(|(peer, _)| host(**peer) == behind);
        of_host.map(|(_, session)| Arc::clone(session)).collect()
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
        lock(&self.table)
    }

    fn over(&self) -> bool {
        let table = self.table();
        table.closed && table.sessions.is_empty()
    }

    /// Gives a datagram to its session, which is returned to be settled.
    fn datagram(self: &Arc<Self>, datagram: &mut [u8], peer: SocketAddr) -> Option<Arc<Session>> {
        let session = self.route(datagram, peer);
        if let Err(Invalid) = session {
            count(&self.socket.counters.invalid_packets);
        }
        session.ok().flatten()
    }

    fn route(
        self: &Arc<Self>,
        datagram: &mut [u8],
        peer: SocketAddr,
    ) -> Result<Option<Arc<Session>>, Invalid> {
        let mut packet = self.socket.wire.open(datagram).ok_or(Invalid)?;
        let held = self.table().sessions.get(&peer).cloned();
        if packet.parity {
            let session = held.ok_or(Invalid)?;
            session.input(&mut packet, None);
            return Ok(Some(session));
        }
        let summary = guard::check(packet.segments()).ok_or(Invalid)?;
        match held {
            Some(session) if session.conv == summary.conv => {
                session.input(&mut packet, Some(summary));
                Ok(Some(session))
            }
            // A packet with an answer is not the first of its session.
            _ if summary.opens && summary.acks().is_none() => {
                Ok(self.open(&mut packet, summary, peer))
            }
            // The end is said more than once.
            None if summary.end.is_some() => Ok(None),
            None => {
                self.resets.answer(&self.socket, &summary, peer);
                Err(Invalid)
            }
            _ => Err(Invalid),
        }
    }

    /// Begins a session with the packet that has its first segment.
    fn open(
        self: &Arc<Self>,
        packet: &mut Packet<'_>,
        summary: Summary,
        peer: SocketAddr,
    ) -> Option<Arc<Session>> {
        let session = self.admit(summary.conv, peer);
        if session.is_none() {
            count(&self.socket.counters.refused_sessions);
        }
        let crowd = self.table().crowd(peer, &self.options);
        crowd.iter().for_each(|session| session.evict_if_silent());
        let session = session?;
        session.input(packet, Some(summary));
        Some(session)
    }

    /// Makes room in the table and in the accept queue, or does not.
    fn admit(self: &Arc<Self>, conv: u32, peer: SocketAddr) -> Option<Arc<Session>> {
        let name = Address::new(Network::KCP, resolve::canonical(peer).to_string());
        let rules = lock(&self.rules).clone();
        // Before there is a session: its first acknowledgement would tell the peer that it is
        // connected. Not under the lock of the table, because a hook may take its time.
        let pass = rules.admit(&name).ok()?;
        rules.check_identity(&name, None).ok()?;
        let mut table = self.table();
        if table.closed {
            return None;
        }
        let crowded_out = match table.has_room(peer, &self.options) {
            true => None,
            false => Some(table.one_unproven(peer, &self.options)?),
        };
        // Under the lock of the table, so that closing the listener finds it in the queue.
        let place = self.accepted.try_reserve().ok()?;
        let link = Link::new(self.socket.clone(), Some(peer), self.options.receive_window);
        let session = Session::new(conv, &self.options, link);
        if let Some((other, session)) = &crowded_out {
            table.remove(*other, session);
        }
        let old = table.insert(peer, Arc::clone(&session));
        place.send(pass.held_by(stream::stream(Arc::clone(&session), name)));
        drop(table);
        if let Some(old) = old {
            count(&self.socket.counters.replaced_sessions);
            old.finish(End::Replaced);
        }
        if let Some((_, session)) = crowded_out {
            count(&self.socket.counters.crowded_sessions);
            session.finish(End::Crowded);
        }
        task::spawn(keep(Arc::clone(self), Arc::clone(&session), peer));
        Some(session)
    }
}

/// A datagram that no peer should have sent.
struct Invalid;

/// Runs the clock of a session and takes it out of the table in the end.
async fn keep(shared: Arc<Shared>, session: Arc<Session>, peer: SocketAddr) {
    session.keep_time().await;
    shared.table().remove(peer, &session);
    shared.changed.notify_one();
}

/// Receives for all sessions, until the listener and the last of them are gone.
async fn receive(shared: Arc<Shared>) {
    while !shared.over() {
        tokio::select! {
            ready = shared.socket.readable() => {
                let taken = ready.map_or(Taken::Failed, |()| batch(&shared));
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
fn batch(shared: &Arc<Shared>) -> Taken {
    let mut touched: Vec<Arc<Session>> = Vec::new();
    let mut taken = 0;
    let end = loop {
        if taken >= BATCH {
            break Taken::Batch;
        }
        let received = shared.socket.receive(|datagrams, peer| {
            let sessions = datagrams.filter_map(|datagram| shared.datagram(datagram, peer?));
            for session in sessions {
                if !touched.iter().any(|held| Arc::ptr_eq(held, &session)) {
                    touched.push(session);
                }
            }
        });
        match received {
            Ok(count) => taken += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Taken::All,
            Err(_) => break Taken::Failed,
        }
    };
    for session in touched {
        session.settle();
    }
    end
}
