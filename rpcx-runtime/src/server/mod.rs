//! Servers: the side that answers.
//!
//! [`Server::builder`] takes services and addresses, and [`serve`](ServerBuilder::serve) runs until the program ends;
//! [`serve_until`](ServerBuilder::serve_until) until a signal, after which it drains: what was read is answered, and clients are told to go elsewhere.
//!
//! ```no_run
//! # async fn f(arith: impl rpcx::services::Service) -> rpcx::Result<()> {
//! use rpcx::Server;
//!
//! let ctrl_c = async { let _ = tokio::signal::ctrl_c().await; };
//! Server::builder()
//!     .register(arith)                        // `ArithServer::new(MyArith)`
//!     .listen("tcp@0.0.0.0:8972")
//!     .serve_until(ctrl_c)
//!     .await
//! # }
//! ```
//!
//! | what | how |
//! |---|---|
//! | who may call what | [`authorize`](ServerBuilder::authorize), [`authorize_async`](ServerBuilder::authorize_async) |
//! | who may connect | [`connections`](ServerBuilder::connections) |
//! | code around handlers | [`layer`](ServerBuilder::layer) |
//! | what one peer may ask for | [`limits`](ServerBuilder::limits), all of which are on by default |
//! | where clients find it | [`registry`](ServerBuilder::registry) |
//! | what happens beside calls | [`on_event`](ServerBuilder::on_event), [`Stats`] |

// From the frames of a connection to the dispatch, and back: `frames.rs`, which is the place to begin reading.

mod accept;
mod alarms;
mod assembly;
mod builder;
mod connection;
#[cfg_attr(
    not(feature = "http"),
    allow(dead_code, reason = "nothing else is spoken on a port")
)]
mod door;
mod formats;
mod frames;
mod handshakes;
mod places;
mod registries;
mod replies;
mod shutdown;
mod silent;
mod watchdog;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc::channel;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use builder::ServerBuilder;
#[cfg(feature = "http")]
pub(crate) use door::Door;
#[cfg(all(feature = "http", feature = "tower"))]
pub(crate) use door::peer as peer_without_frames;
#[cfg(feature = "http")]
pub(crate) use door::{CROWDED, Knock, old_at};
#[cfg(feature = "http")]
pub(crate) use places::Place;
pub(crate) use shutdown::Phase;
pub use shutdown::ServerHandle;

use accept::Stages;
use door::Entrance;
use places::{Places, Room, Ticking};
use registries::Announce;

use crate::connection::Limits;
#[cfg(feature = "http")]
use crate::connection::ReadBuffer;
pub use crate::dispatch::{AuthRequest, Stats};
use crate::dispatch::{Counter, Counters, Dispatch};
use crate::error::Result;
use crate::event::{Event, Events};
use crate::pace::after;
use crate::task;
use crate::transport::{Address, BoxFuture, Filter, Listen, Stream};

/// How long a listener may take to close when its last connection has ended.
const CLOSING: Duration = Duration::from_secs(1);

/// A server that has bound its addresses and waits to be run.
///
/// ```no_run
/// # async fn f(arith: impl rpcx::services::Service) -> rpcx::Result<()> {
/// use rpcx::Server;
///
/// Server::builder()
///     .register(arith)
///     .listen("tcp@127.0.0.1:8972")
///     .serve()
///     .await
/// # }
/// ```
pub struct Server {
    shared: Arc<Shared>,
    listeners: Vec<Box<dyn Listen>>,
    grace: Duration,
    /// Those in registries, if it has any.
    entries: Option<Box<dyn Announce>>,
}

/// What every connection of a server has in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) dispatch: Arc<Dispatch>,
    pub(crate) phase: Phase,
    /// Who has its places.
    pub(crate) places: Places,
    /// What its listeners apply, for the counters.
    filter: Option<Arc<Filter>>,
    /// What takes connections that do not begin as rpcx does.
    door: Option<Entrance>,
}

impl Server {
    /// A server without services and addresses.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::new()
    }

    /// The addresses that are bound, in the order they were given, as clients are to use them: with
    /// the ports that the system chose, and with the paths that are not the default. In Go a path is
    /// not a part of an address.
    pub fn addresses(&self) -> Vec<Address> {
        self.listeners
            .iter()
            .map(|listener| listener.address())
            .collect()
    }

    /// The way to stop the server and to look at it while it runs.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(Arc::clone(&self.shared))
    }

    /// Serves until [`ServerHandle::shutdown`] is called, then drains and returns.
    ///
    /// A server with [registries](ServerBuilder::registry) is registered while this runs. It leaves them first,
    /// and goes on for the [notice time](ServerBuilder::leave_notice).
    ///
    /// Draining closes the listeners and accepts what is left in the backlog, whose handshakes may take
    /// 6 s in all. Meanwhile clients that understand it, those of this
    /// crate, are asked to go elsewhere: they make new calls on a new connection, and close the old
    /// one when its calls are answered. Other connections are closed once they are quiet, or are no longer read
    /// from after 2 s and closed when what was read is answered. Everything
    /// that was read is answered; what still runs, or still shakes hands, when the
    /// [grace time](ServerBuilder::shutdown_grace) is over is dropped.
    ///
    /// Dropping the future stops accepting at once, and lets the open connections drain on their
    /// own.
    pub async fn serve(self) -> Result<()> {
        self.run().await;
        Ok(())
    }

    /// Serves until `signal` completes, then drains as [`serve`](Self::serve) does.
    pub async fn serve_until(self, signal: impl Future<Output = ()>) -> Result<()> {
        let handle = self.handle();
        let stop = async {
            signal.await;
            handle.shutdown();
        };
        let ((), served) = tokio::join!(stop, self.serve());
        served
    }

    /// In a box, which is compiled here: an async function is compiled where it is awaited.
    fn run(self) -> BoxFuture<'static, ()> {
        let Self {
            shared,
            listeners,
            grace,
            mut entries,
        } = self;
        Box::pin(async move {
            let _stop = DrainOnDrop(Arc::clone(&shared));
            let _ticking = Ticking::start(&shared);
            let ((open, mut any_open), (taking, mut any_taking)) = (channel(1), channel(1));
            let stages = Stages { open, taking };
            let mut accepting = JoinSet::new();
            for listener in listeners {
                let running = accept::run(listener, Arc::clone(&shared), stages.clone(), grace);
                task::join(&mut accepting, running);
            }
            drop(stages);
            if let Some(entries) = &mut entries {
                entries.register(&shared);
            }
            shared.phase.asked().await;
            shared.tell(&Event::Stopping);
            if let Some(mut entries) = entries {
                entries.leave(&shared).await;
            }
            shared.phase.stop();
            let end = after(Instant::now(), grace);
            // It is over when all listeners have let go.
            let _all_closed = any_open.recv().await;
            shared.tell(&Event::ListenersClosed);
            let connections = shared.open_connections();
            shared.tell(&Event::Draining { connections });
            shared.phase.drain();
            // The connections that were established already.
            let _all_taken = any_taking.recv().await;
            shared.drained(end).await;
            let closed = async { while accepting.join_next().await.is_some() {} };
            let _all_closed = tokio::time::timeout(CLOSING, closed).await;
            shared.tell(&Event::Stopped);
        })
    }
}

struct DrainOnDrop(Arc<Shared>);

impl Drop for DrainOnDrop {
    fn drop(&mut self) {
        self.0.phase.drain();
    }
}

/// Serves one stream that was not accepted by a listener: one end of a pipe.
pub(crate) fn serve_stream(stream: Stream, shared: Arc<Shared>) {
    connection::start(stream, shared);
}

/// Serves frames on a stream whose peer has negotiated that; `front` was read of it already.
#[cfg(feature = "http")]
pub(crate) fn serve_frames(stream: Stream, front: &[u8], shared: Arc<Shared>) {
    let mut buffer = ReadBuffer::new();
    buffer.bytes.extend_from_slice(front);
    connection::frames(stream, buffer, shared);
}

impl Shared {
    pub(crate) fn new(dispatch: Dispatch) -> Arc<Self> {
        Self::with(dispatch, None, None)
    }

    fn with(dispatch: Dispatch, filter: Option<Arc<Filter>>, door: Option<Entrance>) -> Arc<Self> {
        Arc::new(Self {
            dispatch: Arc::new(dispatch),
            phase: Phase::default(),
            places: Places::default(),
            filter,
            door,
        })
    }

    /// Waits until no connection is open, but no longer than until `end`; then cuts off the rest.
    async fn drained(&self, end: Instant) {
        let admission = &self.dispatch.admission;
        if !self.phase.drained(admission, end).await {
            let connections = self.open_connections();
            self.tell(&Event::Cut { connections });
            self.phase.cut_off();
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.dispatch.admission.limits
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.dispatch.admission.counters
    }

    pub(crate) fn events(&self) -> &Events {
        &self.dispatch.admission.events
    }

    fn tell(&self, event: &Event<'_>) {
        self.events().emit(|tell| tell(event));
    }

    /// Counts that a limit was reached, and tells it. `peer` is the other end, or the listener.
    pub(crate) fn reached(&self, counter: &Counter, peer: &impl ToString) {
        self.dispatch.admission.reached(counter, peer);
    }

    fn open_connections(&self) -> u64 {
        self.counters().open_connections.load(Ordering::Relaxed)
    }

    /// Whether one connection more would be too many; counts the one that is refused. `peer` is the
    /// other end, if it is known, and `name` the listener.
    fn is_full(&self, peer: Option<&Address>, name: &Arc<str>) -> bool {
        self.refuses(self.places.room(peer, self.limits()), peer, name)
    }

    /// The same for one that may become a connection: none is evicted for it yet.
    fn would_be_full(&self, peer: Option<&Address>, name: &Arc<str>) -> bool {
        let room = self.places.would_have_room(peer, self.limits());
        self.refuses(room, peer, name)
    }

    fn refuses(&self, room: Room, peer: Option<&Address>, name: &Arc<str>) -> bool {
        let counters = self.counters();
        let counter = match room {
            Room::Free => return false,
            Room::Full => &counters.connections_refused,
            Room::AddressFull => &counters.crowded_addresses,
        };
        match peer {
            Some(peer) => self.reached(counter, peer),
            None => self.reached(counter, name),
        }
        true
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addresses", &self.addresses())
            .field("router", &self.shared.dispatch.router)
            .finish_non_exhaustive()
    }
}
