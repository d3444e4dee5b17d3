//! One call, start to end.
//!
//! A generated method encodes its arguments and returns a [`Call`]. Awaited, it takes an open
//! connection of its channel, appends its frame to the connection's out-buffer and waits for its
//! slot to be filled: no allocation, no task, no channel in between. Only a call that has to
//! connect, to wait for room or to be repeated becomes a boxed future, which `repeat.rs` is.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{self, Poll, ready};
use std::time::Duration;

use super::attempt::Attempt;
use super::deadline::{Deadline, TimeLimit};
use super::message::{Message, Payload};
use super::outgoing::{Begun, Outgoing};
use super::repeat::{self, Attempts};
use super::{Response, Stub, buffers};
use crate::codec::EncodeError;
use crate::context::Context;
use crate::error::Error;
use crate::protocol::{Codec, Compression, Metadata};
use crate::service::MethodInfo;

/// A call that is ready to go: set options, then `.await` it.
///
/// It borrows its client until it is awaited; the future it becomes borrows nothing, so it can be
/// spawned.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<'c, R> {
    future: CallFuture<R>,
    client: PhantomData<&'c Stub>,
}

/// Makes a method's `Result` of what came.
type Finish<R> = fn(&'static MethodInfo, Result<Response, Error>) -> R;

/// Appends the arguments of a call in a codec.
type Pack<'a> = dyn Fn(Codec, &mut Vec<u8>) -> Result<(), EncodeError> + 'a;

impl<'c, R> Call<'c, R> {
    /// What a generated method returns. `pack` encodes the arguments at once, in the codec that
    /// `choose` gives for the one that the channel prefers; `finish` makes the method's `Result` of the
    /// outcome.
    pub(crate) fn new(
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
    fn with(mut self, set: impl FnOnce(&mut Outgoing)) -> Self {
        if let State::Ready(call) = &mut self.future.state {
            set(call);
        }
        self
    }

    /// Gives up after this long. The server is told, and does not start a call whose time has
    /// passed. Default: that of the method, else that of the channel.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|call| call.limit.set(timeout))
    }

    /// Waits for as long as the connection lives.
    pub fn no_timeout(self) -> Self {
        self.with(|call| call.limit.remove())
    }

    /// Sends `value` under `key`, in place of what the channel sends under it.
    pub fn metadata(self, key: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        self.with(|call| call.message.metadata.insert(key, value))
    }

    /// Compresses arguments longer than 1,024 bytes, and asks the same of the reply.
    pub fn compress(self, compress: Compression) -> Self {
        self.with(|call| call.message.compress = compress)
    }

    /// Says that running the method twice is the same as running it once: a call whose outcome is
    /// unknown is then made again.
    pub fn idempotent(self) -> Self {
        self.with(|call| call.idempotent = true)
    }

    /// How often the call is tried at most, the first time included. Zero counts as one. Default: that
    /// of the channel's [`Retry`](super::Retry), whose pauses and budget hold for it too.
    pub fn attempts(self, attempts: u32) -> Self {
        self.with(|call| call.attempts = attempts.max(1))
    }

    /// Ends no later than the call that is being served with `context`, and is not sent at all if
    /// that one was cancelled. Metadata is not passed on.
    pub fn parent(self, context: &Context) -> Self {
        self.with(|call| call.limit.belong_to(context))
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

/// The future of a [`Call`]: `Send + 'static`, it borrows neither the client nor the arguments.
///
/// Dropping it gives the call up: its slot is free at once, and a frame that is not being written yet
/// is never sent.
#[must_use = "futures do nothing unless polled"]
pub struct CallFuture<R> {
    state: State,
    method: &'static MethodInfo,
    finish: Finish<R>,
}

enum State {
    Ready(Outgoing),
    /// Sent at once. The message is kept: this attempt need not be the last.
    Sent(Outgoing, Attempt),
    /// Connecting, waiting for room, or repeating.
    Carried(Pin<Box<dyn Future<Output = Result<Response, Error>> + Send>>),
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
        let mut payload = buffers::take();
        if let Err(error) = pack(codec, &mut payload) {
            return Self::Failed(
                Error::not_sent(format!(
                    "the arguments of `{}` cannot be encoded: {error}",
                    method.name
                ))
                .with_source(error),
            );
        }
        let options = stub.channel().options();
        Self::Ready(Outgoing {
            message: Message {
                stub: stub.clone(),
                method,
                codec,
                compress: options.compress,
                metadata: options.metadata.clone(),
                payload: Payload::new(payload),
            },
            idempotent: method.options.idempotent,
            attempts: options.retry.most_attempts(),
            limit: TimeLimit::new(method.options.timeout.or(options.timeout)),
            deadline: Deadline::Never,
        })
    }

    fn poll_response(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<Response, Error>> {
        let outcome = loop {
            match self {
                Self::Ready(call) => match call.begin(cx) {
                    Begun::Sent(attempt) => {
                        let registered = attempt.is_registered();
                        self.sent(attempt);
                        if registered {
                            return Poll::Pending;
                        }
                    }
                    Begun::Waits => self.carry_on(Attempts::none()),
                    Begun::Done(outcome) => break outcome,
                },
                Self::Sent(call, attempt) => match ready!(attempt.poll(cx)) {
                    Err(error) if call.may_repeat(&error) => {
                        self.carry_on(Attempts::failed(error));
                    }
                    outcome => break outcome,
                },
                Self::Carried(future) => break ready!(future.as_mut().poll(cx)),
                Self::Failed(_) | Self::Done => break Err(self.take_error()),
            }
        };
        *self = Self::Done;
        Poll::Ready(outcome)
    }

    #[inline]
    fn sent(&mut self, attempt: Attempt) {
        if let Self::Ready(call) = std::mem::replace(self, Self::Done) {
            *self = Self::Sent(call, attempt);
        }
    }

    /// Leaves the fast path.
    #[cold]
    fn carry_on(&mut self, attempts: Attempts) {
        if let Self::Ready(call) | Self::Sent(call, _) = std::mem::replace(self, Self::Done) {
            *self = Self::Carried(Box::pin(repeat::run(call, attempts)));
        }
    }

    #[cold]
    fn take_error(&mut self) -> Error {
        match std::mem::replace(self, Self::Done) {
            Self::Failed(error) => error,
            _ => Error::unknown("the call was polled after its end"),
        }
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
        if let State::Ready(call) = &self.future.state {
            let message = &call.message;
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
