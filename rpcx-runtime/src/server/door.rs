//! Ports on which something else is spoken beside rpcx: the first byte of a connection says which.
//!
//! A frame begins with 0x08, and nothing that is text does. What does not begin so goes to the
//! server's [`Door`]. A connection of frames is then as any other, so its calls cost the same.

use std::fmt;
use std::io;
use std::sync::Arc;

use tokio::time::{Instant, sleep, timeout};

use super::connection::{FIRST_CALL, frames};
use super::places::Place;
use super::{Shared, watchdog};
use crate::address::{Address, Network};
use crate::connection::{Limits, ReadBuffer};
use crate::context::{Identity, Peer, PushWay};
use crate::dispatch::{ConnectionCalls, count};
use crate::event::Event;
use crate::pace::after;
use crate::protocol::MAGIC;
use crate::task;
use crate::transport::{BoxFuture, Stream};

/// What is said to a connection whose place others need.
pub(crate) const CROWDED: &str = watchdog::Fault::Crowded.text();

/// When a connection that is opened now is old.
pub(crate) fn old_at(limits: &Limits) -> Instant {
    let age = limits.age - limits.age.mul_f64(watchdog::sooner());
    after(Instant::now(), age)
}

/// Takes the connections that do not begin as rpcx does. It ends those whose place others need.
pub(crate) trait Door: fmt::Debug + Send + Sync + 'static {
    /// Serves one to its end. Says why it was lost, if it was.
    fn serve(&self, knock: Knock) -> BoxFuture<'static, io::Result<()>>;
}

/// The door of a server, and what brings connections to it: a pointer, so that a server without one has no machine code for
/// them.
#[derive(Clone, Debug)]
pub(super) struct Entrance {
    door: Arc<dyn Door>,
    begin: fn(Stream, Arc<Shared>),
}

#[cfg(feature = "http")]
impl Entrance {
    pub(super) fn new(door: Arc<dyn Door>) -> Self {
        Self { door, begin }
    }
}

/// Serves a connection of a port that something else may share.
#[inline]
pub(super) fn enter(stream: Stream, shared: Arc<Shared>) {
    match &shared.door {
        Some(entrance) if is_shared(&stream.peer) => (entrance.begin)(stream, shared),
        _ => frames(stream, ReadBuffer::new(), shared),
    }
}

/// A connection that has begun, and not with a frame.
pub(crate) struct Knock {
    pub(crate) stream: Stream,
    /// What was read of it.
    pub(crate) begun: ReadBuffer,
    pub(crate) shared: Arc<Shared>,
    /// The other end, for what is told of it and for its calls.
    pub(crate) peer: Arc<Peer>,
    /// The calls of the connection.
    pub(crate) calls: Arc<ConnectionCalls>,
}

/// Networks that are rpcx alone: they have shaken hands for it.
const RPCX_ALONE: [Network; 6] = [
    Network::HTTP,
    Network::WS,
    Network::WSS,
    Network::QUIC,
    Network::KCP,
    Network::MEM,
];

/// Whether something else may be spoken on the network of this address.
pub(crate) fn is_shared(address: &Address) -> bool {
    !RPCX_ALONE.contains(&address.network())
}

/// Serves a connection according to its first byte.
#[cfg_attr(
    not(feature = "http"),
    allow(dead_code, reason = "only HTTP has a door")
)]
fn begin(stream: Stream, shared: Arc<Shared>) {
    let peer = peer(&stream.peer, stream.identity.clone());
    let place = Place::enter(&shared, &stream.peer, peer.standing(), None);
    task::spawn(async move {
        let mut stream = stream;
        let mut buffer = ReadBuffer::new();
        let crowded = peer.standing().crowded.wait();
        let read = tokio::select! {
            biased;
            read = first_bytes(&mut stream, &mut buffer, &shared) => read,
            () = crowded => return shared.reached(&shared.counters().crowded_out, &*peer),
        };
        if buffer.bytes.first() == Some(&MAGIC) {
            // Counts by itself, from before this one ends.
            frames(stream, buffer, shared);
            drop(place);
            return;
        }
        count(&shared.counters().connections);
        shared.events().emit(|tell| {
            tell(&Event::ConnectionOpened {
                peer: &peer.to_string(),
            });
        });
        let ended = match (read, &shared.door) {
            (Ok(1..), Some(Entrance { door, .. })) => {
                let admission = Arc::clone(&shared.dispatch.admission);
                let calls = ConnectionCalls::new(admission, Arc::clone(&peer));
                place.runs(&calls);
                let serving = door.serve(Knock {
                    stream,
                    begun: buffer,
                    shared: Arc::clone(&shared),
                    peer: Arc::clone(&peer),
                    calls,
                });
                serving.await
            }
            (Ok(_), _) => Ok(()),
            (Err(error), _) => {
                if error.kind() == io::ErrorKind::TimedOut {
                    shared.reached(&shared.counters().silent_connections, &*peer);
                }
                Err(error)
            }
        };
        shared.ended(&peer, ended.err());
        drop(place);
    });
}

/// Waits for the first bytes: not for ever, and not for long once the server drains.
async fn first_bytes(
    stream: &mut Stream,
    buffer: &mut ReadBuffer,
    shared: &Shared,
) -> io::Result<usize> {
    let silent = watchdog::Fault::Silent.text();
    let no_more = async {
        shared.phase.draining().await;
        sleep(FIRST_CALL).await;
    };
    tokio::select! {
        biased;
        read = timeout(shared.limits().first_byte, buffer.fill(&mut *stream.reader)) => {
            read.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, silent)))
        }
        () = no_more => Ok(0),
        () = shared.phase.cut() => Ok(0),
    }
}

/// The other end of a connection that has no frames, and so cannot be pushed to.
pub(crate) fn peer(address: &Address, identity: Option<Arc<Identity>>) -> Arc<Peer> {
    Peer::new(address.clone(), identity, Arc::new(NoWay))
}

struct NoWay;

impl PushWay for NoWay {
    fn push(&self, _: &mut dyn FnMut(u64, &mut Vec<u8>)) -> Result<(), &'static str> {
        Err("the peer speaks HTTP, by which nothing can be pushed to it")
    }
}
