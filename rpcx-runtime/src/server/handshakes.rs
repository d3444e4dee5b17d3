//! The handshakes in progress on one listener: how many there are, and who has to go.
//!
//! When all places are taken, no connection is accepted until one is free. What waits in the backlog
//! of the system loses nothing by it, and those under way are nearer to their end than a newcomer:
//! to give up the oldest for the newest would drop just them when many connect at once, as they do
//! after a restart. But peers that begin and do not go on must not keep the others out for as long
//! as a handshake may take. So one that has had its fair time makes room, the oldest first. Connections
//! that have sent no byte are not here: see `silent.rs`.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::{Shared, connection};
use crate::address::Address;
use crate::dispatch::count;
use crate::event::Event;
use crate::transport::{Handshake, Refused};

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

/// Those of one listener. They end with it.
pub(super) struct Handshakes {
    shared: Arc<Shared>,
    /// What the listener is called in events.
    name: Arc<str>,
    running: JoinSet<()>,
    /// The same by age, the oldest first. Those that have ended leave when room is looked for.
    by_age: VecDeque<(Instant, AbortHandle)>,
}

impl Handshakes {
    pub(super) fn new(shared: Arc<Shared>, name: &Arc<str>) -> Self {
        Self {
            shared,
            name: Arc::clone(name),
            running: JoinSet::new(),
            by_age: VecDeque::new(),
        }
    }

    /// Waits until one more may be started. May be dropped at any await.
    pub(super) async fn room(&mut self) {
        let most = self.shared.limits().handshakes.max(1);
        loop {
            while self.running.try_join_next().is_some() {}
            self.by_age.retain(|(_, running)| !running.is_finished());
            let Some((began, _)) = self.by_age.front().filter(|_| self.by_age.len() >= most) else {
                return;
            };
            let had_its_time = sleep_until(*began + FAIR);
            tokio::select! {
                biased;
                _ended = self.running.join_next() => {}
                () = had_its_time => self.give_up_oldest(),
            }
        }
    }

    fn give_up_oldest(&mut self) {
        if let Some((_, oldest)) = self.by_age.pop_front() {
            oldest.abort();
            let counters = self.shared.counters();
            self.shared
                .reached(&counters.crowded_handshakes, &self.name);
        }
    }

    /// How many are in progress.
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn start(&mut self, begun: Begun) {
        let running = negotiate(begun, Arc::clone(&self.shared), Arc::clone(&self.name));
        let running = self.running.spawn(running);
        self.by_age.push_back((Instant::now(), running));
    }

    /// Waits for those under way.
    pub(super) async fn finish(&mut self) {
        let all = async { while self.running.join_next().await.is_some() {} };
        let _all_finished = timeout(LAST, all).await;
    }
}

async fn negotiate(begun: Begun, shared: Arc<Shared>, name: Arc<str>) {
    let counters = &shared.counters();
    match timeout_at(begun.until, begun.handshake).await {
        Ok(Ok(stream)) if !shared.is_full(&stream.peer) => connection::start(stream, shared),
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
