//! A call with layers around its handler.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{self, Poll, ready};

use tokio::time::Instant;

use super::Dispatch;
use super::admitted::Admitted;
use super::capture::Capture;
use super::dispatcher::Incoming;
use super::handlers::{make_handler, poll_contained};
use super::late::Weight;
use super::panics::{Called, CalledLater};
use super::payload::{Compressed, open_later};
use crate::connection::Held;
use crate::context::{Context, Extensions, Origin};
use crate::error::{Error, ErrorKind};
use crate::layer::{self, Behind, Exchange, Head, Link, Parts, Passing, Payload, Response, Rest};
use crate::protocol::Metadata;
use crate::service::{CallFacts, CallSlot, Encoded, Memory, MethodRef, Reply, Run, Service};

/// The layers of one call, as a handler.
pub(super) struct Layered {
    run: Progress,
    beside: Arc<Beside>,
    /// What the request was made of, once it is answered.
    parts: Option<Box<Exchange>>,
}

enum Progress {
    Ready(layer::Request),
    Running(Rest),
    Done,
}

/// What a call with layers was run in, for the next one of its method on this connection.
pub(super) struct Spare {
    parts: Box<Exchange>,
    beside: Arc<Beside>,
}

/// What a call is run with, and what is known of its handler outside of the layers.
struct Beside {
    dispatch: Arc<Dispatch>,
    service: Arc<dyn Service>,
    outermost: Arc<Link>,
    /// The handler has begun, and did not say that it refuses the call.
    ran: AtomicBool,
    /// Once the handler has had to wait.
    waiting: OnceLock<Waiting>,
}

/// What a call holds whose handler waits.
struct Waiting {
    context: Option<Context>,
    bytes: usize,
}

impl Layered {
    /// A call through `outermost`, in `spare` if that is of calls like it.
    pub(super) fn new(
        spare: Option<Spare>,
        dispatch: &Arc<Dispatch>,
        service: &Arc<dyn Service>,
        outermost: &Arc<Link>,
        wanted: Wanted<'_>,
    ) -> Self {
        let (beside, parts) = match spare {
            Some(Spare { parts, beside }) if beside.is_of(service, outermost) => {
                beside.ran.store(false, Ordering::Relaxed);
                (beside, wanted.put_into(parts))
            }
            _ => {
                let beside = Beside::new(dispatch, service, outermost);
                let parts = wanted.new_parts(HandlerRun::new(&beside));
                (beside, parts)
            }
        };
        Self {
            run: Progress::Ready(layer::Request::new(parts)),
            beside,
            parts: None,
        }
    }

    /// Answers with what the outermost layer made of the call.
    fn answer(&mut self, mut response: Response, reply: &mut Reply<'_>) {
        let came = &mut *response.came;
        if !came.metadata.is_empty() {
            reply.set_metadata(std::mem::take(&mut came.metadata));
        }
        match &came.result {
            Ok(answer) => reply.encoded(&Encoded {
                codec: answer.codec,
                compression: answer.compression,
                payload: answer.payload.as_slice(),
            }),
            Err(_) => {
                if let Err(error) = came.take() {
                    reply.error(match self.beside.ran.load(Ordering::Acquire) {
                        // Whatever a layer says, the method has run.
                        true => error.with_kind(ErrorKind::Service),
                        false => error,
                    });
                }
            }
        }
        self.parts = response.into_parts();
    }

    /// What the next call of the method is run in, if the answer came from the handler.
    pub(super) fn into_spare(self) -> Option<Spare> {
        let parts = self.parts?;
        let beside = self.beside;
        // What it holds while it waits is set once.
        let is_new = beside.waiting.get().is_none();
        is_new.then_some(Spare { parts, beside })
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
        if matches!(self.run, Progress::Ready(..))
            && let Progress::Ready(request) = std::mem::replace(&mut self.run, Progress::Done)
        {
            self.run = Progress::Running(self.beside.outermost.around(request));
        }
        let Progress::Running(rest) = &mut self.run else {
            return Poll::Ready(());
        };
        let response = ready!(rest.poll_layer(cx));
        self.run = Progress::Done;
        self.answer(response, reply);
        Poll::Ready(())
    }

    fn clear(mut self: Pin<&mut Self>) {
        self.run = Progress::Done;
    }

    fn weight(&self) -> Option<usize> {
        Some(self.beside.waiting.get()?.bytes)
    }

    fn context(&self) -> Option<Context> {
        self.beside.waiting.get()?.context.clone()
    }
}

impl Beside {
    fn new(
        dispatch: &Arc<Dispatch>,
        service: &Arc<dyn Service>,
        outermost: &Arc<Link>,
    ) -> Arc<Self> {
        Arc::new(Self {
            dispatch: Arc::clone(dispatch),
            service: Arc::clone(service),
            outermost: Arc::clone(outermost),
            ran: AtomicBool::new(false),
            waiting: OnceLock::new(),
        })
    }

    /// A handler that is called by its name may have been replaced, and its layers are chosen for each call.
    fn is_of(&self, service: &Arc<dyn Service>, outermost: &Arc<Link>) -> bool {
        Arc::ptr_eq(&self.service, service) && Arc::ptr_eq(&self.outermost, outermost)
    }
}

/// The handler behind the last layer. It goes along with the request; the next call of its method uses it again.
struct HandlerRun {
    beside: Arc<Beside>,
    memory: Memory,
    context: Option<Context>,
    /// Which call it is, if something is told of it.
    called: Option<CalledLater>,
    /// What was inflated elsewhere than where the request was read, until it is counted with the call.
    held: Held,
    /// Until the handler was polled first.
    weight: Option<Weight>,
    /// The handler has begun and has not answered.
    running: bool,
}

impl HandlerRun {
    fn new(beside: &Arc<Beside>) -> Box<Self> {
        Box::new(Self {
            beside: Arc::clone(beside),
            memory: None,
            context: None,
            called: None,
            held: Held::new(beside.dispatch.admission.limits.memory.clone()),
            weight: None,
            running: false,
        })
    }

    /// Makes the handler.
    fn begin(&mut self, parts: &mut Parts) -> Result<(), Error> {
        let Some(origin) = &parts.origin else {
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
        let dispatch = &*self.beside.dispatch;
        let request = open_later(dispatch, called, compressed, metadata, &mut self.held)?;
        let weight = Weight::of(received, request.payload());
        if weight.inflated() > 0 {
            self.held.set(weight.inflated());
        }
        self.weight = Some(weight);
        let admission = &*dispatch.admission;
        self.called = CalledLater::new(admission, origin, &parts.service, method);
        let facts = CallFacts {
            origin,
            service: parts.service.as_bytes(),
            method: method.name().as_bytes(),
            deadline: parts.deadline,
            oneway: parts.oneway,
        };
        let slot = CallSlot::new(&mut self.memory, &facts, extensions);
        self.beside.ran.store(true, Ordering::Release);
        self.running = true;
        match make_handler(&*self.beside.service, request, slot, called, admission) {
            Some(context) => {
                self.context = context;
                Ok(())
            }
            None => Err(Error::service("internal error")),
        }
    }

    /// Polls the handler, and says whether it has answered.
    fn poll_handler(&mut self, parts: &mut Parts, cx: &mut task::Context<'_>) -> Poll<bool> {
        let Some(handler) = &mut self.memory else {
            return Poll::Ready(false);
        };
        let dispatch = &*self.beside.dispatch;
        let coding = dispatch.formats.coding(parts.codec);
        let mut capture = Capture::new(coding, parts.came());
        let called = self.called.as_ref().map(CalledLater::get);
        let mut reply = Reply::new(&mut capture, self.context.as_ref());
        let admission = &dispatch.admission;
        if let Some(weight) = self.weight {
            weight.expect();
        }
        let polled = poll_contained(handler.as_mut(), cx, &mut reply, called, admission);
        if !self.held.is_empty() {
            self.held.set(0);
        }
        polled.map(|()| capture.is_answered())
    }

    /// The handler waits: what the call holds has become known.
    #[cold]
    fn note_waiting(&mut self) {
        if let Some(weight) = self.weight.take() {
            let _ = self.beside.waiting.set(Waiting {
                context: self.context.clone(),
                bytes: weight.bytes(),
            });
        }
    }
}

impl Behind for HandlerRun {
    fn poll(&mut self, parts: &mut Parts, cx: &mut task::Context<'_>) -> Poll<()> {
        if !parts.begun {
            parts.begun = true;
            if let Err(error) = self.begin(parts) {
                self.running = false;
                parts.came().result = Err(error);
                return Poll::Ready(());
            }
        }
        match self.poll_handler(parts, cx) {
            Poll::Pending => {
                self.note_waiting();
                return Poll::Pending;
            }
            Poll::Ready(true) => {}
            Poll::Ready(false) => parts.came().result = Err(unanswered()),
        }
        self.running = false;
        if let Err(error) = &parts.came().result
            && error.says_not_run()
        {
            self.beside.ran.store(false, Ordering::Release);
        }
        Poll::Ready(())
    }

    fn keep(self: Box<Self>, parts: Box<Exchange>) {
        drop(parts);
    }
}

/// A layer that gives the call up, such as one with a timeout.
impl Drop for HandlerRun {
    fn drop(&mut self) {
        if !self.running {
            return;
        }
        if let Some(context) = &self.context {
            context.cancel();
        }
        if let Some(handler) = &mut self.memory {
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
    fn new_parts(self, behind: Box<HandlerRun>) -> Box<Exchange> {
        let parts = Parts {
            service: Arc::clone(self.service),
            method: self.method.clone(),
            metadata: self.metadata,
            deadline: self.deadline,
            codec: self.payload.codec,
            compression: self.payload.compression,
            payload: Payload::Received(self.payload.payload),
            oneway: self.oneway,
            origin: Some(self.origin.clone()),
            extensions: self.extensions,
            begun: false,
            came: None,
            memories: Vec::new(),
            outermost: None,
        };
        let behind: Option<Box<dyn Behind>> = Some(behind);
        Box::new(Exchange { parts, behind })
    }

    /// In the memory of an earlier request of the same method and peer.
    fn put_into(self, mut parts: Box<Exchange>) -> Box<Exchange> {
        if !Arc::ptr_eq(&parts.service, self.service) {
            parts.service = Arc::clone(self.service);
        }
        // Where each request has a caller of its own.
        if let Some(origin) = &mut parts.origin
            && !Arc::ptr_eq(&origin.gone, &self.origin.gone)
        {
            *origin = self.origin.clone();
        }
        parts.method = self.method.clone();
        parts.metadata = self.metadata;
        parts.deadline = self.deadline;
        parts.codec = self.payload.codec;
        parts.compression = self.payload.compression;
        parts.payload = Payload::Received(self.payload.payload);
        parts.oneway = self.oneway;
        parts.extensions = self.extensions;
        parts.begun = false;
        parts
    }
}

/// Asks the layers around a call, as far as they let it pass.
pub(super) fn ask<'l>(
    origin: &Origin,
    service: &str,
    outermost: &'l Arc<Link>,
    (incoming, admitted): (&mut Incoming<'_>, &mut Admitted),
) -> std::thread::Result<Passing<'l>> {
    let mut head = Head {
        service,
        method: &admitted.method,
        metadata: &mut incoming.metadata,
        deadline: admitted.deadline,
        codec: incoming.payload.codec,
        compression: incoming.payload.compression,
        payload: &incoming.payload.payload,
        oneway: incoming.oneway,
        origin: Some(origin),
        extensions: &mut admitted.extensions,
    };
    Link::pass(outermost, &mut head)
}

/// A hand-written service may end without an answer.
#[cold]
fn unanswered() -> Error {
    Error::service("the method gave no answer")
}
