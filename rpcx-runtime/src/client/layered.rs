//! A call with layers around it.

use std::future::Future as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

use super::endpoint::Endpoint;
use super::network::{Carried, poll_layers};
use super::outgoing::Outgoing;
use super::response::from_layers;
use super::run::{Outcome, polled_after_end};
use crate::error::Error;
use crate::layer::{Link, Rest};

/// A call with layers around it.
pub(super) enum Layered {
    /// Not begun.
    Ready(Box<Carried>, Arc<Link>),
    Running(Running),
    Done,
}

pub(super) struct Running {
    /// What the outermost layer makes of the call. Gone when a layer has panicked.
    rest: Rest,
    deadline: Option<Instant>,
    /// Made when a layer waits for something that is not the network.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Layered {
    pub(super) fn new(call: Outgoing, outermost: Arc<Link>) -> Self {
        Self::Ready(Carried::new(call), outermost)
    }

    /// Another call through the same layers, to this endpoint or to any. None if this one is begun.
    pub(super) fn like(&self, call: Outgoing, endpoint: Option<Arc<Endpoint>>) -> Option<Self> {
        match self {
            Self::Ready(_, outermost) => {
                let carried = Carried::at(call, endpoint);
                Some(Self::Ready(carried, Arc::clone(outermost)))
            }
            Self::Running(_) | Self::Done => None,
        }
    }

    pub(super) fn outgoing(&self) -> Option<&Outgoing> {
        match self {
            Self::Ready(carried, _) => carried.outgoing(),
            Self::Running(_) | Self::Done => None,
        }
    }

    /// The call, as long as it is not begun.
    pub(super) fn unsent(&mut self) -> Option<&mut Outgoing> {
        match self {
            Self::Ready(carried, _) => carried.unsent(),
            Self::Running(_) | Self::Done => None,
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        // A layer that panics takes along its call and nothing else.
        let polled = catch_unwind(AssertUnwindSafe(|| self.poll_uncontained(cx)));
        let polled = polled.unwrap_or_else(|_| {
            let text = "a layer panicked: the method may or may not have run";
            Poll::Ready(Err(Error::unknown(text).into()))
        });
        if polled.is_ready() {
            *self = Self::Done;
        }
        polled
    }

    fn poll_uncontained(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        if matches!(self, Self::Ready(..)) {
            self.begin();
        }
        match self {
            Self::Running(running) => running.poll(cx),
            Self::Ready(..) | Self::Done => Poll::Ready(Err(polled_after_end().into())),
        }
    }

    fn begin(&mut self) {
        let Self::Ready(mut carried, outermost) = std::mem::replace(self, Self::Done) else {
            return;
        };
        let Some(call) = carried.unsent() else {
            return;
        };
        call.start_clock();
        let (deadline, route) = (call.ends_at(), Arc::clone(&call.message.route));
        if let Some(request) = carried.into_request() {
            *self = Self::Running(Running {
                rest: outermost.call(request, route),
                deadline,
                timer: None,
            });
        }
    }
}

impl Running {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let (polled, waits_for_network) = poll_layers(&mut self.rest, cx);
        match polled {
            Poll::Ready(response) => Poll::Ready(from_layers(response)),
            Poll::Pending if waits_for_network => Poll::Pending,
            Poll::Pending => self.poll_deadline(cx),
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timer.as_mut().poll(cx).map(|()| {
            let text = "the deadline passed while a layer was waiting";
            Err(Error::unknown(text).into())
        })
    }
}
