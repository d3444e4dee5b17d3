//! Connections of one listener that have sent no byte yet.
//!
//! Where a handshake comes first, the client begins it, as a rule in the packet behind the one that
//! connects. Connections that have sent no byte do not count against `Limits::handshakes`; they wait
//! here for at most `Limits::handshake`. There is room for as many as could still be opened, and when
//! that is full the oldest is evicted: it had the most time to begin. An address that has half of the room
//! evicts its own.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};

use super::Shared;
use super::handshakes::Begun;
use crate::address::Address;
use crate::pace::after;
use crate::sync::lock;
use crate::task;
use crate::transport::{BoxFuture, Handshake, host};

/// They end with the listener.
pub(super) struct Silent {
    shared: Arc<Shared>,
    /// What the listener is called in events.
    name: Arc<str>,
    tasks: JoinSet<()>,
    /// What came of those that are silent no more, by their numbers: none is one whose time is over.
    ended: Arc<Mutex<Ended>>,
    waiting: Waiting,
    by_host: HashMap<IpAddr, usize>,
    next: u64,
}

/// Connections by their numbers, in the order in which they have ended.
type Ended = VecDeque<(u64, Option<Begun>)>;

/// Those that wait, in the order in which they came.
#[derive(Default)]
struct Waiting {
    /// With the places of those that were forgotten, as long as these are not the most.
    all: VecDeque<(u64, Option<One>)>,
    count: usize,
}

struct One {
    task: AbortHandle,
    host: Option<IpAddr>,
}

impl Silent {
    pub(super) fn new(shared: Arc<Shared>, name: &Arc<str>) -> Self {
        Self {
            shared,
            name: Arc::clone(name),
            tasks: JoinSet::new(),
            ended: Arc::default(),
            waiting: Waiting::default(),
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
        let host = peer
            .as_ref()
            .and_then(|peer| Some(host(peer.socket_addr()?)));
        if self.count_of(host) >= room.div_ceil(2).max(1) {
            self.give_up(self.waiting.oldest_of(host));
        }
        while self.waiting.count > 0 && self.waiting.count >= room {
            self.give_up_oldest();
        }
        if let Some(host) = host {
            *self.by_host.entry(host).or_default() += 1;
        }
        let until = after(Instant::now(), self.shared.limits().handshake);
        let number = self.next;
        self.next += 1;
        let ended = Arc::clone(&self.ended);
        let task = task::join(&mut self.tasks, async move {
            let handshake = timeout_at(until, heard).await.ok();
            let begun = handshake.map(|handshake| Begun {
                handshake,
                until,
                peer,
                forged: false,
            });
            lock(&ended).push_back((number, begun));
        });
        self.waiting.add(number, One { task, host });
    }

    fn count_of(&self, host: Option<IpAddr>) -> usize {
        let count = host.and_then(|host| self.by_host.get(&host).copied());
        count.unwrap_or(0)
    }

    /// Forgets one, and gives back its task.
    fn forget(&mut self, number: u64) -> Option<AbortHandle> {
        let One { task, host } = self.waiting.remove(number)?;
        if let Some(host) = host
            && let Some(count) = self.by_host.get_mut(&host)
        {
            *count -= 1;
            if *count == 0 {
                self.by_host.remove(&host);
            }
        }
        Some(task)
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
        self.give_up(self.waiting.oldest());
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
        for _ in 0..self.waiting.count.div_ceil(2) {
            self.give_up_oldest();
        }
    }

    /// The next one that has said something; `None` if there is none. May be dropped at any await.
    pub(super) async fn next(&mut self) -> Option<Begun> {
        loop {
            while let Some(joined) = self.tasks.try_join_next() {
                self.joined(&joined);
            }
            let ended = lock(&self.ended).pop_front();
            let Some((number, begun)) = ended else {
                let joined = self.tasks.join_next().await?;
                self.joined(&joined);
                continue;
            };
            self.forget(number);
            if begun.is_some() {
                return begun;
            }
            let counters = self.shared.counters();
            self.shared.reached(&counters.slow_handshakes, &self.name);
        }
    }

    /// One that has panicked, in a listener of the application, has not said how it ended.
    fn joined(&mut self, joined: &Result<(), JoinError>) {
        if joined.as_ref().is_err_and(JoinError::is_panic) {
            while let Some(number) = self.waiting.ended() {
                self.forget(number);
            }
        }
    }
}

impl Waiting {
    /// The newest: numbers only go up.
    fn add(&mut self, number: u64, one: One) {
        self.all.push_back((number, Some(one)));
        self.count += 1;
    }

    fn remove(&mut self, number: u64) -> Option<One> {
        let place = self.all.binary_search_by_key(&number, |(other, _)| *other);
        let one = self.all.get_mut(place.ok()?)?.1.take()?;
        self.count -= 1;
        while self.all.front().is_some_and(|(_, one)| one.is_none()) {
            self.all.pop_front();
        }
        // As often as half of them go, so that each is moved about once.
        if self.all.len() > 2 * self.count + 64 {
            self.all.retain(|(_, one)| one.is_some());
        }
        Some(one)
    }

    fn find(&self, is: impl Fn(&One) -> bool) -> Option<u64> {
        let is = |(_, one): &&(u64, Option<One>)| one.as_ref().is_some_and(&is);
        self.all.iter().find(is).map(|(number, _)| *number)
    }

    fn oldest(&self) -> Option<u64> {
        self.find(|_| true)
    }

    fn oldest_of(&self, host: Option<IpAddr>) -> Option<u64> {
        self.find(|one| one.host == host)
    }

    /// One whose task has ended.
    fn ended(&self) -> Option<u64> {
        self.find(|one| one.task.is_finished())
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
    use super::{One, Waiting};
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

    /// The oldest stays, and what is kept does not grow with those that come and go meanwhile.
    #[tokio::test]
    async fn those_that_are_forgotten_take_no_room() {
        let one = || One {
            task: tokio::spawn(pending::<()>()).abort_handle(),
            host: None,
        };
        let mut waiting = Waiting::default();
        waiting.add(0, one());
        for number in 1..1_000 {
            waiting.add(number, one());
            assert_eq!(waiting.count, 2);
            assert!(waiting.remove(number).is_some() && waiting.remove(number).is_none());
            assert!(waiting.all.len() <= 68, "{}", waiting.all.len());
            assert_eq!(waiting.oldest(), Some(0));
        }
        assert!(waiting.remove(0).is_some());
        assert!(waiting.all.is_empty() && waiting.oldest().is_none());
    }
}
