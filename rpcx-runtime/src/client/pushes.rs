//! Services that a client offers to its server: what the server pushes is dispatched to them.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::connection::{Limits, Outbox, Pushed, Pusher};
use crate::context::Peer;
use crate::error::{Error, Result};
use crate::protocol::{Compression, Frame, inflate};
use crate::service::{CallSlot, Lane, Load, Parked, ReplyHead, Request, Service};
use crate::sync::lock;

/// Messages that wait for their handlers; beyond that the oldest are dropped, and counted.
const WAITING: usize = 1024;

/// What a channel does with pushed messages.
pub(super) struct Pushes {
    services: Mutex<HashMap<Vec<u8>, Arc<dyn Service>>>,
    waiting: Mutex<VecDeque<Frame>>,
    arrived: Arc<Notify>,
    dropped: AtomicU64,
    /// Where handlers that have to wait are counted, and their replies, of which there are none,
    /// would go.
    lane: Arc<Lane>,
}

impl Pushes {
    pub(super) fn new(server: &str, limits: &Limits) -> Arc<Self> {
        let outbox = Outbox::new(Box::new(tokio::io::sink()), limits.queued_bytes);
        let peer = Peer::new(server.to_owned(), None, Pusher::new(Arc::clone(&outbox)));
        Arc::new(Self {
            services: Mutex::default(),
            waiting: Mutex::default(),
            arrived: Arc::default(),
            dropped: AtomicU64::new(0),
            lane: Lane::new(outbox, peer, Load::new(limits.clone())),
        })
    }

    /// Offers a service whose methods are all one-way.
    pub(super) fn serve(self: &Arc<Self>, service: Arc<dyn Service>) -> Result<()> {
        let info = service.info();
        if let Some(asks) = info.methods.iter().find(|method| !method.oneway) {
            let (service, method) = (info.name, asks.name);
            return Err(Error::setup(format!(
                "a client can only serve one-way methods, and `{service}.{method}` is answered"
            )));
        }
        let first = {
            let mut services = lock(&self.services);
            let first = services.is_empty();
            if services
                .insert(info.name.as_bytes().to_vec(), service)
                .is_some()
            {
                return Err(Error::setup(format!("`{}` is served twice", info.name)));
            }
            first
        };
        if first {
            tokio::spawn(dispatch(Arc::downgrade(self), Arc::clone(&self.arrived)));
        }
        Ok(())
    }

    /// How many messages nobody took.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn drop_one(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Runs the handler of one message, at least as far as it comes without waiting.
    fn run(&self, frame: Frame) {
        let service = lock(&self.services).get(frame.path()).cloned();
        let found = service.and_then(|service| Some((service.find(frame.method())?, service)));
        let Some((method, service)) = found else {
            return self.drop_one();
        };
        let inflated = match frame.header.compress() {
            Compression::NONE => None,
            kind => match inflate(kind, frame.payload(), self.lane.load.limits.inflated) {
                Ok(payload) => Some(Bytes::from(payload)),
                Err(_) => return self.drop_one(),
            },
        };
        let (mut out, mut parked): (_, Parked) = (Vec::new(), None);
        let mut slot = CallSlot {
            method,
            head: ReplyHead::of(&frame),
            deadline: None,
            bytes: frame.as_bytes().len(),
            lane: &self.lane,
            out: &mut out,
            parked: &mut parked,
            context: None,
            answered: false,
        };
        slot.dispatch(&*service, Request::new(frame, inflated));
    }
}

impl Pushed for Pushes {
    fn pushed(&self, frame: Frame) {
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= WAITING {
            waiting.pop_front();
            self.drop_one();
        }
        waiting.push_back(frame);
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
    loop {
        let Some(pushes) = pushes.upgrade() else {
            return;
        };
        let next = lock(&pushes.waiting).pop_front();
        if let Some(frame) = next {
            pushes.run(frame);
            // There may be many, and others want this thread too.
            tokio::task::consume_budget().await;
            continue;
        }
        drop(pushes);
        arrived.notified().await;
    }
}

impl fmt::Debug for Pushes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services = lock(&self.services);
        let paths: Vec<_> = services
            .keys()
            .map(|path| String::from_utf8_lossy(path))
            .collect();
        f.debug_struct("Pushes")
            .field("services", &paths)
            .field("waiting", &lock(&self.waiting).len())
            .field("dropped", &self.dropped())
            .finish()
    }
}
