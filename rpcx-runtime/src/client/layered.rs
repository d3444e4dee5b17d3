//! A call with layers around it.

use std::future::Future as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use super::endpoint::Endpoint;
use super::network::{Carried, poll_layers};
use super::outgoing::Outgoing;
use super::response::from_layers;
use super::run::{Outcome, polled_after_end};
use crate::context::Extensions;
use crate::error::Error;
use crate::layer::{Link, Response, Rest};

/// A call with layers around it.
pub(super) struct Layered {
    /// Until it is begun.
    ready: Option<Box<Carried>>,
    /// What was attached to it on its way to the outermost layer, which is to be around it: none of a call that begins there.
    passed: Option<Extensions>,
    /// What the outermost layer makes of it, from then on. Gone when it is done, or a layer has panicked.
    rest: Option<Rest>,
    /// For the next call, which as a rule goes through the same layers.
    outermost: Option<Arc<Link>>,
    deadline: Option<Instant>,
    /// Made when a layer waits for something that is not the network.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Layered {
    /// A call whose layers have yet to be asked, or are around every call.
    #[inline]
    pub(super) fn new(call: Outgoing, outermost: &Arc<Link>) -> Self {
        Self::ready(Carried::new(call, outermost))
    }

    /// A call that has passed all layers but for those that it has memory for.
    #[inline]
    pub(super) fn passed(carried: Box<Carried>, extensions: Extensions) -> Self {
        Self {
            passed: Some(extensions),
            ..Self::ready(carried)
        }
    }

    #[inline]
    fn ready(carried: Box<Carried>) -> Self {
        Self {
            ready: Some(carried),
            passed: None,
            rest: None,
            outermost: None,
            deadline: None,
            timer: None,
        }
    }

    /// The same to this endpoint, or to any.
    pub(super) fn to(
        call: Outgoing,
        outermost: &Arc<Link>,
        endpoint: Option<Arc<Endpoint>>,
    ) -> Self {
        Self::ready(Carried::new(call, outermost).to(endpoint))
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
        let response = match polled {
            Ok(polled) => ready!(polled),
            Err(_) => {
                let text = "a layer panicked: the method may or may not have run";
                Error::unknown(text).into()
            }
        };
        self.rest = None;
        Poll::Ready(from_layers(response, self.outermost.take()))
    }

    #[inline]
    fn poll_uncontained(&mut self, cx: &mut Context<'_>) -> Poll<Response> {
        if let Some(carried) = self.ready.take()
            && let Some((mut request, outermost)) = carried.into_request()
        {
            self.deadline = request.deadline();
            self.rest = Some(match self.passed.take() {
                Some(attached) => {
                    request.parts.extensions = attached;
                    outermost.around(request)
                }
                None => outermost.call(request),
            });
            self.outermost = Some(outermost);
        }
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(polled_after_end().into());
        };
        let (polled, waits_for_network) = poll_layers(rest, cx);
        match waits_for_network || polled.is_ready() {
            true => polled,
            false => self.poll_deadline(cx),
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<Response> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timer.as_mut().poll(cx).map(|()| {
            let text = "the deadline passed while a layer was waiting";
            Error::unknown(text).into()
        })
    }
}
