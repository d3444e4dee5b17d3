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
use crate::layer::{Layer, Layers, Link, Response, Rest};
use crate::service::MethodRef;

/// Polls a call through its layers.
pub(super) type PollLayered = fn(&mut Layered, &mut Context<'_>) -> Poll<Outcome>;

/// The layers around the calls of a channel, or of a client.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallLayers {
    layers: Layers,
    /// What a call with layers needs, which the first of them brings: a program without layers has no machine code for
    /// such calls.
    poll: Option<PollLayered>,
}

/// The outermost of the layers around a method.
#[derive(Clone)]
pub(super) struct Outermost {
    pub(super) link: Arc<Link>,
    pub(super) poll: PollLayered,
}

impl CallLayers {
    /// None.
    pub(crate) const fn new() -> Self {
        Self {
            layers: Layers::new(),
            poll: None,
        }
    }

    /// Adds a layer inside of those that are there.
    pub(super) fn with(self, layer: impl Layer) -> Self {
        Self {
            layers: self.layers.with(layer),
            poll: Some(Layered::poll_contained),
        }
    }

    /// Those of `self` around those of `inner` that apply to a method.
    pub(super) fn outermost(
        &self,
        inner: &Self,
        service: &str,
        method: &MethodRef,
    ) -> Option<Outermost> {
        let link = self.layers.chain(&inner.layers, service, method)?;
        let poll = self.poll.or(inner.poll)?;
        Some(Outermost { link, poll })
    }
}

/// A call with layers around it.
pub(super) struct Layered {
    poll: PollLayered,
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
    pub(super) fn new(call: Outgoing, outermost: &Outermost) -> Self {
        Self::ready(Carried::new(call, &outermost.link), outermost.poll)
    }

    /// A call that has passed all layers but for those that it has memory for.
    #[inline]
    pub(super) fn passed(carried: Box<Carried>, poll: PollLayered, extensions: Extensions) -> Self {
        Self {
            passed: Some(extensions),
            ..Self::ready(carried, poll)
        }
    }

    #[inline]
    fn ready(carried: Box<Carried>, poll: PollLayered) -> Self {
        Self {
            poll,
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
        outermost: &Outermost,
        endpoint: Option<Arc<Endpoint>>,
    ) -> Self {
        let carried = Carried::new(call, &outermost.link).to(endpoint);
        Self::ready(carried, outermost.poll)
    }

    /// Another call through the same layers, to this endpoint or to any. None if this one is begun.
    pub(super) fn like(&self, call: Outgoing, endpoint: Option<Arc<Endpoint>>) -> Option<Self> {
        let like = self.ready.as_ref()?.like(call, endpoint)?;
        Some(Self::ready(like, self.poll))
    }

    pub(super) fn outgoing(&self) -> Option<&Outgoing> {
        self.ready.as_ref()?.outgoing()
    }

    /// The call, as long as it is not begun.
    pub(super) fn unsent(&mut self) -> Option<&mut Outgoing> {
        self.ready.as_mut()?.unsent()
    }

    #[inline]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        (self.poll)(self, cx)
    }

    fn poll_contained(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
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
