//! Services that a client offers to its server: what the server pushes is dispatched to them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::Notify;

use super::connection::ConnectionOptions;
use crate::address::Address;
use crate::codec::Formats;
use crate::connection::{Limits, Pushed};
use crate::context::{Origin, Peer, PushWay};
use crate::dispatch::{
    Admission, Authorizer, Compressed, ConnectionCalls, Dispatch, Dispatcher, Incoming, LateCall,
    LateSink, Router, Sink,
};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::layer::Layers;
use crate::pace::Turn;
use crate::protocol::{Frame, Metadata};
use crate::service::{Encode, Encoded, ReplySink, Service};
use crate::sync::lock;
use crate::task;

/// Messages that wait for their handlers; beyond that the oldest are dropped, and counted.
const WAITING: usize = 1024;

/// Messages below this size get memory of their own while they wait.
const COPIED: usize = 16 << 10;

/// Messages that wait, in their order.
#[derive(Default)]
struct Waiting {
    frames: VecDeque<Frame>,
    /// Of all of them.
    bytes: usize,
}

impl Waiting {
    fn push(&mut self, frame: Frame) {
        self.bytes += frame.as_bytes().len();
        self.frames.push_back(frame);
    }

    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.as_bytes().len();
        Some(frame)
    }
}

/// What a channel does with pushed messages.
pub(super) struct Pushes {
    router: Mutex<Router>,
    waiting: Mutex<Waiting>,
    /// Bytes of messages that may wait.
    bytes: usize,
    arrived: Arc<Notify>,
    evicted: AtomicU64,
    origin: Origin,
    calls: Arc<ConnectionCalls>,
    formats: Formats,
}

impl Pushes {
    pub(super) fn new(server: &str, options: &ConnectionOptions) -> Arc<Self> {
        // The name of a connector is no address.
        let address = server.parse();
        let address = address.unwrap_or_else(|_| Address::custom("server", server));
        let peer = Peer::new(address, None, Arc::new(OneWay));
        Arc::new(Self {
            router: Mutex::default(),
            waiting: Mutex::default(),
            bytes: options.limits.push_bytes,
            arrived: Arc::default(),
            evicted: AtomicU64::new(0),
            calls: ConnectionCalls::new(
                Admission::new(Limits::of_pushes(&options.limits), options.events.clone()),
                Arc::clone(&peer),
            ),
            origin: Origin::new(peer),
            formats: options.formats.clone(),
        })
    }

    /// Offers a service whose methods are all one-way.
    pub(super) fn serve(self: &Arc<Self>, service: Arc<dyn Service>) -> Result<()> {
        let info = service.info();
        let name = info.name();
        if let Some(asks) = info.methods().find(|method| !method.options().oneway) {
            let method = asks.name();
            return Err(Error::setup(format!(
                "`{name}.{method}` is not one-way: a channel can only serve one-way methods"
            )));
        }
        let first = {
            let mut router = lock(&self.router);
            let first = router.is_empty();
            router.insert(name, service).map_err(Error::setup)?;
            router.surround(Layers::new());
            first
        };
        if first {
            task::spawn(dispatch(Arc::downgrade(self), Arc::clone(&self.arrived)));
        }
        Ok(())
    }

    /// How many messages were given to no handler.
    pub(super) fn dropped(&self) -> u64 {
        let stats = self.calls.admission.stats();
        let refused = stats.unknown_methods
            + stats.inflate_failures
            + stats.overloaded
            + stats.overloaded_bytes
            + stats.overloaded_memory
            + stats.overloaded_connections
            + stats.expired;
        self.evicted.load(Ordering::Relaxed) + refused
    }

    /// For the services that are there now.
    fn dispatcher(&self) -> Dispatcher {
        let dispatch = Dispatch {
            router: lock(&self.router).clone(),
            admission: Arc::clone(&self.calls.admission),
            authorizer: Authorizer::default(),
            formats: self.formats.clone(),
        };
        let calls = Arc::clone(&self.calls);
        Dispatcher::new(Arc::new(dispatch), self.origin.clone(), calls)
    }

    fn services(&self) -> usize {
        lock(&self.router).len()
    }
}

impl Pushed for Pushes {
    fn pushed(&self, mut frame: Frame) {
        if frame.as_bytes().len() < COPIED {
            // It would hold all that was received with it for as long as it waits.
            frame.detach();
        }
        let mut waiting = lock(&self.waiting);
        waiting.push(frame);
        while waiting.frames.len() > WAITING || waiting.bytes > self.bytes {
            if waiting.pop().is_none() {
                break;
            }
            self.evicted.fetch_add(1, Ordering::Relaxed);
            self.calls.admission.events.emit(|tell| {
                tell(&Event::LimitReached {
                    counter: "dropped_pushes",
                    peer: &self.origin.peer.to_string(),
                });
            });
        }
        drop(waiting);
        self.arrived.notify_one();
    }
}

/// The channel is gone: so is the task that runs its handlers.
impl Drop for Pushes {
    fn drop(&mut self) {
        self.arrived.notify_one();
    }
}

/// Runs the handlers in the order of the messages, for as long as the channel lives.
async fn dispatch(pushes: Weak<Pushes>, arrived: Arc<Notify>) {
    let (mut services, mut dispatcher, mut turn) = (0, None, Turn::new());
    loop {
        let Some(pushes) = pushes.upgrade() else {
            return;
        };
        let next = lock(&pushes.waiting).pop();
        if let Some(frame) = next {
            if services != pushes.services() {
                (services, dispatcher) = (pushes.services(), None);
            }
            let dispatcher = dispatcher.get_or_insert_with(|| pushes.dispatcher());
            run(dispatcher, &frame);
            // There may be many, and others want this thread too.
            if turn.is_over() {
                tokio::task::yield_now().await;
                turn.begin();
            }
            continue;
        }
        drop(pushes);
        arrived.notified().await;
        turn.begin();
    }
}

/// Runs the handler of one message, at least as far as it comes without waiting.
fn run(dispatcher: &mut Dispatcher, frame: &Frame) {
    let incoming = Incoming {
        service: frame.path(),
        method: frame.method(),
        metadata: frame.metadata(),
        payload: Compressed {
            codec: frame.header.codec(),
            compression: frame.header.compress(),
            payload: frame.payload_bytes(),
        },
        oneway: true,
        held: frame.as_bytes().len(),
    };
    dispatcher.dispatch(incoming, &mut OneWay);
}

/// A push is not answered, and its server takes calls and no pushes.
struct OneWay;

impl ReplySink for OneWay {
    fn is_oneway(&self) -> bool {
        true
    }

    fn success(&mut self, _: &Metadata, _: &Encode<'_>) -> Result<()> {
        Ok(())
    }

    fn encoded(&mut self, _: &Metadata, _: &Encoded<'_>) -> Result<()> {
        Ok(())
    }

    fn failure(&mut self, _: &Metadata, _: Error) {}
}

impl Sink for OneWay {
    fn start(&mut self, call: LateCall) {
        call.start(Self);
    }
}

impl LateSink for OneWay {
    fn send(&mut self, _: &ConnectionCalls) {}
}

impl PushWay for OneWay {
    fn push(&self, _: &mut dyn FnMut(u64, &mut Vec<u8>)) -> Result<(), &'static str> {
        Err("it is a server, which is called and not pushed to")
    }
}

impl fmt::Debug for Pushes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pushes")
            .field("router", &lock(&self.router))
            .field("waiting", &lock(&self.waiting).frames.len())
            .field("dropped", &self.dropped())
            .finish()
    }
}
