//! One call, start to end.
//!
//! A generated method encodes its arguments and returns a [`Call`]. Awaited, it takes the open
//! connection of its channel, appends its frame to the connection's out-buffer and waits for its
//! slot to be filled: no allocation, no task, no channel in between. Only a call that has to
//! connect, to wait for room or to be repeated becomes a boxed future.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::attempt::{Attempt, Message, Sending};
use super::link::Link;
use super::retry::{ATTEMPTS, may_retry, pause};
use super::{Response, Stub, buffers};
use crate::codec::EncodeError;
use crate::connection::Queue;
use crate::connection::client::ConnectionHandle;
use crate::context::Context;
use crate::error::Error;
use crate::protocol::{Codec, Compression, Metadata};
use crate::service::MethodInfo;

/// A call that is ready to go: set options, then `.await` it.
///
/// It outlives neither its client nor, before it is awaited, anything else; the future it becomes
/// borrows nothing, so it can be spawned.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<'c, R> {
    future: CallFuture<R>,
    client: PhantomData<&'c Stub>,
}

/// Makes a method's `Result` of what came.
type Finish<R> = fn(&'static MethodInfo, Result<Response, Error>) -> R;

/// Appends the arguments of a call in a codec.
type Pack<'a> = dyn Fn(Codec, &mut Vec<u8>) -> Result<(), EncodeError> + 'a;

/// How long a call may take.
#[derive(Clone, Copy, Debug, Default)]
struct Limit {
    timeout: Option<Duration>,
    parent: Option<Instant>,
    none: bool,
    cancelled: bool,
}

impl<'c, R> Call<'c, R> {
    /// What a generated method returns. `pack` encodes the arguments at once, in the codec that
    /// `choose` gives for the one that the channel prefers; `finish` makes the method's `Result` of the
    /// outcome.
    #[doc(hidden)]
    pub fn new(
        stub: &'c Stub,
        method: &'static MethodInfo,
        choose: fn(Codec) -> Codec,
        pack: &Pack<'_>,
        finish: Finish<R>,
    ) -> Self {
        let future = CallFuture {
            state: State::begin(stub, method, choose, pack),
            method,
            finish,
        };
        Self {
            future,
            client: PhantomData,
        }
    }

    /// The options, unless the call has failed already.
    fn with(mut self, set: impl FnOnce(&mut Request)) -> Self {
        if let State::Ready(request) = &mut self.future.state {
            set(request);
        }
        self
    }

    /// Gives up after this long. The server is told, and does not start a call whose time has
    /// passed. Default: that of the method, else that of the channel.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|request| {
            (request.limit.timeout, request.limit.none) = (Some(timeout), false);
        })
    }

    /// Waits for as long as the connection lives.
    pub fn no_timeout(self) -> Self {
        self.with(|request| (request.limit.timeout, request.limit.none) = (None, true))
    }

    /// Sends `value` under `key`, in place of what the channel sends under it.
    pub fn metadata(self, key: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        self.with(|request| request.message.metadata.insert(key, value))
    }

    /// Compresses arguments longer than 1,024 bytes, and asks the same of the reply.
    pub fn compress(self, compress: Compression) -> Self {
        self.with(|request| request.message.compress = compress)
    }

    /// Says that running the method twice is the same as running it once: a call whose outcome is
    /// unknown is then made again.
    pub fn idempotent(self) -> Self {
        self.with(|request| request.idempotent = true)
    }

    /// Ends no later than the call that is being served with `context`, and is not sent at all if
    /// nobody waits for that one any more. Metadata is not passed on.
    pub fn parent(self, context: &Context) -> Self {
        self.with(|request| request.limit.belong_to(context))
    }
}

impl<'c, T, E> Call<'c, Result<T, E>> {
    /// Returns what came with the reply beside the reply itself.
    pub fn with_metadata(self) -> WithMetadata<'c, T, E> {
        WithMetadata(self)
    }
}

impl<R> IntoFuture for Call<'_, R> {
    type Output = R;
    type IntoFuture = CallFuture<R>;

    fn into_future(self) -> CallFuture<R> {
        self.future
    }
}

/// A message and how hard it may be tried.
struct Request {
    message: Message,
    idempotent: bool,
    limit: Limit,
}

/// The future of a [`Call`]: `Send + 'static`, it borrows neither the client nor the arguments.
///
/// Dropping it gives the call up: its slot is free at once, and a frame that nobody has begun to
/// write is never sent.
#[must_use = "futures do nothing unless polled"]
pub struct CallFuture<R> {
    state: State,
    method: &'static MethodInfo,
    finish: Finish<R>,
}

enum State {
    Ready(Request),
    Waiting(Attempt),
    /// Connecting, waiting for room, or repeating.
    Slow(Pin<Box<dyn Future<Output = Result<Response, Error>> + Send>>),
    Failed(Error),
    Done,
}

impl State {
    /// Knows no method by its type, so that it is there once.
    fn begin(
        stub: &Stub,
        method: &'static MethodInfo,
        choose: fn(Codec) -> Codec,
        pack: &Pack<'_>,
    ) -> Self {
        let codec = choose(stub.codec());
        let mut payload = stub.buffer();
        if let Err(error) = pack(codec, &mut payload) {
            return Self::Failed(Error::not_sent(format!(
                "the arguments of `{}` cannot be encoded: {error}",
                method.name
            )));
        }
        let options = stub.channel().options();
        Self::Ready(Request {
            message: Message {
                stub: stub.clone(),
                method,
                codec,
                compress: options.compress,
                metadata: options.metadata.clone(),
                payload,
            },
            idempotent: method.idempotent,
            limit: Limit {
                timeout: method.timeout.or(options.timeout),
                ..Limit::default()
            },
        })
    }

    fn poll_response(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<Response, Error>> {
        loop {
            match self {
                Self::Waiting(attempt) => {
                    let outcome = ready!(attempt.poll(cx));
                    *self = Self::Done;
                    return Poll::Ready(outcome);
                }
                Self::Slow(future) => {
                    let outcome = ready!(future.as_mut().poll(cx));
                    *self = Self::Done;
                    return Poll::Ready(outcome);
                }
                Self::Ready(_) | Self::Failed(_) | Self::Done => {}
            }
            match std::mem::replace(self, Self::Done) {
                Self::Ready(request) => match request.send(cx) {
                    Sent::Waiting(attempt, true) => {
                        *self = Self::Waiting(attempt);
                        return Poll::Pending;
                    }
                    Sent::Waiting(attempt, false) => *self = Self::Waiting(attempt),
                    Sent::Slow(future) => *self = Self::Slow(future),
                    Sent::Done(outcome) => return Poll::Ready(outcome),
                },
                Self::Failed(error) => return Poll::Ready(Err(error)),
                _ => return Poll::Ready(Err(Error::unknown("the call was polled after its end"))),
            }
        }
    }
}

enum Sent {
    /// On its way, and whether the waker is registered already.
    Waiting(Attempt, bool),
    Slow(Pin<Box<dyn Future<Output = Result<Response, Error>> + Send>>),
    Done(Result<Response, Error>),
}

impl Request {
    fn send(mut self, cx: &task::Context<'_>) -> Sent {
        if self.limit.cancelled {
            return Sent::Done(Err(Error::not_sent(
                "the call that this one belongs to has ended",
            )));
        }
        let prepared = self
            .message
            .pack()
            .err()
            .or_else(|| self.message.too_long());
        if let Some(error) = prepared {
            return Sent::Done(Err(error));
        }
        if let Some(peer) = self.message.stub.channel().peer() {
            return Sent::Done(self.message.push(peer));
        }
        let (deadline, told) = self.limit.deadline(&self.message.stub);
        if let (Some(deadline), true) = (deadline, told) {
            if deadline <= Instant::now() {
                return Sent::Done(Err(Error::not_sent(
                    "the deadline passed before the call was sent",
                )));
            }
            self.message.set_server_timeout(deadline);
        }
        if !self.idempotent
            && let Some(link) = self.message.stub.channel().link()
            && let Some(connection) = link.current()
            && let Sending::Sent(attempt) = self.start_once(connection, deadline, cx)
        {
            let answered = !self.message.method.oneway;
            buffers::give(self.message.payload);
            return Sent::Waiting(attempt, answered);
        }
        Sent::Slow(Box::pin(self.send_slowly(deadline, told)))
    }

    /// Starts the only attempt.
    #[inline]
    fn start_once(
        &mut self,
        connection: Arc<ConnectionHandle>,
        deadline: Option<Instant>,
        cx: &task::Context<'_>,
    ) -> Sending {
        let message = &mut self.message;
        let oneway = message.method.oneway;
        Attempt::start(connection, oneway, deadline, cx, |seq, announce, out| {
            message.append_last(seq, announce, out);
        })
    }

    /// Connects first, waits for room, and repeats what may be repeated.
    async fn send_slowly(
        mut self,
        deadline: Option<Instant>,
        told: bool,
    ) -> Result<Response, Error> {
        let link = self.message.stub.channel().link();
        let _pass = link.map(Link::enter).transpose()?;
        let mut sent = false;
        let attempts = self.try_repeatedly(deadline, told, &mut sent);
        let Some(deadline) = deadline else {
            return attempts.await;
        };
        match timeout_at(deadline, attempts).await {
            Ok(outcome) => outcome,
            Err(_) if sent => Err(Error::unknown("the deadline passed before the reply came")),
            Err(_) => Err(Error::not_sent(
                "the deadline passed before the call was sent",
            )),
        }
    }

    async fn try_repeatedly(
        &mut self,
        deadline: Option<Instant>,
        told: bool,
        sent: &mut bool,
    ) -> Result<Response, Error> {
        let channel = self.message.stub.channel().clone();
        channel.budget().earn();
        let mut attempt = 1;
        loop {
            let outcome = self.try_once(deadline, sent).await;
            let Err(error) = outcome else { return outcome };
            let again = attempt < ATTEMPTS
                && may_retry(&error, self.idempotent)
                && (self.idempotent || *sent)
                && channel.budget().spend();
            if !again {
                return Err(error);
            }
            tokio::time::sleep(pause(attempt)).await;
            attempt += 1;
            if let (Some(deadline), true) = (deadline, told) {
                self.message.set_server_timeout(deadline);
            }
        }
    }

    async fn try_once(
        &self,
        deadline: Option<Instant>,
        sent: &mut bool,
    ) -> Result<Response, Error> {
        let Some(link) = self.message.stub.channel().link() else {
            return Err(Error::setup("a channel to a peer does not connect"));
        };
        let (mut lost, oneway) = (None, self.message.method.oneway);
        for _ in 0..ATTEMPTS {
            let connection = link.connect().await?;
            let started = poll_fn(|cx| {
                let append = |seq, announce, out: &mut Queue| {
                    self.message.append(seq, announce, out.tail());
                };
                match Attempt::start(Arc::clone(&connection), oneway, deadline, cx, append) {
                    Sending::Full => Poll::Pending,
                    Sending::Sent(attempt) => Poll::Ready(Some(attempt)),
                    Sending::Closed => Poll::Ready(None),
                }
            });
            if let Some(mut attempt) = started.await {
                *sent = true;
                return poll_fn(|cx| attempt.poll(cx)).await;
            }
            lost = Some(connection);
        }
        let reason = lost
            .map(|connection| connection.reason())
            .unwrap_or_default();
        Err(Error::not_sent(format!(
            "the connection was lost again and again: {reason}"
        )))
    }
}

impl Limit {
    fn belong_to(&mut self, context: &Context) {
        self.parent = match (self.parent, context.deadline()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.cancelled |= context.is_cancelled();
    }

    /// When the call ends at the latest, and whether the server is told.
    fn deadline(&self, stub: &Stub) -> (Option<Instant>, bool) {
        let own = if self.none { None } else { self.timeout };
        let own = own.and_then(|timeout| Instant::now().checked_add(timeout));
        let told = match (own, self.parent) {
            (Some(own), Some(parent)) => Some(own.min(parent)),
            (own, parent) => own.or(parent),
        };
        if told.is_some() || self.none {
            return (told, told.is_some());
        }
        let patience = stub.channel().options().patience;
        (
            patience.and_then(|patience| Instant::now().checked_add(patience)),
            false,
        )
    }
}

impl<R> Future for CallFuture<R> {
    type Output = R;

    // Not inlined: once for each type, and not once more for each place that calls.
    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<R> {
        let outcome = ready!(self.state.poll_response(cx));
        Poll::Ready((self.finish)(self.method, outcome))
    }
}

/// A [`Call`] that returns the reply's metadata too. `.await` it.
#[must_use = "a call does nothing until it is awaited"]
pub struct WithMetadata<'c, T, E>(Call<'c, Result<T, E>>);

impl<T: Send + 'static, E: Send + 'static> IntoFuture for WithMetadata<'_, T, E> {
    type Output = Result<(T, Metadata), E>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let mut call = self.0.into_future();
        Box::pin(async move {
            let outcome = poll_fn(|cx| call.state.poll_response(cx)).await;
            let metadata = outcome.as_ref().map(Response::metadata).unwrap_or_default();
            (call.finish)(call.method, outcome).map(|reply| (reply, metadata))
        })
    }
}

impl<R> fmt::Debug for Call<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Call");
        out.field("method", &self.future.method.name);
        if let State::Ready(request) = &self.future.state {
            let message = &request.message;
            out.field("path", &message.stub.path())
                .field("metadata", &message.metadata);
        }
        out.finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for CallFuture<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture").finish_non_exhaustive()
    }
}

impl<T, E> fmt::Debug for WithMetadata<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WithMetadata").field(&self.0).finish()
    }
}
