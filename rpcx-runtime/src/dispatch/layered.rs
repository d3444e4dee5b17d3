//! A call with layers around its handler.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{self, Poll, ready};

use tokio::time::Instant;

use super::Dispatch;
use super::capture::Capture;
use super::handlers::{make_handler, poll_contained};
use super::late::Weight;
use super::panics::{Called, CalledLater};
use super::payload::{Compressed, open_later};
use crate::connection::Held;
use crate::context::{Context, Extensions, Origin};
use crate::error::{Error, ErrorKind};
use crate::layer::{self, End, Link, Parts, Payload, Response, Rest, Stage};
use crate::protocol::Metadata;
use crate::service::{CallFacts, CallSlot, Encoded, Memory, MethodRef, Reply, Run, Service};
use crate::sync::{lock, unlocked};

/// The layers of one call, as a handler.
pub(super) struct Layered {
    run: Progress,
    end: Arc<HandlerEnd>,
}

enum Progress {
    Ready(Arc<Link>, layer::Request),
    Running(Rest),
    Done,
}

impl Layered {
    pub(super) fn new(outermost: Arc<Link>, request: layer::Request, end: Arc<HandlerEnd>) -> Self {
        let run = Progress::Ready(outermost, request);
        Self { run, end }
    }

    fn begin(&mut self) {
        if let Progress::Ready(link, request) = std::mem::replace(&mut self.run, Progress::Done) {
            let end = Arc::clone(&self.end) as _;
            self.run = Progress::Running(link.call(request, end));
        }
    }

    /// What the call was run in, once it is done.
    pub(super) fn into_end(self) -> Arc<HandlerEnd> {
        self.end
    }
}

impl Run for Layered {
    fn put(self: Pin<&mut Self>, _: &mut dyn std::any::Any) -> bool {
        false
    }

    fn poll_reply(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Poll<()> {
        // A layer is called in here, where its panic is contained.
        if matches!(self.run, Progress::Ready(..)) {
            self.begin();
        }
        let Progress::Running(rest) = &mut self.run else {
            return Poll::Ready(());
        };
        let response = ready!(Pin::new(rest).poll(cx));
        self.run = Progress::Done;
        self.end.answer(response, reply);
        Poll::Ready(())
    }

    fn clear(mut self: Pin<&mut Self>) {
        self.run = Progress::Done;
    }

    fn weight(&self) -> Option<usize> {
        lock(&self.end.state).bytes
    }

    fn context(&self) -> Option<Context> {
        lock(&self.end.state).context.clone()
    }
}

/// The handler behind the last layer. Used again by the next call, so that layers alone cost memory.
pub(super) struct HandlerEnd {
    dispatch: Arc<Dispatch>,
    state: Mutex<State>,
}

struct State {
    service: Arc<dyn Service>,
    memory: Memory,
    /// The memory of a request before this one. What stays in it is the same for all requests of a peer,
    /// or for all of one method.
    request: Option<Box<Parts>>,
    context: Option<Context>,
    capture: Capture,
    /// The handler has begun, and did not say that it refuses the call.
    ran: bool,
    /// Which call it is, if something is told of it.
    called: Option<CalledLater>,
    /// What was inflated elsewhere than where the request was read, until it is counted with the call.
    held: Held,
    /// Until the handler was polled first.
    weight: Option<Weight>,
    /// What it weighs, from then on.
    bytes: Option<usize>,
}

impl HandlerEnd {
    /// For a call of `service` with `parts`, in `spare` if no earlier call has it any more.
    pub(super) fn prepare(
        spare: Option<Arc<Self>>,
        dispatch: &Arc<Dispatch>,
        service: &Arc<dyn Service>,
        memory: Memory,
        parts: Wanted<'_>,
    ) -> (Arc<Self>, layer::Request) {
        let new = || Arc::new(Self::new(dispatch, service));
        let mut end = spare.unwrap_or_else(new);
        loop {
            // Another has it if a layer has kept its `Next`.
            let Some(unshared) = Arc::get_mut(&mut end) else {
                end = new();
                continue;
            };
            let state = unlocked(&mut unshared.state);
            if !Arc::ptr_eq(&state.service, service) {
                state.service = Arc::clone(service);
            }
            (state.memory, state.context, state.ran) = (memory, None, false);
            state.called = None;
            (state.weight, state.bytes) = (None, None);
            let request = parts.put_into(state.request.take());
            return (end, layer::Request::new(request));
        }
    }

    fn new(dispatch: &Arc<Dispatch>, service: &Arc<dyn Service>) -> Self {
        Self {
            dispatch: Arc::clone(dispatch),
            state: Mutex::new(State {
                service: Arc::clone(service),
                memory: None,
                request: None,
                context: None,
                capture: Capture::new(&dispatch.formats),
                ran: false,
                called: None,
                held: Held::new(dispatch.admission.limits.memory.clone()),
                weight: None,
                bytes: None,
            }),
        }
    }

    /// The memory of the handler, for the next one of its method.
    pub(super) fn take_memory(self: &mut Arc<Self>) -> Memory {
        match Arc::get_mut(self) {
            Some(unshared) => unlocked(&mut unshared.state).memory.take(),
            None => lock(&self.state).memory.take(),
        }
    }

    /// Answers with what the outermost layer made of the call.
    fn answer(&self, response: Response, reply: &mut Reply<'_>) {
        let mut state = lock(&self.state);
        reply.set_metadata(response.metadata);
        match response.result {
            Ok(answer) => {
                reply.encoded(&Encoded {
                    codec: answer.codec,
                    compression: answer.compression,
                    payload: answer.payload.as_slice(),
                });
                if let Payload::Made(buffer) = answer.payload {
                    state.capture.recycle(buffer);
                }
            }
            // Whatever a layer says, the method has run.
            Err(error) if state.ran => reply.error(error.with_kind(ErrorKind::Service)),
            Err(error) => reply.error(error),
        }
    }

    /// Makes the handler.
    fn begin(&self, state: &mut State, request: layer::Request) -> Result<(), Error> {
        let mut parts = request.parts;
        let Some(origin) = parts.origin.take() else {
            return Err(Error::service("the layer made a request of its own"));
        };
        let compressed = Compressed {
            codec: parts.codec,
            compression: parts.compression,
            payload: parts.payload.take().into_bytes(),
        };
        let metadata = std::mem::take(&mut parts.metadata);
        let extensions = std::mem::take(&mut parts.extensions);
        let (method, received) = (&parts.method, compressed.payload.as_ptr().addr());
        let called = Called::new(&origin.peer, &parts.service, method);
        let (dispatch, held) = (&*self.dispatch, &mut state.held);
        let request = open_later(dispatch, called, compressed, metadata, held)?;
        state.weight = Some(Weight::of(received, request.payload()));
        let admission = &*dispatch.admission;
        state.called = CalledLater::new(admission, &origin, &parts.service, method);
        let facts = CallFacts {
            origin: &origin,
            service: parts.service.as_bytes(),
            method: method.name().as_bytes(),
            deadline: parts.deadline,
            oneway: parts.oneway,
        };
        let slot = CallSlot::new(&mut state.memory, &facts, extensions);
        state.capture.begin(parts.codec);
        state.ran = true;
        let made = make_handler(&*state.service, request, slot, called, admission);
        parts.origin = Some(origin);
        state.request = Some(parts);
        match made {
            Some(context) => state.context = context,
            None => return Err(Error::service("internal error")),
        }
        Ok(())
    }
}

impl End for HandlerEnd {
    fn poll(&self, stage: &mut Stage, cx: &mut task::Context<'_>) -> Poll<Response> {
        // Nothing else wants it while the call runs, but for a deadline that has passed.
        let mut state = lock(&self.state);
        let state = &mut *state;
        if let Some(request) = stage.request.take()
            && let Err(error) = self.begin(state, request)
        {
            return Poll::Ready(error.into());
        }
        let State {
            memory,
            context,
            capture,
            ran,
            called,
            held,
            weight,
            bytes,
            ..
        } = state;
        if let Some(handler) = memory {
            let admission = &self.dispatch.admission;
            let called = called.as_ref().map(CalledLater::get);
            let mut reply = Reply::new(capture, context.as_ref());
            if let Some(weight) = *weight {
                weight.expect();
            }
            let polled = poll_contained(handler.as_mut(), cx, &mut reply, called, admission);
            if let Some(weight) = weight.take() {
                *bytes = Some(weight.bytes());
                if !held.is_empty() {
                    held.set(0);
                }
            }
            ready!(polled);
        }
        let response = capture.take().unwrap_or_else(unanswered);
        *ran = !response.error().is_some_and(Error::says_not_run);
        Poll::Ready(response)
    }

    /// Drops the handler: its memory is kept here for the next call.
    fn abandon(&self) {
        let mut state = lock(&self.state);
        if let Some(context) = &state.context {
            context.cancel();
        }
        if let Some(handler) = &mut state.memory {
            // What is dropped is the user's, and may panic.
            let _ = catch_unwind(AssertUnwindSafe(|| handler.as_mut().clear()));
        }
    }
}

/// What a request for layers is made of.
pub(super) struct Wanted<'a> {
    pub(super) service: &'a Arc<str>,
    pub(super) method: &'a MethodRef,
    pub(super) metadata: Metadata,
    pub(super) deadline: Option<Instant>,
    pub(super) payload: Compressed,
    pub(super) oneway: bool,
    pub(super) origin: &'a Origin,
    pub(super) extensions: Extensions,
}

impl Wanted<'_> {
    /// In the memory of an earlier request of the same peer.
    fn put_into(self, spare: Option<Box<Parts>>) -> Box<Parts> {
        let Compressed {
            codec,
            compression,
            payload,
        } = self.payload;
        let payload = Payload::Received(payload);
        let Some(mut parts) = spare else {
            return Box::new(Parts {
                service: Arc::clone(self.service),
                method: self.method.clone(),
                metadata: self.metadata,
                deadline: self.deadline,
                codec,
                compression,
                payload,
                oneway: self.oneway,
                origin: Some(self.origin.clone()),
                extensions: self.extensions,
                behind: None,
            });
        };
        if !Arc::ptr_eq(&parts.service, self.service) {
            parts.service = Arc::clone(self.service);
        }
        parts.method = self.method.clone();
        parts.metadata = self.metadata;
        parts.deadline = self.deadline;
        (parts.codec, parts.compression) = (codec, compression);
        parts.payload = payload;
        parts.oneway = self.oneway;
        parts.extensions = self.extensions;
        parts
    }
}

/// A hand-written service may end without an answer.
fn unanswered() -> Response {
    Error::service("the method gave no answer").into()
}

impl fmt::Debug for HandlerEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerEnd").finish_non_exhaustive()
    }
}
