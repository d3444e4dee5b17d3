//! The handshakes in progress on one listener: how many there are, and which have to go.
//!
//! When all places are taken, no connection is accepted until one is free. What waits in the backlog
//! of the system loses nothing by it, and those under way are nearer to their end than a newcomer:
//! to give up the oldest for the newest would drop just them when many connect at once, as they do
//! after a restart. But peers that begin and do not go on must not keep the others out for as long
//! as a handshake may take. So one that has had its fair time makes room, the oldest first; and that time
//! is shorter for those whose peer has not answered yet, as half a handshake costs its sender one packet. Connections
//! that have sent no byte are not here: see `silent.rs`.
//!
//! One address has half of the places at most. Further handshakes of it wait here for those that it has, and
//! nothing else waits for them.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::{Shared, connection};
use crate::address::Address;
use crate::dispatch::count;
use crate::event::Event;
use crate::task;
use crate::transport::{Handshake, Refused, host};

/// What a handshake is given before it has to make room: TLS with HTTP above it takes four round
/// trips, so that is enough up to 250 ms each.
const FAIR: Duration = Duration::from_secs(1);

/// The same until the peer has answered for the first time: one round trip, two if a packet is lost.
const ANSWER: Duration = Duration::from_millis(300);

/// How long handshakes that are under way may go on when the server stops.
const LAST: Duration = Duration::from_secs(1);

/// A handshake that the peer has begun, and when its time is over.
pub(super) struct Begun {
    pub(super) handshake: Handshake,
    pub(super) until: Instant,
    /// Where it comes from, if the listener knows.
    pub(super) peer: Option<Address>,
    /// Whether that may be another's address, as on QUIC until some number of handshakes is under way.
    pub(super) forged: bool,
}

impl Begun {
    /// Whose handshake it is, if that is sure.
    fn host(&self) -> Option<IpAddr> {
        let peer = self.peer.as_ref().filter(|_| !self.forged);
        Some(host(peer?.socket_addr()?))
    }

    /// A handshake that goes on is one that was answered: what it has sent at first leaves at once.
    fn noting_answers(self, answered: Arc<AtomicBool>) -> Self {
        let (mut handshake, mut began) = (self.handshake, false);
        let noting = poll_fn(move |cx| {
            if std::mem::replace(&mut began, true) {
                answered.store(true, Ordering::Relaxed);
            }
            handshake.as_mut().poll(cx)
        });
        Self {
            handshake: Box::pin(noting),
            ..self
        }
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
    /// Those of addresses that have their share, in the order in which they came. No entry is empty. They are few: two addresses
    /// at most have their share at one time.
    waiting: Vec<(IpAddr, VecDeque<Begun>)>,
}

struct Running {
    began: Instant,
    task: AbortHandle,
    host: Option<IpAddr>,
    /// Set when the peer has answered.
    answered: Arc<AtomicBool>,
}

impl Running {
    /// Until when it does not have to make room.
    fn fair(&self) -> Instant {
        match self.answered.load(Ordering::Relaxed) {
            true => self.began + FAIR,
            false => self.began + ANSWER,
        }
    }
}

impl Handshakes {
    pub(super) fn new(shared: Arc<Shared>, name: &Arc<str>) -> Self {
        Self {
            shared,
            name: Arc::clone(name),
            running: JoinSet::new(),
            by_age: VecDeque::new(),
            waiting: Vec::new(),
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
            self.one_ends(None).await;
        }
    }

    /// Waits until any has ended, or one has had its time and is given up: of this address, or of all.
    async fn one_ends(&mut self, host: Option<IpAddr>) {
        let of_host = |running: &Running| host.is_none() || running.host == host;
        let running = self.by_age.iter().enumerate();
        let first = running
            .filter(|(_, running)| of_host(running))
            .min_by_key(|(_, running)| running.fair());
        let Some((at, first)) = first else {
            return;
        };
        let had_its_time = sleep_until(first.fair());
        tokio::select! {
            biased;
            _ended = self.running.join_next() => {}
            () = had_its_time => self.give_up_late(at),
        }
    }

    /// Unless it was answered meanwhile.
    fn give_up_late(&mut self, at: usize) {
        let running = self.by_age.get(at);
        if running.is_some_and(|running| running.fair() <= Instant::now()) {
            self.give_up(at);
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
        let waiting = self.waiting.iter().map(|(_, waiting)| waiting.len());
        self.running.len() + waiting.sum::<usize>()
    }

    /// Starts one, or lets it wait if its address has its share. There must be [`room`](Self::room).
    pub(super) fn start(&mut self, begun: Begun) {
        let host = begun.host();
        if let Some(host) = host.filter(|_| self.is_crowded(host)) {
            return self.wait(host, begun);
        }
        let answered = Arc::new(AtomicBool::new(false));
        let begun = begun.noting_answers(Arc::clone(&answered));
        let running = negotiate(begun, Arc::clone(&self.shared), Arc::clone(&self.name));
        self.by_age.push_back(Running {
            began: Instant::now(),
            task: task::join(&mut self.running, running),
            host,
            answered,
        });
    }

    /// Each of them holds a file, as a connection does.
    fn wait(&mut self, host: IpAddr, begun: Begun) {
        let most = self.shared.limits().connections.div_ceil(2);
        let of_host = self.waiting.iter().position(|(other, _)| *other == host);
        let of_host = of_host.unwrap_or_else(|| {
            self.waiting.push((host, VecDeque::new()));
            self.waiting.len() - 1
        });
        let waiting = &mut self.waiting[of_host].1;
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
            let Some(some) = self.waiting.first().map(|(host, _)| *host) else {
                return std::future::pending().await;
            };
            let is_free = |(host, _): &(IpAddr, _)| !self.is_crowded(Some(*host));
            let free = self.waiting.iter().position(is_free);
            if self.by_age.len() < self.most()
                && let Some(begun) = free.and_then(|at| self.take_waiting(at))
            {
                return self.start(begun);
            }
            let of_some = |running: &Running| running.host == Some(some);
            let is_there = self.by_age.iter().any(of_some);
            self.one_ends(is_there.then_some(some)).await;
        }
    }

    fn take_waiting(&mut self, at: usize) -> Option<Begun> {
        let (_, waiting) = self.waiting.get_mut(at)?;
        let begun = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(at);
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
