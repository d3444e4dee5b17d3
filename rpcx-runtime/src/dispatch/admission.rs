//! Admission: calls and request bytes in flight, and counters of what was refused.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::blocking::{BlockingPlace, BlockingPlaces, BlockingShares, Full, Queued};
use super::inflating::Inflating;
use super::stalls::Stalls;
use crate::codec::Holder;
use crate::connection::Limits;
#[cfg(feature = "http")]
use crate::connection::{ARRIVING, Arriving as ArrivingMemory};
use crate::context::{Cancel, Peer};
use crate::event::{Event, Events};
use crate::pace::after;
use crate::sync::lock;
use crate::transport::RefusedConnections;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What a server has done and refused since it was built: one counter for each limit.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            /// Requests whose handler runs at this moment.
            pub calls_in_flight: u64,
            /// Connections that are open at this moment.
            pub open_connections: u64,
            /// Bytes of [`Limits::memory`] that are held at this moment, by all servers that share it.
            pub memory: u64,
            /// Connections that the server's
            /// [`connections`](crate::server::ServerBuilder::connections) rules have refused.
            pub refused: RefusedConnections,
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Stats {
            /// Every counter with its name, for metrics and logs. The first three go up and down, the
            /// others only up.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [
                    ("calls_in_flight", self.calls_in_flight),
                    ("open_connections", self.open_connections),
                    ("memory", self.memory),
                    $((stringify!($name), self.$name),)*
                ]
                .into_iter()
            }
        }

        #[derive(Debug)]
        pub(crate) struct Counters {
            pub(crate) open_connections: AtomicU64,
            $(pub(crate) $name: Counter,)*
        }

        impl Counters {
            fn new() -> Self {
                Self {
                    open_connections: AtomicU64::new(0),
                    $($name: Counter::new(stringify!($name)),)*
                }
            }

            fn read(&self) -> Stats {
                Stats {
                    calls_in_flight: 0,
                    open_connections: self.open_connections.load(Ordering::Relaxed),
                    memory: 0,
                    refused: RefusedConnections::default(),
                    $($name: self.$name.count.load(Ordering::Relaxed),)*
                }
            }
        }
    };
}

counters! {
    /// Requests that came, with those that were refused.
    calls,
    /// Connections accepted.
    connections,
    /// Connections closed at once because [`Limits::connections`] were open.
    connections_refused,
    /// Connections closed at once because [`Limits::address_connections`] of their address were open.
    crowded_addresses,
    /// Connections closed, or asked to go, because places were short: see [`Limits::connections`].
    crowded_out,
    /// Streams that failed before they were accepted.
    accept_errors,
    /// Streams closed because their handshake failed. Those that connection rules refused are in
    /// `refused`.
    failed_handshakes,
    /// Streams closed because their handshake took longer than [`Limits::handshake`].
    slow_handshakes,
    /// Handshakes aborted after 1 s to make room for others, and silent connections evicted.
    crowded_handshakes,
    /// Connections closed because they sent bytes that are no frames.
    malformed_frames,
    /// Connections closed because their first byte did not come.
    silent_connections,
    /// Connections closed because nothing came for too long.
    idle_connections,
    /// Connections closed because they had been open for [`Limits::age`].
    aged_connections,
    /// Connections closed because a frame that had begun came too slowly.
    slow_frames,
    /// Connections closed because the peer took no byte of what was written.
    stalled_writes,
    /// Requests refused because their connection had as many calls or request bytes in flight as
    /// one may have.
    overloaded_connections,
    /// Times that reading paused because a peer did not take its replies.
    unread_replies,
    /// Replies that were not sent because [`Limits::reply_bytes`] waited to be written.
    dropped_replies,
    /// Requests over a limit of [`FrameLimits`](crate::protocol::FrameLimits).
    oversized_requests,
    /// Requests whose payload could not be inflated, or became too long.
    inflate_failures,
    /// Calls of `blocking` methods that waited because [`Limits::blocking_calls`] of their connection
    /// had threads.
    queued_blocking,
    /// Calls of `blocking` methods that waited because [`Limits::address_blocking_calls`] of their address
    /// had threads.
    crowded_blocking,
    /// Calls of `blocking` methods refused because no other one of their connection or address had ended for
    /// [`Limits::blocking_wait`].
    stalled_blocking,
    /// Requests refused because the server had too many calls in flight.
    overloaded,
    /// Requests refused because the server had too many request bytes in flight.
    overloaded_bytes,
    /// Requests refused because [`Limits::memory`] was spent.
    overloaded_memory,
    /// Requests refused because their deadline had passed.
    expired,
    /// Requests that the server's [`authorize`](crate::server::ServerBuilder::authorize) refused.
    denied,
    /// Connections closed because [`Limits::strikes`] of their requests in a row were refused.
    struck_out,
    /// Requests for a service or method that does not exist.
    unknown_methods,
    /// Connections closed because they sent too many or too large heartbeats.
    heartbeat_floods,
    /// Handlers that panicked.
    panics,
    /// Calls whose deadline passed while their handler ran.
    deadlines_missed,
    /// Calls whose handler took longer than [`Limits::handler`].
    slow_handlers,
    /// Handlers dropped before their end, because their caller had gone or was no longer waiting.
    abandoned,
}

/// What is told of a request that there is no memory for.
pub(crate) const NO_MEMORY: &str = "server overloaded: the memory for requests is spent";

/// One of the counters, and what [`Stats`] calls it.
#[derive(Debug)]
pub(crate) struct Counter {
    name: &'static str,
    count: AtomicU64,
}

impl Counter {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            count: AtomicU64::new(0),
        }
    }
}

/// The calls in flight of a whole server, its counters, and who is told of them.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) limits: Limits,
    pub(crate) counters: Counters,
    pub(crate) events: Events,
    pub(crate) stalls: Stalls,
    pub(super) inflating: Inflating,
    blocking: BlockingShares,
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
            calls: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
        })
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            calls_in_flight: self.calls.load(Ordering::Relaxed) as u64,
            memory: self.limits.memory.used() as u64,
            ..self.counters.read()
        }
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
        if self.calls.load(Ordering::Relaxed) >= self.limits.server_calls {
            self.reached(&self.counters.overloaded, peer);
            return Err("server overloaded: too many calls in flight");
        }
        if self.bytes.load(Ordering::Relaxed) >= self.limits.server_request_bytes {
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
        self.admission.bytes.fetch_add(bytes, Ordering::Relaxed);
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
        self.admission
            .bytes
            .fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// One more of something.
pub(crate) fn count(counter: &Counter) {
    count_many(counter, 1);
}

/// Several more of something.
pub(crate) fn count_many(counter: &Counter, many: u64) {
    counter.count.fetch_add(many, Ordering::Relaxed);
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
        self.admission.calls.fetch_add(1, Ordering::Relaxed);
        self.add(bytes);
        InFlight {
            calls: Arc::clone(self),
            bytes,
        }
    }

    fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.admission.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.admission.limits.memory.add(bytes);
    }

    fn sub(&self, bytes: usize) {
        self.admission.limits.memory.sub(bytes);
        self.admission.bytes.fetch_sub(bytes, Ordering::Relaxed);
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
        calls.admission.calls.fetch_sub(1, Ordering::Relaxed);
        calls.calls.fetch_sub(1, Ordering::AcqRel);
        let waiting = lock(&calls.waiting).take();
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}
