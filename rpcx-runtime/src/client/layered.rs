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
pub(super) struct Layered {
    /// Until it is begun.
    ready: Option<Box<Carried>>,
    /// What the outermost layer makes of it, from then on. Gone when it is done, or a layer has panicked.
    rest: Option<Rest>,
    /// For the next call, which as a rule goes through the same layers.
    outermost: Option<Arc<Link>>,
    deadline: Option<Instant>,
    /// Made when a layer waits for something that is not the network.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Layered {
    #[inline]
    pub(super) fn new(call: Outgoing, outermost: &Arc<Link>) -> Self {
        Self::ready(Carried::new(call, outermost))
    }

    #[inline]
    fn ready(carried: Box<Carried>) -> Self {
        Self {
            ready: Some(carried),
            rest: None,
            outermost: None,
            deadline: None,
            timer: None,
        }
    }

    /// Another call through the same layers, to this endpoint or to any. None if this one is begun.
    pub(super) fn like(&self, call: Outgoing, endpoint: Option<Arc<Endpoint>>) -> Option<Self> {
        let like = self.ready.as_ref()?.like(call, endpoint)?;
        Some(Self::ready(like))
    }

    pub(super) fn outgoing(&self) -> Option<&Outgoing> {
        self.ready.as_ref()?.outgoing()
    }

    /// The call, as long as it is not begun.
    pub(super) fn unsent(&mut self) -> Option<&mut Outgoing> {
        self.ready.as_mut()?.unsent()
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        // A layer that panics takes along its call and nothing else.
        let polled = catch_unwind(AssertUnwindSafe(|| self.poll_uncontained(cx)));
        let polled = polled.unwrap_or_else(|_| {
            let text = "a layer panicked: the method may or may not have run";
            Poll::Ready(Err(Error::unknown(text).into()))
        });
        if polled.is_ready() {
            self.rest = None;
        }
        polled
    }

    #[inline]
    fn poll_uncontained(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        if let Some(carried) = self.ready.take()
            && let Some((request, outermost)) = carried.into_request()
        {
            self.deadline = request.deadline();
            self.rest = Some(outermost.call(request));
            self.outermost = Some(outermost);
        }
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(Err(polled_after_end().into()));
        };
        let (polled, waits_for_network) = poll_layers(rest, cx);
        match polled {
            Poll::Ready(response) => Poll::Ready(from_layers(response, self.outermost.take())),
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
