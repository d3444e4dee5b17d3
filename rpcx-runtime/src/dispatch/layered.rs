//! A call with layers around its handler.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{self, Poll, ready};

use super::Dispatch;
use super::capture::Capture;
use super::dispatcher::{Compressed, make_handler, open, poll_contained};
use super::panics::{Called, CalledLater};
use crate::context::Context;
use crate::error::{Error, ErrorKind};
use crate::layer::{self, End, Next, Payload, Response, Rest, Stage};
use crate::service::{CallFacts, CallSlot, Encoded, Memory, Reply, Run, Service};
use crate::sync::lock;

/// The layers of one call, as a handler.
pub(super) struct Layered {
    run: Progress,
    end: Arc<HandlerEnd>,
}

enum Progress {
    Ready(Next, layer::Request),
    Running(Rest),
    Done,
}

impl Layered {
    pub(super) fn new(next: Next, request: layer::Request, end: Arc<HandlerEnd>) -> Self {
        Self {
            run: Progress::Ready(next, request),
            end,
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
        match std::mem::replace(&mut self.run, Progress::Done) {
            Progress::Ready(next, request) => self.run = Progress::Running(next.run(request)),
            other => self.run = other,
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
    context: Option<Context>,
    capture: Capture,
    /// The handler has begun, and did not say that it refuses the call.
    ran: bool,
    /// Which call it is, if something is told of it.
    called: Option<CalledLater>,
}

impl HandlerEnd {
    /// For a call of `service`, in `spare` if no earlier call has it any more.
    pub(super) fn prepare(
        spare: Option<Arc<Self>>,
        dispatch: &Arc<Dispatch>,
        service: &Arc<dyn Service>,
        memory: Memory,
    ) -> Arc<Self> {
        let new = || Arc::new(Self::new(dispatch, service));
        let mut end = spare.unwrap_or_else(new);
        if Arc::get_mut(&mut end).is_none() {
            // A layer has kept its `Next`.
            end = new();
        }
        let mut state = lock(&end.state);
        state.service = Arc::clone(service);
        (state.memory, state.context, state.ran) = (memory, None, false);
        state.called = None;
        drop(state);
        end
    }

    fn new(dispatch: &Arc<Dispatch>, service: &Arc<dyn Service>) -> Self {
        Self {
            dispatch: Arc::clone(dispatch),
            state: Mutex::new(State {
                service: Arc::clone(service),
                memory: None,
                context: None,
                capture: Capture::new(&dispatch.formats),
                ran: false,
                called: None,
            }),
        }
    }

    /// The memory of the handler, for the next one of its method.
    pub(super) fn take_memory(&self) -> Memory {
        lock(&self.state).memory.take()
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
        let layer::Parts {
            service: path,
            method,
            metadata,
            deadline,
            codec,
            compression,
            payload,
            oneway,
            origin,
            extensions,
            ..
        } = request.parts;
        let compressed = Compressed {
            codec,
            compression,
            payload: payload.into_bytes(),
        };
        let Some(origin) = origin else {
            return Err(Error::service("the layer made a request of its own"));
        };
        let request = open(&self.dispatch, &method, &origin.peer, compressed, metadata)?;
        let admission = &*self.dispatch.admission;
        state.called = CalledLater::new(admission, &origin, &path, &method);
        let called = Called::new(&origin.peer, &path, &method);
        let facts = CallFacts {
            origin: &origin,
            service: path.as_bytes(),
            method: method.name().as_bytes(),
            deadline,
            oneway,
        };
        let slot = CallSlot::new(&mut state.memory, &facts, extensions);
        state.capture.begin(codec);
        state.ran = true;
        match make_handler(&*state.service, request, slot, called, admission) {
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
            ..
        } = state;
        if let Some(handler) = memory {
            let admission = &self.dispatch.admission;
            let called = called.as_ref().map(CalledLater::get);
            let mut reply = Reply::new(capture, context.as_ref());
            ready!(poll_contained(
                handler.as_mut(),
                cx,
                &mut reply,
                called,
                admission
            ));
        }
        let response = capture.take().unwrap_or_else(unanswered);
        *ran = !response.error().is_some_and(Error::is_refusal);
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

/// A hand-written service may end without an answer.
fn unanswered() -> Response {
    Error::service("the method gave no answer").into()
}

impl fmt::Debug for HandlerEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerEnd").finish_non_exhaustive()
    }
}
