//! Deadlines of calls whose connection belongs to a runtime that does not run.
//!
//! The clock of a connection (`keeper.rs`) is a task of the runtime that opened it. Its calls may be awaited
//! elsewhere: in another runtime, or in none. For them a thread of the process looks at each connection
//! a little after the first deadline on it. It wakes the callers that are late, and each ends its call by its
//! own clock. A call costs nothing for it, unless its deadline is the first of all on its connection.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::Connection;
use crate::sync::{self, lock};

/// How late the clock of a connection may be before the thread comes.
const PATIENCE: Duration = Duration::from_millis(50);

/// None where the process may have no more threads.
static LOOKOUT: LazyLock<Option<&Lookout>> = LazyLock::new(Lookout::start);

/// When to look, and after which connection.
#[derive(Default)]
struct Lookout {
    /// In the order of their keys. Deadlines mostly come in their order, too, so that a new one is among the last.
    looks: Mutex<VecDeque<(Key, Weak<Connection>)>>,
    earlier: Condvar,
}

/// When to look, and the number of the connection.
type Key = (Instant, u64);

/// Of one connection: its number, and when it is looked after next.
pub(super) struct Look {
    number: u64,
    next: Mutex<Option<Instant>>,
}

impl Look {
    pub(super) fn new() -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            next: Mutex::new(None),
        }
    }
}

/// Looks after a connection when this deadline has passed.
#[cold]
pub(super) fn look_after(connection: &Arc<Connection>, deadline: tokio::time::Instant) {
    let at = deadline.into_std().checked_add(PATIENCE);
    if let (Some(lookout), Some(at)) = (*LOOKOUT, at) {
        lookout.look(connection, at);
    }
}

impl Lookout {
    fn start() -> Option<&'static Self> {
        let lookout: &'static Self = Box::leak(Box::default());
        let thread = thread::Builder::new().name("rpcx deadlines".to_owned());
        thread.spawn(|| lookout.run()).ok()?;
        Some(lookout)
    }

    fn look(&self, connection: &Arc<Connection>, at: Instant) {
        let number = connection.look.number;
        let mut looks = lock(&self.looks);
        let next = &mut *lock(&connection.look.next);
        match *next {
            Some(planned) if planned <= at => return,
            Some(planned) => {
                if let Ok(place) = looks.binary_search_by_key(&(planned, number), |(key, _)| *key) {
                    looks.remove(place);
                }
            }
            None => {}
        }
        *next = Some(at);
        let key = (at, number);
        let place = looks.partition_point(|(other, _)| *other < key);
        looks.insert(place, (key, Arc::downgrade(connection)));
        if place == 0 {
            self.earlier.notify_one();
        }
    }

    fn run(&self) {
        loop {
            let connection = self.next();
            *lock(&connection.look.next) = None;
            let now = Instant::now();
            let late = now.checked_sub(PATIENCE).unwrap_or(now);
            if let Some(next) = connection.calls.wake_due(late.into()) {
                look_after(&connection, next);
            }
        }
    }

    /// Waits for the next connection that is to be looked after.
    fn next(&self) -> Arc<Connection> {
        let mut looks = lock(&self.looks);
        loop {
            let first = looks.front();
            let wait = first.map(|((at, _), _)| at.saturating_duration_since(Instant::now()));
            if wait != Some(Duration::ZERO) {
                looks = sync::wait(&self.earlier, looks, wait);
            } else if let Some((_, first)) = looks.pop_front()
                && let Some(connection) = first.upgrade()
            {
                return connection;
            }
        }
    }
}
