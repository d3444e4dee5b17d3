//! The handshakes in progress on one listener: how many there are, and who has to go.
//!
//! When all places are taken, no connection is accepted until one is free. What waits in the backlog
//! of the system loses nothing by it, and those under way are nearer to their end than a newcomer:
//! to give up the oldest for the newest would drop just them when many connect at once, as they do
//! after a restart. But peers that begin and do not go on must not keep the others out for as long
//! as a handshake may take. So one that has had its fair time makes room, the oldest first. Connections
//! that have sent no byte are not here: see `silent.rs`.
//!
//! One address has half of the places at most. Further handshakes of it wait here for those that it has, and
//! nothing else waits for them.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::{Shared, connection};
use crate::address::{Address, Network};
use crate::dispatch::count;
use crate::event::Event;
use crate::transport::{Handshake, Refused, host};

/// What a handshake is given before it has to make room: TLS with HTTP above it takes four round
/// trips, so that is enough up to 250 ms each.
const FAIR: Duration = Duration::from_secs(1);

/// How long handshakes that are under way may go on when the server stops.
const LAST: Duration = Duration::from_secs(1);

/// A handshake that the peer has begun, and when its time is over.
pub(super) struct Begun {
    pub(super) handshake: Handshake,
    pub(super) until: Instant,
    /// Where it comes from, if the listener knows.
    pub(super) peer: Option<Address>,
}

impl Begun {
    /// Whose handshake it is. On QUIC the address may be forged at this point: there an address has to be
    /// proved from some number of handshakes on.
    fn host(&self) -> Option<IpAddr> {
        let proved = |peer: &&Address| peer.network() != Network::QUIC;
        Some(host(self.peer.as_ref().filter(proved)?.socket_addr()?))
    }
}

/// Those of one listener. They end with it.
pub(super) struct Handshakes {
    shared: Arc<Shared>,
    /// What the listener is called in events.
    name: Arc<str>,
    running: JoinSet<()>,
    /// The same by age, the oldest first. Those that have ended leave when room is looked for.
    by_age: VecDeque<Running>,
    /// Those of addresses that have their share, in the order in which they came. No entry is empty.
    waiting: HashMap<IpAddr, VecDeque<Begun>>,
}

struct Running {
    began: Instant,
    task: AbortHandle,
    host: Option<IpAddr>,
}

impl Handshakes {
    pub(super) fn new(shared: Arc<Shared>, name: &Arc<str>) -> Self {
        Self {
            shared,
            name: Arc::clone(name),
            running: JoinSet::new(),
            by_age: VecDeque::new(),
            waiting: HashMap::new(),
        }
    }

    fn most(&self) -> usize {
        self.shared.limits().handshakes.max(1)
    }

    /// Those that one address may have at once.
    fn share(&self) -> usize {
        self.most().div_ceil(2)
    }

    fn forget_ended(&mut self) {
        while self.running.try_join_next().is_some() {}
        self.by_age.retain(|running| !running.task.is_finished());
    }

    /// Waits until one more may be started. May be dropped at any await.
    pub(super) async fn room(&mut self) {
        loop {
            self.forget_ended();
            if self.by_age.len() < self.most() {
                return;
            }
            self.one_ends(0).await;
        }
    }

    /// Waits until any has ended, or the one at this place has had its time and is given up.
    async fn one_ends(&mut self, at: usize) {
        let Some(running) = self.by_age.get(at) else {
            return;
        };
        let had_its_time = sleep_until(running.began + FAIR);
        tokio::select! {
            biased;
            _ended = self.running.join_next() => {}
            () = had_its_time => self.give_up(at),
        }
    }

    fn give_up(&mut self, at: usize) {
        if let Some(oldest) = self.by_age.remove(at) {
            oldest.task.abort();
            self.count_crowded();
        }
    }

    fn count_crowded(&self) {
        let counters = self.shared.counters();
        self.shared
            .reached(&counters.crowded_handshakes, &self.name);
    }

    /// How many are in progress, with those that wait for others of their address.
    pub(super) fn len(&self) -> usize {
        self.running.len() + self.waiting.values().map(VecDeque::len).sum::<usize>()
    }

    /// Starts one, or lets it wait if its address has its share. There must be [`room`](Self::room).
    pub(super) fn start(&mut self, begun: Begun) {
        let host = begun.host();
        if let Some(host) = host.filter(|_| self.is_crowded(host)) {
            return self.wait(host, begun);
        }
        let running = negotiate(begun, Arc::clone(&self.shared), Arc::clone(&self.name));
        self.by_age.push_back(Running {
            began: Instant::now(),
            task: self.running.spawn(running),
            host,
        });
    }

    /// Each of them holds a file, as a connection does.
    fn wait(&mut self, host: IpAddr, begun: Begun) {
        let most = self.shared.limits().connections.div_ceil(2);
        let waiting = self.waiting.entry(host).or_default();
        waiting.push_back(begun);
        if waiting.len() > most.max(1) {
            waiting.pop_front();
            self.count_crowded();
        }
    }

    fn is_crowded(&self, host: Option<IpAddr>) -> bool {
        let of_host = |running: &&Running| running.host == host;
        host.is_some() && self.by_age.iter().filter(of_host).count() >= self.share()
    }

    /// Starts one of those that wait for others of their address, when it may; never ends if none does.
    /// May be dropped at any await.
    pub(super) async fn start_waiting(&mut self) {
        loop {
            self.forget_ended();
            let Some(some) = self.waiting.keys().next().copied() else {
                return std::future::pending().await;
            };
            let free = |host: &&IpAddr| !self.is_crowded(Some(**host));
            let free = self.waiting.keys().find(free).copied();
            if self.by_age.len() < self.most()
                && let Some(begun) = free.and_then(|host| self.take_waiting(host))
            {
                return self.start(begun);
            }
            let of_some = |running: &Running| running.host == Some(some);
            let oldest = self.by_age.iter().position(of_some).unwrap_or(0);
            self.one_ends(oldest).await;
        }
    }

    fn take_waiting(&mut self, host: IpAddr) -> Option<Begun> {
        let waiting = self.waiting.get_mut(&host)?;
        let begun = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(&host);
        }
        begun
    }

    /// Waits for those under way.
    pub(super) async fn finish(&mut self) {
        let all = async {
            while !self.waiting.is_empty() {
                self.start_waiting().await;
            }
            while self.running.join_next().await.is_some() {}
        };
        let _all_finished = timeout(LAST, all).await;
    }
}

async fn negotiate(begun: Begun, shared: Arc<Shared>, name: Arc<str>) {
    let counters = &shared.counters();
    match timeout_at(begun.until, begun.handshake).await {
        Ok(Ok(stream)) if !shared.is_full(Some(&stream.peer), &name) => {
            connection::start(stream, shared);
        }
        Ok(Ok(_)) => {}
        Ok(Err(error)) if is_refusal(&error) => {}
        Ok(Err(error)) => {
            count(&counters.failed_handshakes);
            shared.events().emit(|tell| {
                let peer = begun.peer.map(|peer| peer.to_string());
                tell(&Event::HandshakeFailed {
                    listener: &name,
                    peer: peer.as_deref(),
                    error: &error,
                });
            });
        }
        Err(_) => shared.reached(&counters.slow_handshakes, &name),
    }
}

/// Whether connection rules say that the peer may not connect, which they count by themselves.
fn is_refusal(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Refused>())
}
