//! The places of a server: which peers have them, and which have to go when they are short.
//!
//! One address, or one /64 network of IPv6, has a share of them. From four fifths of
//! [`Limits::connections`](crate::Limits::connections) on, each new connection sends another one away:
//! first those of which no request was ever let through, then those that have been idle for long, and of
//! them the one that was silent for the longest time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use slab::Slab;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::Shared;
use crate::address::Address;
use crate::connection::Limits;
use crate::context::Standing;
use crate::dispatch::{ConnectionCalls, TICK};
use crate::sync::lock;
use crate::task;
use crate::transport::host;

/// Places that are looked at for one that can be given up. With more of them the search goes on where the
/// last one ended, so that it costs the same however many there are.
const LOOKED_AT: usize = 256;

/// Seconds for which a connection that is in use has to be idle before it is sent away, and the same when
/// no place at all is left.
const IDLE: u32 = 60;
const IDLE_WHEN_FULL: u32 = 5;

#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Seconds since the server began to serve.
    clock: AtomicU32,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    open: Slab<Entry>,
    by_host: HashMap<IpAddr, usize>,
    /// Those that were sent away and have nothing to wait for.
    leaving: usize,
    /// Where the next search begins.
    next: usize,
    born: u64,
}

#[derive(Debug)]
struct Entry {
    standing: Arc<Standing>,
    /// None where it cannot be known whether calls run.
    calls: Option<Arc<ConnectionCalls>>,
    host: Option<IpAddr>,
    /// In the order in which they came.
    born: u64,
    asked: bool,
    /// It was asked, and has no calls that it could wait for.
    leaving: bool,
}

/// What one more connection meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Free,
    /// All places are taken by connections that are in use.
    Full,
    /// Its address has its share.
    AddressFull,
}

impl Places {
    /// The time, for [`Standing::heard`].
    #[inline]
    pub(crate) fn now(&self) -> u32 {
        self.clock.load(Ordering::Relaxed)
    }

    /// Whether there would be a place for one more. No connection is evicted for one that may never be established.
    pub(super) fn would_have_room(&self, peer: Option<&Address>, limits: &Limits) -> Room {
        let table = lock(&self.table);
        table.room(peer, limits, || {
            table.least_needed(self.now(), true).is_some()
        })
    }

    /// Whether there is a place for one more, for which another one may have to go.
    pub(super) fn room(&self, peer: Option<&Address>, limits: &Limits) -> Room {
        let mut table = lock(&self.table);
        match table.room(peer, limits, || false) {
            Room::Full if table.send_one_away(self.now(), true) => Room::Free,
            room => room,
        }
    }

    fn enter(&self, peer: &Address, limits: &Limits, entry: Entry) -> usize {
        let mut table = lock(&self.table);
        let now = self.now();
        entry.standing.heard(now);
        let most = limits.connections;
        if table.taken() >= most - most / 5 {
            table.send_one_away(now, false);
        }
        if let Some(host) = host_of(Some(peer)) {
            *table.by_host.entry(host).or_default() += 1;
        }
        table.born += 1;
        let born = table.born;
        table.open.insert(Entry { born, ..entry })
    }

    fn leave(&self, key: usize) {
        let mut table = lock(&self.table);
        let Some(entry) = table.open.try_remove(key) else {
            return;
        };
        table.leaving -= usize::from(entry.leaving);
        if let Some(host) = entry.host
            && let Some(count) = table.by_host.get_mut(&host)
        {
            *count -= 1;
            if *count == 0 {
                table.by_host.remove(&host);
            }
        }
    }
}

fn host_of(peer: Option<&Address>) -> Option<IpAddr> {
    peer?.socket_addr().map(host)
}

impl Table {
    fn taken(&self) -> usize {
        self.open.len() - self.leaving
    }

    /// `made` says whether room could be made where there is none.
    fn room(&self, peer: Option<&Address>, limits: &Limits, made: impl Fn() -> bool) -> Room {
        let of_host = host_of(peer).and_then(|host| self.by_host.get(&host).copied());
        if of_host.unwrap_or(0) >= limits.address_connections {
            return Room::AddressFull;
        }
        match self.taken() < limits.connections || made() {
            true => Room::Free,
            false => Room::Full,
        }
    }

    /// The places that are looked at, from the next one on.
    fn slots(&self) -> (usize, usize) {
        let slots = self.open.capacity().max(1);
        (slots, slots.min(LOOKED_AT))
    }

    /// The connection that is needed least, if there is one that can be asked to go.
    fn least_needed(&self, now: u32, full: bool) -> Option<usize> {
        let idle = if full { IDLE_WHEN_FULL } else { IDLE };
        let (slots, looked_at) = self.slots();
        let keys = (0..looked_at).map(|step| (self.next + step) % slots);
        let ranked = keys.filter_map(|key| Some((self.open.get(key)?.rank(now, idle)?, key)));
        ranked.min().map(|(_, key)| key)
    }

    /// Asks it to go.
    fn send_one_away(&mut self, now: u32, full: bool) -> bool {
        let worst = self.least_needed(now, full);
        let (slots, looked_at) = self.slots();
        self.next = (self.next + looked_at) % slots;
        let Some(entry) = worst.and_then(|key| self.open.get_mut(key)) else {
            return false;
        };
        entry.asked = true;
        // One that is known may take its time.
        entry.leaving = !entry.standing.is_known();
        entry.standing.crowded.set();
        self.leaving += usize::from(entry.leaving);
        true
    }
}

impl Entry {
    /// The lowest goes first; none at all if it has to stay.
    fn rank(&self, now: u32, idle: u32) -> Option<(bool, u32, u64)> {
        if self.asked {
            return None;
        }
        let (known, active) = (self.standing.is_known(), self.standing.active());
        let is_idle = || {
            let none_run = |calls: &Arc<ConnectionCalls>| calls.in_flight() == 0;
            now.saturating_sub(active) >= idle && self.calls.as_ref().is_some_and(none_run)
        };
        (!known || is_idle()).then_some((known, active, self.born))
    }
}

/// One open connection, counted for as long as the value lives.
#[derive(Debug)]
pub(crate) struct Place {
    shared: Arc<Shared>,
    key: usize,
}

impl Place {
    /// Enters a connection with `peer`. `calls` are those that it runs, if that can be known.
    pub(crate) fn enter(
        shared: &Arc<Shared>,
        peer: &Address,
        standing: &Arc<Standing>,
        calls: Option<&Arc<ConnectionCalls>>,
    ) -> Self {
        let entry = Entry {
            standing: Arc::clone(standing),
            calls: calls.cloned(),
            host: host_of(Some(peer)),
            born: 0,
            asked: false,
            leaving: false,
        };
        let key = shared.places.enter(peer, shared.limits(), entry);
        let open = &shared.counters().open_connections;
        open.fetch_add(1, Ordering::Relaxed);
        Self {
            shared: Arc::clone(shared),
            key,
        }
    }
}

impl Place {
    /// Which calls it runs, where that was not known from the beginning.
    pub(crate) fn runs(&self, calls: &Arc<ConnectionCalls>) {
        let mut table = lock(&self.shared.places.table);
        if let Some(entry) = table.open.get_mut(self.key) {
            entry.calls = Some(Arc::clone(calls));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.places.leave(self.key);
        let open = &self.shared.counters().open_connections;
        open.fetch_sub(1, Ordering::Relaxed);
        self.shared.phase.connection_ended();
    }
}

/// Runs the clock, which tells which connection was silent for longer and whether the server ran, for as long
/// as it lives.
pub(super) struct Ticking(JoinHandle<()>);

impl Ticking {
    pub(super) fn start(shared: &Arc<Shared>) -> Self {
        let shared = Arc::clone(shared);
        Self(task::spawn(async move {
            loop {
                sleep(TICK).await;
                shared.places.clock.fetch_add(1, Ordering::Relaxed);
                shared.dispatch.admission.stalls.tick(Instant::now());
            }
        }))
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.abort();
    }
}
