//! What travels with a call beside its arguments.

mod extensions;
mod identity;
mod standing;

use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

pub(crate) use extensions::Extensions;
pub use identity::Identity;
pub(crate) use standing::Standing;

use crate::address::Address;
use crate::protocol::{Codec, Metadata};
use crate::sync::lock;

/// Peer, metadata, deadline and cancellation of one call.
///
/// A method that takes `ctx: &Context` gets the one of its call; a clone may be kept longer. Passed
/// to a client, it makes the new call a child: it ends no later than its parent.
///
/// ```
/// use rpcx::Context;
/// use std::time::Duration;
///
/// let context = Context::new().with_timeout(Duration::from_secs(1));
/// assert!(context.remaining().unwrap() <= Duration::from_secs(1));
/// context.insert(7u32);
/// assert_eq!(context.get::<u32>(), Some(7));
/// ```
#[derive(Clone, Default)]
pub struct Context(Arc<Inner>);

#[derive(Default)]
struct Inner {
    peer: Option<Arc<Peer>>,
    metadata: Metadata,
    deadline: Option<Instant>,
    response: Mutex<Metadata>,
    extensions: Mutex<Extensions>,
    connection: Arc<Cancel>,
    call: Cancel,
}

/// Who is at the other end of a connection.
///
/// A client made of it, `PricesClient::new(peer)`, pushes to that end: its one-way methods arrive
/// there without having been asked for. A clone may be kept and pushed to for as long as the
/// connection lives.
#[derive(Clone)]
#[non_exhaustive]
pub struct Peer {
    /// Where it is: `tcp@127.0.0.1:50312`. Its IP address is
    /// [`address.socket_addr()`](crate::transport::Address::socket_addr).
    pub address: Address,
    /// Who it has proved to be, if it was asked and could.
    pub identity: Option<Arc<Identity>>,
    way: Arc<dyn PushWay>,
    standing: Arc<Standing>,
}

/// Where a request comes from, and whether its caller is still there.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) peer: Arc<Peer>,
    /// Set when the connection of the caller is gone.
    pub(crate) gone: Arc<Cancel>,
}

impl Origin {
    pub(crate) fn new(peer: Arc<Peer>) -> Self {
        Self {
            peer,
            gone: Arc::default(),
        }
    }
}

/// The way to a peer that did not ask.
pub(crate) trait PushWay: Send + Sync + 'static {
    /// The only codec that the peer reads, if there is one.
    fn codec(&self) -> Option<Codec> {
        None
    }

    /// Queues the frame that `append` writes for the next sequence number of this side, unless
    /// the connection is gone or its peer reads too slowly.
    fn push(&self, append: &mut dyn FnMut(u64, &mut Vec<u8>)) -> Result<(), &'static str>;
}

impl Peer {
    pub(crate) fn new(
        address: Address,
        identity: Option<Arc<Identity>>,
        way: Arc<dyn PushWay>,
    ) -> Arc<Self> {
        Arc::new(Self {
            address,
            identity,
            way,
            standing: Arc::default(),
        })
    }

    pub(crate) fn standing(&self) -> &Arc<Standing> {
        &self.standing
    }

    pub(crate) fn way(&self) -> &dyn PushWay {
        &*self.way
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("address", &self.address)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

/// A flag that tasks can wait for.
#[derive(Debug, Default)]
pub(crate) struct Cancel {
    set: AtomicBool,
    notify: Notify,
}

impl Cancel {
    pub(crate) fn set(&self) {
        self.set.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }

    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire)
    }

    pub(crate) async fn wait(&self) {
        let notified = self.notify.notified();
        tokio::pin!(notified);
        // Registered before the look at the flag, so that no `set` falls in between.
        notified.as_mut().enable();
        let mut told: Option<Waker> = None;
        poll_fn(|cx| {
            if self.is_set() {
                return Poll::Ready(());
            }
            // The task is polled for every request of its connection: one that is told already need not take the lock again.
            if told.as_ref().is_some_and(|told| told.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            told = Some(cx.waker().clone());
            notified.as_mut().poll(cx)
        })
        .await;
    }
}

impl Context {
    /// The context of no call: no peer, no metadata, no deadline.
    pub fn new() -> Self {
        Self::default()
    }

    /// The context of a request.
    pub(crate) fn of_request(
        origin: &Origin,
        metadata: Metadata,
        deadline: Option<Instant>,
        extensions: Extensions,
    ) -> Self {
        Self(Arc::new(Inner {
            peer: Some(Arc::clone(&origin.peer)),
            metadata,
            deadline,
            extensions: Mutex::new(extensions),
            connection: Arc::clone(&origin.gone),
            ..Inner::default()
        }))
    }

    /// The same peer and metadata with a deadline `timeout` from now, or the present one if that
    /// is earlier.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let wanted = Instant::now().checked_add(timeout);
        let deadline = match (self.0.deadline, wanted) {
            (Some(present), Some(wanted)) => Some(present.min(wanted)),
            (present, wanted) => present.or(wanted),
        };
        Self(Arc::new(Inner {
            peer: self.0.peer.clone(),
            metadata: self.0.metadata.clone(),
            deadline,
            connection: Arc::clone(&self.0.connection),
            ..Inner::default()
        }))
    }

    /// Where the request came from.
    pub fn peer(&self) -> Option<&Peer> {
        self.0.peer.as_deref()
    }

    /// What came with the request.
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }

    /// Sends `value` back under `key`, whether the method succeeds or not.
    pub fn set_response_metadata(&self, key: impl AsRef<str>, value: impl AsRef<[u8]>) {
        let mut response = lock(&self.0.response);
        response.insert(key, value);
    }

    /// When the caller stops waiting.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// How long the caller still waits: zero once it has stopped.
    pub fn remaining(&self) -> Option<Duration> {
        self.0
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether no caller waits for the reply any more: the deadline has passed, or the connection
    /// is gone.
    pub fn is_cancelled(&self) -> bool {
        self.0.call.is_set()
            || self.0.connection.is_set()
            || self
                .0
                .deadline
                .is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Waits until no caller waits for the reply any more.
    pub async fn cancelled(&self) {
        let expired = async {
            match self.0.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.0.call.wait() => {}
            () = self.0.connection.wait() => {}
            () = expired => {}
        }
    }

    /// Attaches a value, replacing one of the same type. Clones of the context share it.
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) {
        lock(&self.0.extensions).insert(value);
    }

    /// The value of this type that was attached.
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        lock(&self.0.extensions).get::<T>().cloned()
    }

    /// Fires [`cancelled`](Self::cancelled).
    pub(crate) fn cancel(&self) {
        self.0.call.set();
    }

    /// What goes back with the reply.
    pub(crate) fn response_metadata(&self) -> Metadata {
        lock(&self.0.response).clone()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("peer", &self.0.peer)
            .field("metadata", &self.0.metadata)
            .field("remaining", &self.remaining())
            .finish_non_exhaustive()
    }
}
