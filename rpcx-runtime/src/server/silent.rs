//! Connections of one listener that have sent no byte yet.
//!
//! Where a handshake comes first, the client begins it, as a rule in the packet behind the one that
//! connects. Connections that have sent no byte do not count against `Limits::handshakes`; they wait
//! here for at most `Limits::handshake`. There is room for as many as could still be opened, and when
//! that is full the oldest is evicted: it had the most time to begin. An address that has half of the room
//! evicts its own.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, timeout_at};

use super::Shared;
use super::handshakes::Begun;
use crate::address::Address;
use crate::pace::after;
use crate::task;
use crate::transport::{BoxFuture, Handshake, host};

/// They end with the listener.
pub(super) struct Silent {
    shared: Arc<Shared>,
    /// What the listener is called in events.
    name: Arc<str>,
    waiting: JoinSet<(u64, Option<Begun>)>,
    /// The same in the order in which they came, without those that were evicted.
    by_age: BTreeMap<u64, (AbortHandle, Option<IpAddr>)>,
    by_host: HashMap<IpAddr, usize>,
    next: u64,
}

impl Silent {
    pub(super) fn new(shared: Arc<Shared>, name: &Arc<str>) -> Self {
        Self {
            shared,
            name: Arc::clone(name),
            waiting: JoinSet::new(),
            by_age: BTreeMap::new(),
            by_host: HashMap::new(),
            next: 0,
        }
    }

    /// One more, beside `handshakes` that are under way.
    pub(super) fn add(
        &mut self,
        heard: BoxFuture<'static, Handshake>,
        peer: Option<Address>,
        handshakes: usize,
    ) {
        let room = self.room(handshakes);
        let from = peer
            .as_ref()
            .and_then(|peer| Some(host(peer.socket_addr()?)));
        if self.count_of(from) >= room.div_ceil(2).max(1) {
            self.give_up_oldest_of(from);
        }
        while !self.by_age.is_empty() && self.by_age.len() >= room {
            self.give_up_oldest();
        }
        if let Some(from) = from {
            *self.by_host.entry(from).or_default() += 1;
        }
        let until = after(Instant::now(), self.shared.limits().handshake);
        let number = self.next;
        self.next += 1;
        let waiting = task::join(&mut self.waiting, async move {
            let handshake = timeout_at(until, heard).await.ok();
            (
                number,
                handshake.map(|handshake| Begun {
                    handshake,
                    until,
                    peer,
                    forged: false,
                }),
            )
        });
        self.by_age.insert(number, (waiting, from));
    }

    fn count_of(&self, from: Option<IpAddr>) -> usize {
        let count = from.and_then(|from| self.by_host.get(&from).copied());
        count.unwrap_or(0)
    }

    /// Forgets one, and gives back its task.
    fn forget(&mut self, number: u64) -> Option<AbortHandle> {
        let (waiting, from) = self.by_age.remove(&number)?;
        if let Some(from) = from
            && let Some(count) = self.by_host.get_mut(&from)
        {
            *count -= 1;
            if *count == 0 {
                self.by_host.remove(&from);
            }
        }
        Some(waiting)
    }

    fn give_up_oldest_of(&mut self, from: Option<IpAddr>) {
        let mut of_host = self.by_age.iter().filter(|(_, (_, other))| *other == from);
        let oldest = of_host.next().map(|(number, _)| *number);
        self.give_up(oldest);
    }

    /// Each of them holds a file, as a connection does.
    fn room(&self, handshakes: usize) -> usize {
        let open = self
            .shared
            .counters()
            .open_connections
            .load(Ordering::Relaxed);
        let taken = usize::try_from(open)
            .unwrap_or(usize::MAX)
            .saturating_add(handshakes);
        self.shared.limits().connections.saturating_sub(taken)
    }

    fn give_up_oldest(&mut self) {
        let oldest = self.by_age.keys().next().copied();
        self.give_up(oldest);
    }

    fn give_up(&mut self, number: Option<u64>) {
        if let Some(oldest) = number.and_then(|number| self.forget(number)) {
            // One that has just said something is on its way to a place.
            if !oldest.is_finished() {
                oldest.abort();
                let counters = self.shared.counters();
                self.shared
                    .reached(&counters.crowded_handshakes, &self.name);
            }
        }
    }

    /// Makes room for others when the system has none.
    pub(super) fn give_up_older_half(&mut self) {
        for _ in 0..self.by_age.len().div_ceil(2) {
            self.give_up_oldest();
        }
    }

    /// The next one that has said something; `None` if there is none. May be dropped at any await.
    pub(super) async fn next(&mut self) -> Option<Begun> {
        while let Some(ended) = self.waiting.join_next().await {
            // An error is one that was given up.
            let Ok((number, begun)) = ended else { continue };
            self.forget(number);
            if begun.is_some() {
                return begun;
            }
            let counters = self.shared.counters();
            self.shared.reached(&counters.slow_handshakes, &self.name);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::io;
    use std::time::Duration;

    use tokio::io::duplex;
    use tokio::time::{Interval, interval, sleep};

    use super::super::Server;
    use crate::connection::Limits;
    use crate::transport::{Address, BoxFuture, Incoming, Listen, Stream};

    /// One that says something after a round trip, and needs two more for its handshake.
    fn newcomer() -> Incoming {
        const ROUND_TRIP: Duration = Duration::from_millis(100);
        Incoming::silent(sleep(ROUND_TRIP), |()| async {
            sleep(2 * ROUND_TRIP).await;
            let (end, _) = duplex(1);
            let (reader, writer) = tokio::io::split(end);
            Ok(Stream::new(
                reader,
                writer,
                Address::custom("flood", "newcomer"),
            ))
        })
    }

    /// For each `every` that connect, one is not silent.
    struct Flood {
        next: Interval,
        came: u32,
        every: u32,
    }

    impl Listen for Flood {
        fn accept(&mut self) -> BoxFuture<'_, io::Result<Incoming>> {
            Box::pin(async {
                self.next.tick().await;
                self.came += 1;
                Ok(match self.came % self.every {
                    0 => newcomer(),
                    _ => Incoming::silent(pending::<()>(), |()| pending()),
                })
            })
        }

        fn address(&self) -> Address {
            Address::custom("flood", "server")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_sustained_flood_of_silent_peers_does_not_keep_newcomers_out() {
        let mut limits = Limits::server();
        (limits.handshakes, limits.connections) = (4, 500);
        let flood = Flood {
            next: interval(Duration::from_millis(2)),
            came: 0,
            every: 250,
        };
        let server = Server::builder().limits(limits).listener(flood);
        let server = server.bind().await.unwrap();
        let handle = server.handle();
        tokio::spawn(server.serve());
        // Two newcomers a second among five hundred peers.
        sleep(Duration::from_millis(20_400)).await;
        let stats = handle.stats();
        assert_eq!((stats.connections, stats.slow_handshakes), (40, 0));
        // All the others but those that are there now.
        assert!(stats.crowded_handshakes > 9_500, "{stats:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_says_nothing_is_given_up_after_the_time_of_a_handshake() {
        let flood = Flood {
            next: interval(Duration::from_secs(1)),
            came: 0,
            every: u32::MAX,
        };
        let server = Server::builder().listener(flood).bind().await.unwrap();
        let handle = server.handle();
        tokio::spawn(server.serve());
        sleep(Duration::from_millis(12_500)).await;
        let stats = handle.stats();
        assert_eq!((stats.slow_handshakes, stats.crowded_handshakes), (3, 0));
    }
}
