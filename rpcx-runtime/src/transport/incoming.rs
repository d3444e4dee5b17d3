//! What listeners give: connections that are accepted, and what is left when a listener closes.

use std::fmt;
use std::future::Future;
use std::io;

use super::socket::Accepted;
use super::{Address, BoxFuture, Stream};

/// What a listener has accepted: a [`Stream`], by `.into()`, or one that has to be
/// [negotiated](Self::negotiating) first.
///
/// The server bounds how long the negotiation may take and how many are under way
/// ([`Limits::handshake`](crate::Limits::handshake), [`Limits::handshakes`](crate::Limits::handshakes)),
/// and accepts others meanwhile.
pub struct Incoming(pub(super) Progress);

/// How far one is.
pub(super) enum Progress {
    /// A socket of which nothing was read, so that it can still be reset.
    Accepted(Accepted),
    /// And where it comes from, if that is known before it is negotiated.
    Begun(IncomingState, Option<Origin>),
}

/// Where one comes from.
pub(super) struct Origin {
    address: Address,
    /// Whether the peer has shown that the address is its own.
    proved: bool,
}

pub(crate) enum IncomingState {
    Ready(Stream),
    Negotiating(Handshake),
    /// One whose peer has to begin. The handshake is there when it has sent something.
    Silent(BoxFuture<'static, Handshake>),
}

/// Something that is a stream once it is negotiated.
pub(crate) type Handshake = BoxFuture<'static, io::Result<Stream>>;

impl IncomingState {
    /// One whose peer begins: `heard` gives what to `negotiate` on when it has.
    #[allow(
        clippy::async_yields_async,
        reason = "there is a time for each of the two"
    )]
    pub(crate) fn silent<S, H>(
        heard: impl Future<Output = S> + Send + 'static,
        negotiate: impl FnOnce(S) -> H + Send + 'static,
    ) -> Self
    where
        H: Future<Output = io::Result<Stream>> + Send + 'static,
    {
        Self::Silent(Box::pin(async move {
            Box::pin(negotiate(heard.await)) as Handshake
        }))
    }
}

impl Incoming {
    fn new(state: IncomingState) -> Self {
        Self(Progress::Begun(state, None))
    }

    /// A stream that is there once `handshake` is done. An error of it costs that stream only.
    ///
    /// The peer counts as one that has begun its handshake, even if it has sent nothing yet.
    pub fn negotiating(
        handshake: impl Future<Output = io::Result<Stream>> + Send + 'static,
    ) -> Self {
        Self::new(IncomingState::Negotiating(Box::pin(handshake)))
    }

    /// The same for one whose peer begins: `heard` gives what to `negotiate` on when it has.
    #[cfg(test)]
    pub(crate) fn silent<S, H>(
        heard: impl Future<Output = S> + Send + 'static,
        negotiate: impl FnOnce(S) -> H + Send + 'static,
    ) -> Self
    where
        H: Future<Output = io::Result<Stream>> + Send + 'static,
    {
        Self::new(IncomingState::silent(heard, negotiate))
    }

    /// Says where it comes from, so that [`ConnectionRules`](super::ConnectionRules) can refuse it before it is negotiated.
    #[must_use]
    pub fn with_peer(self, peer: Address) -> Self {
        self.with_origin(peer, true)
    }

    /// The same, and whether the peer has shown that the address is its own.
    pub(super) fn with_origin(mut self, address: Address, proved: bool) -> Self {
        if let Progress::Begun(_, from) = &mut self.0 {
            *from = Some(Origin { address, proved });
        }
        self
    }

    /// Whether the address may be forged.
    pub(crate) fn may_be_forged(&self) -> bool {
        let Progress::Begun(_, Some(origin)) = &self.0 else {
            return false;
        };
        !origin.proved
    }

    /// Where it comes from, if that is known yet: always if it is a stream, and else if the listener
    /// [has said so](Self::with_peer).
    pub fn peer(&self) -> Option<&Address> {
        match &self.0 {
            Progress::Accepted(accepted) => Some(&accepted.peer),
            Progress::Begun(IncomingState::Ready(stream), _) => Some(&stream.peer),
            Progress::Begun(_, origin) => origin.as_ref().map(|origin| &origin.address),
        }
    }

    /// Refuses it: a TCP connection is reset, a QUIC connection refused, any other closed.
    pub fn refuse(self) {
        match self.0 {
            Progress::Accepted(accepted) => accepted.socket.abort(),
            Progress::Begun(..) => {}
        }
    }

    /// Asks `check` about the stream when it is negotiated; `None` if that is at once and it is
    /// refused.
    pub fn and_then(
        self,
        check: impl FnOnce(Stream) -> io::Result<Stream> + Send + 'static,
    ) -> Option<Self> {
        let (state, origin) = match self.0 {
            Progress::Accepted(accepted) => {
                let (state, peer) = accepted.begin();
                let proved = |address| Origin {
                    address,
                    proved: true,
                };
                (state, peer.map(proved))
            }
            Progress::Begun(state, origin) => (state, origin),
        };
        let state = match state {
            IncomingState::Ready(stream) => IncomingState::Ready(check(stream).ok()?),
            IncomingState::Negotiating(handshake) => {
                IncomingState::Negotiating(Box::pin(async move { check(handshake.await?) }))
            }
            IncomingState::Silent(heard) => {
                let negotiate = |handshake: Handshake| async move { check(handshake.await?) };
                IncomingState::silent(heard, negotiate)
            }
        };
        Some(Self(Progress::Begun(state, origin)))
    }

    /// What has to be done next.
    pub(crate) fn begin(self) -> IncomingState {
        match self.0 {
            Progress::Accepted(accepted) => accepted.begin().0,
            Progress::Begun(state, _) => state,
        }
    }

    /// The stream, once it is negotiated: for listeners that stand in front of another.
    ///
    /// # Errors
    /// If the negotiation fails. The caller bounds how long it may take.
    pub async fn stream(self) -> io::Result<Stream> {
        match self.begin() {
            IncomingState::Ready(stream) => Ok(stream),
            IncomingState::Negotiating(handshake) => handshake.await,
            IncomingState::Silent(heard) => heard.await.await,
        }
    }
}

impl From<Stream> for Incoming {
    /// A stream that needs no negotiation.
    fn from(stream: Stream) -> Self {
        Self::new(IncomingState::Ready(stream))
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.0 {
            Progress::Accepted(_) => "accepted",
            Progress::Begun(IncomingState::Ready(_), _) => "ready",
            Progress::Begun(IncomingState::Negotiating(_), _) => "negotiating",
            Progress::Begun(IncomingState::Silent(_), _) => "silent",
        };
        f.debug_struct("Incoming")
            .field("state", &state)
            .field("peer", &self.peer())
            .finish()
    }
}

/// A listener that accepts no more.
#[non_exhaustive]
pub struct Closing {
    /// Connections of the backlog that were not accepted: they may carry calls already.
    pub waiting: Vec<Incoming>,
    /// Completes when everything that was written to its streams has left, for networks whose
    /// streams end with the listener's socket. The server waits for it after its last connection
    /// has ended, for 1 s at most.
    pub left: BoxFuture<'static, ()>,
}

impl Closing {
    /// With these connections of the backlog.
    pub fn waiting(waiting: Vec<Incoming>) -> Self {
        Self {
            waiting,
            ..Self::default()
        }
    }

    /// With this to wait for.
    pub fn until(left: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            left: Box::pin(left),
            ..Self::default()
        }
    }
}

impl Default for Closing {
    /// The backlog was empty, and there is nothing to wait for.
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            left: Box::pin(std::future::ready(())),
        }
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing")
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}
