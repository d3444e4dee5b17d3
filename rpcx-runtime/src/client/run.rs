//! One call from its first frame to its outcome.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::Response;
use super::attempt::Attempt;
use super::endpoint::Endpoint;
use super::outgoing::{Begun, Outgoing, Told};
use super::repeat::{self, Attempts};
use super::response::Failure;
use crate::error::Error;
use crate::layer::Reached;

/// What a call ends with.
pub(super) type Outcome = Result<Response, Failure>;

/// A call that is being made. The fast path is in place: no allocation, no task.
#[derive(Default)]
#[expect(
    clippy::large_enum_variant,
    reason = "the large one is the usual one, and it is to cost no allocation"
)]
pub(super) enum Run {
    /// Not begun, or sent at once. The message is kept: the attempt need not be the last.
    Fast(Outgoing, Option<Attempt>),
    /// Connecting, waiting for room, or repeating.
    Carried(Pin<Box<dyn Future<Output = Outcome> + Send>>, Arc<Told>),
    #[default]
    Done,
}

impl Run {
    #[inline]
    pub(super) fn new(call: Outgoing) -> Self {
        Self::Fast(call, None)
    }

    /// The same, to this endpoint and nowhere else, if it is not begun.
    pub(super) fn at(self, endpoint: Arc<Endpoint>) -> Self {
        match self {
            Self::Fast(mut call, None) => {
                let told = Arc::clone(call.told.get_or_insert_default());
                Self::Carried(Box::pin(repeat::run_at(call, endpoint)), told)
            }
            begun => begun,
        }
    }

    /// The call, as long as it is not begun.
    #[inline]
    pub(super) fn unsent(&mut self) -> Option<&mut Outgoing> {
        match self {
            Self::Fast(call, None) => Some(call),
            _ => None,
        }
    }

    /// Whether layers have yet to be asked.
    #[inline]
    pub(super) fn is_unasked(&self) -> bool {
        matches!(self, Self::Fast(call, None) if call.unasked)
    }

    pub(super) fn outgoing(&self) -> Option<&Outgoing> {
        match self {
            Self::Fast(call, _) => Some(call),
            Self::Carried(..) | Self::Done => None,
        }
    }

    #[inline]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let outcome = ready!(self.poll_on(cx));
        *self = Self::Done;
        Poll::Ready(outcome)
    }

    /// The same with a note of where the last attempt went.
    #[inline]
    pub(super) fn poll_noting(
        &mut self,
        cx: &mut Context<'_>,
        note: &mut Option<Arc<Reached>>,
    ) -> Poll<Outcome> {
        let outcome = ready!(self.poll_on(cx));
        self.note(note);
        *self = Self::Done;
        Poll::Ready(outcome)
    }

    fn note(&self, note: &mut Option<Arc<Reached>>) {
        match self {
            Self::Fast(_, Some(attempt)) => {
                let reached = attempt.reached();
                let last = note.as_ref();
                if !last.is_some_and(|last| Arc::ptr_eq(last, reached)) {
                    *note = Some(Arc::clone(reached));
                }
            }
            Self::Carried(_, told) => *note = told.get(),
            Self::Fast(_, None) | Self::Done => *note = None,
        }
    }

    #[inline]
    fn poll_on(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let outcome = loop {
            match self {
                Self::Fast(call, sent @ None) => match call.begin(cx) {
                    Begun::Sent(attempt) => {
                        if sent.insert(attempt).is_registered() {
                            return Poll::Pending;
                        }
                    }
                    Begun::Waits(endpoint) => self.carry_on(Attempts::at(endpoint)),
                    Begun::Done(outcome) => break outcome,
                },
                Self::Fast(call, Some(attempt)) => match attempt.poll(cx) {
                    Poll::Pending if attempt.is_queued() && call.is_timed() => self.watch(),
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(failure)) if call.may_repeat(&failure.error) => {
                        let endpoint = attempt.endpoint();
                        self.carry_on(Attempts::failed(failure, endpoint));
                    }
                    Poll::Ready(outcome) => {
                        call.learn(&outcome);
                        break outcome;
                    }
                },
                Self::Carried(future, _) => break ready!(future.as_mut().poll(cx)),
                Self::Done => break Err(polled_after_end().into()),
            }
        };
        Poll::Ready(outcome)
    }

    /// A one-way call waits to be written: no table of calls has its deadline.
    #[cold]
    fn watch(&mut self) {
        if let Self::Fast(mut call, Some(attempt)) = std::mem::replace(self, Self::Done) {
            let told = Arc::clone(call.told.get_or_insert_default());
            call.note(attempt.reached());
            *self = match call.ends_at() {
                Some(deadline) => Self::Carried(Box::pin(attempt.written_until(deadline)), told),
                None => Self::Fast(call, Some(attempt)),
            };
        }
    }

    /// Leaves the fast path.
    #[cold]
    fn carry_on(&mut self, attempts: Attempts) {
        if let Self::Fast(mut call, sent) = std::mem::replace(self, Self::Done) {
            let told = Arc::clone(call.told.get_or_insert_default());
            if let Some(sent) = &sent {
                call.note(sent.reached());
            }
            *self = Self::Carried(Box::pin(repeat::run(call, attempts)), told);
        }
    }
}

#[cold]
pub(super) fn polled_after_end() -> Error {
    Error::unknown("the call was polled after its end")
}
