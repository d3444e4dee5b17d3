//! A call whose payload is inflated, as it is decoded, where its handler runs.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};

use tokio::time::Instant;

use super::Dispatch;
use super::dispatcher::Incoming;
use super::handlers::{make_handler, poll_contained};
use super::late::Weight;
use super::panics::Called;
use super::payload::{Compressed, open_later};
use super::router::Route;
use crate::connection::Held;
use crate::context::{Context, Extensions, Origin};
use crate::error::Error;
use crate::protocol::Metadata;
use crate::service::{CallFacts, CallSlot, Memory, MethodRef, Reply, Run};

/// A handler that is made when it is polled first.
pub(super) struct Deferred {
    call: Call,
    /// Until then.
    unopened: Option<Unopened>,
    memory: Memory,
    context: Option<Context>,
    /// What was inflated, until it is counted with the call.
    held: Held,
    /// What the call weighs, once its handler has been polled.
    bytes: Option<usize>,
}

/// Which call it is.
struct Call {
    dispatch: Arc<Dispatch>,
    origin: Origin,
    route: Route,
    method: MethodRef,
}

/// What the handler is made of.
struct Unopened {
    payload: Compressed,
    metadata: Metadata,
    extensions: Extensions,
    /// The service and the method as the peer has named them.
    names: (Box<[u8]>, Box<[u8]>),
    deadline: Option<Instant>,
    oneway: bool,
}

/// What was decided about the request by then.
pub(super) struct Decided {
    pub(super) route: Route,
    pub(super) method: MethodRef,
    pub(super) deadline: Option<Instant>,
    pub(super) extensions: Extensions,
    /// For the handler.
    pub(super) memory: Memory,
}

impl Deferred {
    pub(super) fn new(
        dispatch: &Arc<Dispatch>,
        origin: &Origin,
        incoming: Incoming<'_>,
        decided: Decided,
    ) -> Self {
        Self {
            held: Held::new(dispatch.admission.limits.memory.clone()),
            call: Call {
                dispatch: Arc::clone(dispatch),
                origin: origin.clone(),
                route: decided.route,
                method: decided.method,
            },
            unopened: Some(Unopened {
                payload: incoming.payload,
                metadata: incoming.metadata,
                extensions: decided.extensions,
                names: (incoming.service.into(), incoming.method.into()),
                deadline: decided.deadline,
                oneway: incoming.oneway,
            }),
            memory: decided.memory,
            context: None,
            bytes: None,
        }
    }

    /// Inflates the payload and makes the handler. `None` if the service has panicked.
    fn open(&mut self, unopened: Unopened) -> Result<Option<Weight>, Error> {
        let call = &self.call;
        let Unopened {
            payload,
            metadata,
            extensions,
            names: (service, method),
            deadline,
            oneway,
        } = unopened;
        let dispatch = &*call.dispatch;
        let received = payload.payload.as_ptr().addr();
        let request = open_later(dispatch, call.called(), payload, metadata, &mut self.held)?;
        let weight = Weight::of(received, request.payload());
        let facts = CallFacts {
            origin: &call.origin,
            service: &service,
            method: &method,
            deadline,
            oneway,
        };
        let slot = CallSlot::new(&mut self.memory, &facts, extensions);
        let service = &*call.route.service;
        let made = make_handler(service, request, slot, call.called(), &dispatch.admission);
        Ok(made.map(|context| {
            self.context = context;
            weight
        }))
    }
}

impl Call {
    fn called(&self) -> Called<'_> {
        Called::new(&self.origin.peer, &self.route.path, &self.method)
    }
}

impl Run for Deferred {
    fn put(self: Pin<&mut Self>, _: &mut dyn Any) -> bool {
        false
    }

    fn poll_reply(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Poll<()> {
        let this = &mut *self;
        let mut weight = None;
        if let Some(unopened) = this.unopened.take() {
            match this.open(unopened) {
                Ok(None) => {
                    reply.panicked();
                    return Poll::Ready(());
                }
                Ok(opened) => weight = opened,
                Err(error) => {
                    reply.refuse(error);
                    return Poll::Ready(());
                }
            }
        }
        let Some(handler) = &mut this.memory else {
            return Poll::Ready(());
        };
        let mut reply = reply.beside(this.context.as_ref());
        if let Some(weight) = weight {
            weight.expect();
        }
        let called = Some(this.call.called());
        let admission = &this.call.dispatch.admission;
        let polled = poll_contained(handler.as_mut(), cx, &mut reply, called, admission);
        if let Some(weight) = weight {
            this.bytes = Some(weight.bytes());
            this.held.set(0);
        }
        ready!(polled);
        Poll::Ready(())
    }

    fn clear(mut self: Pin<&mut Self>) {
        self.unopened = None;
        if let Some(handler) = &mut self.memory {
            handler.as_mut().clear();
        }
    }

    fn weight(&self) -> Option<usize> {
        self.bytes
    }

    fn context(&self) -> Option<Context> {
        self.context.clone()
    }
}
