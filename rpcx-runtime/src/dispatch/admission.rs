//! Admission: calls and request bytes in flight.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::blocking::{BlockingPlace, BlockingPlaces, BlockingShares, Full, Queued};
use super::counters::{Counter, Counters, Stats, count};
use super::inflating::Inflating;
use super::stalls::Stalls;
use super::striped::{Apart, Striped};
use crate::codec::Holder;
use crate::connection::Limits;
#[cfg(feature = "http")]
use crate::connection::{ARRIVING, Arriving as ArrivingMemory};
use crate::context::{Cancel, Peer};
use crate::event::{Event, Events};
use crate::pace::after;
use crate::sync::lock;

/// What is told of a request that there is no memory for.
pub(crate) const NO_MEMORY: &str = "server overloaded: the memory for requests is spent";

/// The calls in flight of a whole server, its counters, and what is told of them.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) limits: Limits,
    pub(crate) counters: Counters,
    pub(crate) events: Events,
    pub(crate) stalls: Stalls,
    pub(super) inflating: Inflating,
    blocking: BlockingShares,
    /// Requests that came.
    requests: Striped,
    waiting: Apart<InFlightTotals>,
}

/// What all calls of a server that did not finish in place hold together.
#[derive(Debug, Default)]
struct InFlightTotals {
    calls: AtomicUsize,
    bytes: AtomicUsize,
}

impl Admission {
    pub(crate) fn new(limits: Limits, events: Events) -> Arc<Self> {
        Arc::new(Self {
            limits,
            counters: Counters::new(),
            events,
            stalls: Stalls::new(),
            inflating: Inflating::new(),
            blocking: BlockingShares::default(),
            requests: Striped::default(),
            waiting: Apart::default(),
        })
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            calls_in_flight: self.waiting.0.calls.load(Ordering::Relaxed) as u64,
            calls: self.requests.sum(),
            memory: self.limits.memory.used() as u64,
            ..self.counters.read()
        }
    }

    /// Counts requests that came.
    #[inline]
    pub(crate) fn came(&self, many: u64) {
        self.requests.add(many);
    }

    /// Counts that a limit was reached, and tells it. `peer` is the other end, or the listener.
    pub(crate) fn reached(&self, counter: &Counter, peer: &impl ToString) {
        count(counter);
        self.events.emit(|tell| {
            tell(&Event::LimitReached {
                counter: counter.name,
                peer: &peer.to_string(),
            });
        });
    }

    /// Refuses, and counts, one request of `peer` more than fits.
    #[inline]
    fn admit(&self, peer: &Peer) -> Result<(), &'static str> {
        let InFlightTotals { calls, bytes } = &self.waiting.0;
        if calls.load(Ordering::Relaxed) >= self.limits.server_calls {
            self.reached(&self.counters.overloaded, peer);
            return Err("server overloaded: too many calls in flight");
        }
        if bytes.load(Ordering::Relaxed) >= self.limits.server_request_bytes {
            self.reached(&self.counters.overloaded_bytes, peer);
            return Err("server overloaded: too many request bytes in flight");
        }
        if self.limits.memory.is_spent() {
            self.reached(&self.counters.overloaded_memory, peer);
            return Err(NO_MEMORY);
        }
        Ok(())
    }
}

/// Bytes of a request that is still arriving, counted until they are dropped.
#[cfg(feature = "http")]
#[derive(Debug)]
pub(crate) struct Arriving {
    admission: Arc<Admission>,
    bytes: usize,
    memory: ArrivingMemory,
}

#[cfg(feature = "http")]
impl Arriving {
    pub(crate) fn new(admission: &Arc<Admission>) -> Self {
        Self {
            admission: Arc::clone(admission),
            bytes: 0,
            memory: ArrivingMemory::new(admission.limits.memory.clone()),
        }
    }

    /// Counts more of them, unless the server holds as many as it may.
    pub(crate) fn add(&mut self, bytes: usize, peer: &Peer) -> Result<(), &'static str> {
        self.admission.admit(peer)?;
        let held = &self.admission.waiting.0.bytes;
        held.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        // Each connection may have as much as a frame that arrives.
        if self.bytes > ARRIVING && !self.memory.set(self.bytes) {
            self.admission
                .reached(&self.admission.counters.overloaded_memory, peer);
            return Err(NO_MEMORY);
        }
        Ok(())
    }
}

#[cfg(feature = "http")]
impl Drop for Arriving {
    fn drop(&mut self) {
        let held = &self.admission.waiting.0.bytes;
        held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The calls of one connection that did not finish in place.
#[derive(Debug)]
pub(crate) struct ConnectionCalls {
    pub(crate) admission: Arc<Admission>,
    /// Set when no reply can reach the peer any more: handlers are dropped then.
    pub(crate) lost: Cancel,
    peer: Arc<Peer>,
    calls: AtomicUsize,
    bytes: AtomicUsize,
    waiting: Mutex<Option<Waker>>,
    blocking: BlockingPlaces,
}

impl ConnectionCalls {
    pub(crate) fn new(admission: Arc<Admission>, peer: Arc<Peer>) -> Arc<Self> {
        Arc::new(Self {
            admission,
            peer,
            lost: Cancel::default(),
            calls: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            waiting: Mutex::new(None),
            blocking: BlockingPlaces::default(),
        })
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.calls.load(Ordering::Acquire)
    }

    /// Refuses, and counts, one request more than fits here or on the server.
    #[inline]
    pub(crate) fn admit(&self) -> Result<(), &'static str> {
        let limits = &self.admission.limits;
        if self.in_flight() >= limits.connection_calls {
            return Err(self.refused("connection overloaded: too many calls in flight"));
        }
        if self.bytes.load(Ordering::Relaxed) >= limits.connection_request_bytes {
            let text = "connection overloaded: too many request bytes in flight";
            return Err(self.refused(text));
        }
        self.admission.admit(&self.peer)
    }

    /// Counts, and tells, a limit that the peer has reached.
    pub(crate) fn reached(&self, which: fn(&Counters) -> &Counter) {
        let admission = &self.admission;
        admission.reached(which(&admission.counters), &*self.peer);
    }

    /// A place among the calls that have been given to threads that may block, or one in the queue.
    pub(super) fn blocking_place(&self) -> Result<BlockingPlace, Queued> {
        let Admission {
            limits, blocking, ..
        } = &*self.admission;
        let place = self.blocking.take(&self.peer.address, limits, blocking);
        if let Err(queued) = &place {
            self.reached(match queued.by {
                Full::Connection => |counters| &counters.queued_blocking,
                Full::Address => |counters| &counters.crowded_blocking,
            });
        }
        place
    }

    #[cold]
    fn refused(&self, text: &'static str) -> &'static str {
        self.reached(|counters| &counters.overloaded_connections);
        text
    }

    /// Waits until no request is in flight.
    pub(crate) fn poll_idle(&self, cx: &Context<'_>) -> Poll<()> {
        if self.in_flight() == 0 {
            return Poll::Ready(());
        }
        *lock(&self.waiting) = Some(cx.waker().clone());
        // A call may have ended between the look and the waker.
        if self.in_flight() == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Counts one more call in flight, until the value is dropped.
    pub(crate) fn enter(self: &Arc<Self>, bytes: usize) -> InFlight {
        self.calls.fetch_add(1, Ordering::AcqRel);
        self.admission
            .waiting
            .0
            .calls
            .fetch_add(1, Ordering::Relaxed);
        self.add(bytes);
        InFlight {
            calls: Arc::clone(self),
            bytes,
        }
    }

    /// The same with bytes that it [holds](Holder) for it already.
    pub(super) fn enter_with(self: &Arc<Self>, bytes: usize, decoded: usize) -> InFlight {
        let mut in_flight = self.enter(bytes);
        in_flight.adopt(decoded);
        in_flight
    }

    fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.admission
            .waiting
            .0
            .bytes
            .fetch_add(bytes, Ordering::Relaxed);
        self.admission.limits.memory.add(bytes);
    }

    /// So many of those that it [holds](Holder) are not held any more.
    pub(super) fn release(&self, bytes: usize) {
        self.sub(bytes);
    }

    fn sub(&self, bytes: usize) {
        self.admission.limits.memory.sub(bytes);
        self.admission
            .waiting
            .0
            .bytes
            .fetch_sub(bytes, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Holder for ConnectionCalls {
    fn hold(&self, bytes: usize) -> bool {
        if self.admission.limits.memory.is_spent() {
            self.reached(|counters| &counters.overloaded_memory);
            return false;
        }
        self.add(bytes);
        true
    }

    fn settle(&self, held: usize, bytes: usize) {
        self.add(bytes);
        self.sub(held);
    }

    fn begin_turn(&self) {
        self.admission.inflating.begin();
    }

    fn end_turn(&self) {
        self.admission.inflating.end();
    }
}

/// A call in flight.
#[derive(Debug)]
pub(crate) struct InFlight {
    calls: Arc<ConnectionCalls>,
    bytes: usize,
}

impl InFlight {
    pub(crate) fn calls(&self) -> &ConnectionCalls {
        &self.calls
    }

    /// The same, to be kept.
    pub(super) fn shared(&self) -> &Arc<ConnectionCalls> {
        &self.calls
    }

    /// So many bytes more are held for it.
    pub(super) fn grow(&mut self, bytes: usize) {
        self.calls.add(bytes);
        self.bytes += bytes;
    }

    /// So many of those that its connection [holds](Holder) are held for it.
    pub(super) fn adopt(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// When a handler that begins now has run for as long as one may.
    pub(crate) fn limit(&self) -> Option<Instant> {
        let limit = self.calls.admission.limits.handler;
        (limit < Duration::MAX).then(|| after(Instant::now(), limit))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let calls = &self.calls;
        calls.sub(self.bytes);
        calls
            .admission
            .waiting
            .0
            .calls
            .fetch_sub(1, Ordering::Relaxed);
        calls.calls.fetch_sub(1, Ordering::AcqRel);
        let waiting = lock(&calls.waiting).take();
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}
