//! What a server counts: [`Stats`], and the counters behind them.

use std::sync::atomic::{AtomicU64, Ordering};

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
            /// Bytes of [`Limits::memory`](crate::Limits::memory) that are held at this moment, by all servers that share it.
            pub memory: u64,
            /// Connections that the server's
            /// [`connections`](crate::server::ServerBuilder::connections) rules have refused.
            pub refused: RefusedConnections,
            /// Requests that came, with those that were refused.
            pub calls: u64,
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
                    ("calls", self.calls),
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
            pub(super) fn new() -> Self {
                Self {
                    open_connections: AtomicU64::new(0),
                    $($name: Counter::new(stringify!($name)),)*
                }
            }

            pub(super) fn read(&self) -> Stats {
                Stats {
                    calls_in_flight: 0,
                    open_connections: self.open_connections.load(Ordering::Relaxed),
                    memory: 0,
                    refused: RefusedConnections::default(),
                    calls: 0,
                    $($name: self.$name.count.load(Ordering::Relaxed),)*
                }
            }
        }
    };
}

counters! {
    /// Connections accepted.
    connections,
    /// Connections closed at once because [`Limits::connections`](crate::Limits::connections) were open.
    connections_refused,
    /// Connections closed at once because [`Limits::address_connections`](crate::Limits::address_connections)
    /// of their address were open.
    crowded_addresses,
    /// Connections closed, or asked to go, because places were short: see [`Limits::connections`](crate::Limits::connections).
    crowded_out,
    /// Streams that failed before they were accepted.
    accept_errors,
    /// Streams closed because their handshake failed. Those that connection rules refused are in
    /// `refused`.
    failed_handshakes,
    /// Streams closed because their handshake took longer than [`Limits::handshake`](crate::Limits::handshake).
    slow_handshakes,
    /// Handshakes aborted after 1 s to make room for others, and silent connections evicted.
    crowded_handshakes,
    /// Connections closed because they sent bytes that are no frames.
    malformed_frames,
    /// Connections closed because their first byte did not come.
    silent_connections,
    /// Connections closed because nothing came for too long.
    idle_connections,
    /// Connections closed because they had been open for [`Limits::age`](crate::Limits::age).
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
    /// Replies that were not sent because [`Limits::reply_bytes`](crate::Limits::reply_bytes) waited to be written.
    dropped_replies,
    /// Requests over a limit of [`FrameLimits`](crate::protocol::FrameLimits).
    oversized_requests,
    /// Requests whose payload could not be inflated, or became too long.
    inflate_failures,
    /// Calls of `blocking` methods that waited because [`Limits::blocking_calls`](crate::Limits::blocking_calls) of their connection
    /// had threads.
    queued_blocking,
    /// Calls of `blocking` methods that waited because
    /// [`Limits::address_blocking_calls`](crate::Limits::address_blocking_calls) of their address
    /// had threads.
    crowded_blocking,
    /// Calls of `blocking` methods refused because no other one of their connection or address had ended for
    /// [`Limits::blocking_wait`](crate::Limits::blocking_wait).
    stalled_blocking,
    /// Requests refused because the server had too many calls in flight.
    overloaded,
    /// Requests refused because the server had too many request bytes in flight.
    overloaded_bytes,
    /// Requests refused because [`Limits::memory`](crate::Limits::memory) was spent.
    overloaded_memory,
    /// Requests refused because their deadline had passed.
    expired,
    /// Requests that the server's [`authorize`](crate::server::ServerBuilder::authorize) refused.
    denied,
    /// Connections closed because [`Limits::strikes`](crate::Limits::strikes) of their requests in a row were refused.
    struck_out,
    /// Requests for a service or method that does not exist.
    unknown_methods,
    /// Connections closed because they sent too many or too large heartbeats.
    heartbeat_floods,
    /// Handlers that panicked.
    panics,
    /// Calls whose deadline passed while their handler ran.
    deadlines_missed,
    /// Calls whose handler took longer than [`Limits::handler`](crate::Limits::handler).
    slow_handlers,
    /// Handlers dropped before their end, because their caller had gone or was no longer waiting.
    abandoned,
}

/// One of the counters, and what [`Stats`] calls it.
#[derive(Debug)]
pub(crate) struct Counter {
    pub(super) name: &'static str,
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

/// One more of something.
pub(crate) fn count(counter: &Counter) {
    counter.count.fetch_add(1, Ordering::Relaxed);
}
