//! One call, start to end.
//!
//! A generated method encodes its arguments and returns a [`Call`]. Awaited, it takes an open
//! connection of its channel, appends its frame to the connection's out-buffer and waits for its
//! slot to be filled: no allocation, no task, no channel in between. Only a call that has to
//! connect, to wait for room or to be repeated becomes a boxed future (`repeat.rs`), and only one with
//! layers around it passes through them (`layered.rs`).

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};
use std::time::Duration;

use super::deadline::TimeLimit;
use super::endpoint::Endpoint;
use super::fan_out::{CallParts, End};
use super::hash_key::HashKey;
use super::layered::{Layered, Outermost};
use super::message::{Message, Payload};
use super::network::Carried;
use super::outgoing::{Credential, Outgoing};
use super::run::{Outcome, Run, polled_after_end};
use super::select::Hash;
use super::{Response, Stub, buffers};
use crate::codec::{Coding, EncodeError, Formats};
use crate::context::{Context, Extensions};
use crate::error::Error;
use crate::layer::Passing;
use crate::protocol::{Codec, Compression, Metadata};
use crate::service::{MethodInfo, MethodRef};

/// A call that is ready to go: set options, then `.await` it.
///
/// It is a future, `Send + 'static`, and borrows neither the client nor the arguments: it can be given to
/// `tokio::spawn`, to a `JoinSet`, to `join_all` or to `select!` as it is.
///
/// ```
/// # #[rpcx::service]
/// # pub trait Arith {
/// #     async fn mul(&self, a: i64, b: i64) -> rpcx::Result<i64>;
/// # }
/// use std::time::Duration;
///
/// async fn products(arith: &ArithClient) -> rpcx::Result<i64> {
///     let spawned = tokio::spawn(arith.mul(2, 3).timeout(Duration::from_secs(1)));
///     let (one, other) = tokio::try_join!(arith.mul(4, 5), arith.mul(6, 7))?;
///     let spawned = spawned.await.expect("a call does not panic")?;
///     Ok(spawned + one + other)
/// }
/// ```
///
/// Dropping it gives the call up: its slot is free at once, and a frame that is not being written yet
/// is never sent. Options that are set after the first poll have no effect.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<R> {
    state: State,
    method: MethodRef,
    /// How the reply may be encoded.
    formats: Formats,
    finish: Finish<R>,
}

/// Makes a method's `Result` of what came.
pub(super) type Finish<R> = fn(&MethodRef, Result<Response, Error>) -> R;

/// Appends the arguments of a call in a codec.
type Pack<'a> = dyn Fn(Coding<'_>, &mut Vec<u8>) -> Result<(), EncodeError> + 'a;

impl<R> Call<R> {
    /// What a generated method returns. `pack` encodes the arguments at once, in the codec that
    /// `choose` gives for the one that the channel prefers; `finish` makes the method's `Result` of the
    /// outcome.
    pub(crate) fn to(
        stub: &Stub,
        method: &'static MethodInfo,
        choose: fn(Option<Coding<'_>>) -> Codec,
        pack: &Pack<'_>,
        finish: Finish<R>,
    ) -> Self {
        let method = MethodRef::from(method);
        let state = State::new(stub, &method, choose, pack);
        Self {
            state,
            method,
            formats: stub.channel().formats().clone(),
            finish,
        }
    }

    /// The options, unless the call has failed already.
    fn with(mut self, set: impl FnOnce(&mut Outgoing)) -> Self {
        if let Some(call) = self.state.unsent() {
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

    /// Sends these pairs, in place of what the channel sends under their keys.
    pub fn all_metadata(self, metadata: &Metadata) -> Self {
        self.with(|call| call.message.metadata.merge(metadata))
    }

    /// The token that the caller presents, in place of that of the channel. Servers read it with
    /// [`Metadata::auth`]; Go servers in their `AuthFunc`.
    pub fn auth(self, token: impl AsRef<str>) -> Self {
        self.with(|call| call.message.metadata.set_auth(token))
    }

    /// Compresses arguments longer than 1,024 bytes, and asks the same of the reply.
    pub fn compression(self, compression: Compression) -> Self {
        self.with(|call| call.message.compress = compression)
    }

    /// Says that running the method twice is the same as running it once: a call whose outcome is
    /// unknown is then made again.
    pub fn idempotent(self) -> Self {
        self.with(|call| call.idempotent = true)
    }

    /// Says that the call is large, whatever is known of its method: in a channel with [`bulk`](super::ChannelBuilder::bulk) it
    /// goes over the connections for large calls. For the rare large reply of a method whose replies are small, and for
    /// the first of all.
    pub fn bulk(self) -> Self {
        self.with(|call| call.bulk = true)
    }

    /// In a channel with [`Select::ConsistentHash`](super::Select::ConsistentHash), calls with the same key
    /// go to the same server. Default: the service path, the method and the encoded arguments.
    pub fn hash_key(self, key: impl AsRef<[u8]>) -> Self {
        let key = Hash::new().bytes(key.as_ref()).finish();
        self.with(|call| call.key = Some(key))
    }

    /// The same with a value that is no text: see [`HashKey`]. `#[rpcx(hash)]` on an argument of a method does this with its
    /// value in each call.
    pub fn hash_value<K: HashKey + ?Sized>(self, key: &K) -> Self {
        let mut hash = Hash::new();
        key.bytes(&mut |bytes| hash = hash.bytes(bytes));
        let key = hash.finish();
        self.with(|call| call.key = Some(key))
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

impl<T, E> Call<Result<T, E>> {
    /// Returns what came with the reply beside the reply itself.
    pub fn with_metadata(self) -> WithMetadata<T, E> {
        WithMetadata(self)
    }
}

pub(super) enum State {
    Direct(Run),
    Layered(Layered),
    /// The arguments could not be encoded.
    Failed(Option<Error>),
}

impl State {
    /// Knows no method by its type, so that it is there once.
    fn new(
        stub: &Stub,
        method: &MethodRef,
        choose: fn(Option<Coding<'_>>) -> Codec,
        pack: &Pack<'_>,
    ) -> Self {
        let formats = stub.channel().formats();
        let codec = choose(stub.codec().map(|codec| formats.coding(codec)));
        let mut payload = buffers::take();
        if let Err(error) = pack(formats.coding(codec), &mut payload) {
            return Self::Failed(Some(unencodable(method, error)));
        }
        let options = stub.channel().options();
        let around = stub.route().around(method);
        let call = Outgoing {
            message: Message {
                route: Arc::clone(stub.route()),
                method: method.clone(),
                codec,
                compress: options.compression,
                metadata: options.metadata.clone(),
                payload: Payload::Buffer(payload),
            },
            idempotent: method.options().idempotent,
            bulk: false,
            unasked: around.is_some(),
            attempts: options.retry.most_attempts(),
            limit: TimeLimit::new(method.options().timeout.or(options.timeout)),
            key: None,
            credential: Credential::default(),
            deadline: None,
            told: None,
        };
        match around.filter(|layers| !layers.link.decides()) {
            None => Self::Direct(Run::new(call)),
            // It is around every call.
            Some(layers) => Self::Layered(Layered::new(call, layers)),
        }
    }

    pub(super) fn unsent(&mut self) -> Option<&mut Outgoing> {
        match self {
            Self::Direct(run) => run.unsent(),
            Self::Layered(layered) => layered.unsent(),
            Self::Failed(_) => None,
        }
    }

    fn outgoing(&self) -> Option<&Outgoing> {
        match self {
            Self::Direct(run) => run.outgoing(),
            Self::Layered(layered) => layered.outgoing(),
            Self::Failed(_) => None,
        }
    }

    /// Another call through the same layers, if there are any, to this endpoint or to any.
    pub(super) fn like(&self, call: Outgoing, endpoint: Option<Arc<Endpoint>>) -> Self {
        if let Self::Layered(layered) = self {
            let like = layered.like(call, endpoint);
            return like.map_or(Self::Failed(None), Self::Layered);
        }
        let route = Arc::clone(&call.message.route);
        if let Self::Direct(run) = self
            && run.is_unasked()
            && let Some(outermost) = route.around(&call.message.method)
        {
            return Self::Layered(Layered::to(call, outermost, endpoint));
        }
        let run = Run::new(call);
        Self::Direct(match endpoint {
            Some(endpoint) => run.at(endpoint),
            None => run,
        })
    }

    /// Why it cannot be sent.
    pub(super) fn failed(&mut self) -> Error {
        match self {
            Self::Failed(error) => error.take().unwrap_or_else(polled_after_end),
            Self::Direct(_) | Self::Layered(_) => polled_after_end(),
        }
    }

    #[inline]
    pub(super) fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<Outcome> {
        if let Self::Direct(run) = self
            && run.is_unasked()
            && let Some(failed) = self.pass()
        {
            return Poll::Ready(Err(failed.into()));
        }
        match self {
            Self::Direct(run) => run.poll(cx),
            Self::Layered(layered) => layered.poll(cx),
            Self::Failed(error) => {
                Poll::Ready(Err(error.take().unwrap_or_else(polled_after_end).into()))
            }
        }
    }
}

impl State {
    /// Passes the call through its layers as far as they let it; why it ends there, if it does.
    #[inline(never)]
    fn pass(&mut self) -> Option<Error> {
        let Self::Direct(run) = self else {
            return None;
        };
        let mut extensions = Extensions::default();
        let (passing, poll) = run.unsent()?.ask(&mut extensions)?;
        let carried = match passing {
            Ok(Passing::Passed) => return None,
            Ok(Passing::Stopped(layers)) => Carried::memory(layers),
            Ok(Passing::Refused(error)) => return Some(error),
            Err(_) => {
                let text = "a layer panicked: the method did not run";
                return Some(Error::not_sent(text));
            }
        };
        let carried = carried.of(std::mem::take(run));
        *self = Self::Layered(Layered::passed(carried, poll, extensions));
        None
    }
}

#[cold]
fn unencodable(method: &MethodRef, error: EncodeError) -> Error {
    let text = format!(
        "the arguments of `{}` cannot be encoded: {error}",
        method.name()
    );
    Error::not_sent(text).with_source(error)
}

impl<R> Call<R> {
    /// A call over `run` as it is.
    pub(super) fn new(call: Outgoing, layers: Option<Outermost>, finish: Finish<R>) -> Self {
        Self {
            method: call.message.method.clone(),
            formats: call.message.route.channel.formats().clone(),
            state: match layers {
                None => State::Direct(Run::new(call)),
                Some(layers) => State::Layered(Layered::new(call, &layers)),
            },
            finish,
        }
    }
}

impl<R> Call<R> {
    /// The call as it is, and what makes its result.
    pub(super) fn into_parts(self) -> CallParts<R> {
        let end = End {
            method: self.method,
            formats: self.formats,
            finish: self.finish,
        };
        (self.state, end)
    }

    /// What the caller gets.
    fn end(&mut self, outcome: Outcome) -> R {
        let formats = std::mem::take(&mut self.formats);
        let outcome = outcome.map(|response| response.with_formats(formats));
        (self.finish)(&self.method, outcome.map_err(|failure| failure.error))
    }
}

impl<R> Future for Call<R> {
    type Output = R;

    // Not inlined: once for each type, and not once more for each place that calls.
    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<R> {
        let outcome = ready!(self.state.poll(cx));
        Poll::Ready(self.end(outcome))
    }
}

/// A [`Call`] that returns the reply's metadata too, and a future like it.
#[must_use = "a call does nothing until it is awaited"]
pub struct WithMetadata<T, E>(Call<Result<T, E>>);

impl<T, E> Future for WithMetadata<T, E> {
    type Output = Result<(T, Metadata), E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let outcome = ready!(self.0.state.poll(cx));
        let metadata = outcome.as_ref().map(Response::metadata).unwrap_or_default();
        Poll::Ready(self.0.end(outcome).map(|reply| (reply, metadata)))
    }
}

impl<R> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Call");
        out.field("method", &self.method.name());
        if let Some(call) = self.state.outgoing() {
            let message = &call.message;
            out.field("path", &message.route.service)
                .field("metadata", &message.metadata);
        }
        out.finish_non_exhaustive()
    }
}

impl<T, E> fmt::Debug for WithMetadata<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WithMetadata").field(&self.0).finish()
    }
}
