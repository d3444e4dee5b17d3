//! What comes after the last layer around a call: the call itself.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::task::{self, Poll};

use super::endpoint::Endpoint;
use super::message::Message;
use super::outgoing::Outgoing;
use super::response::to_layers;
use super::run::Run;
use crate::context::Extensions;
use crate::layer::{self, Behind, Link, Parts};
use crate::protocol::{Compression, Metadata};

/// Calls whose memory a thread keeps for its next ones.
const KEEP: usize = 256;

thread_local! {
    #[expect(clippy::vec_box, reason = "the boxes are what is kept")]
    static KEPT: RefCell<Vec<Box<Carried>>> = const { RefCell::new(Vec::new()) };
    /// Whether the call that this thread is polling waits for the network.
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

/// A call that passes layers. Its memory is used again.
#[derive(Default)]
pub(super) struct Carried {
    run: Run,
    /// Where it goes and nowhere else, if that is decided.
    pinned: Option<Arc<Endpoint>>,
    /// The layers that it is to pass, or that the last call in this memory has passed.
    outermost: Option<Arc<Link>>,
    /// The memory of a request before this one.
    request: Option<Box<layer::Exchange>>,
}

impl Carried {
    pub(super) fn new(call: Outgoing, outermost: &Arc<Link>) -> Box<Self> {
        Self::memory(outermost).of(Run::new(call))
    }

    /// Memory for a call through these layers.
    #[inline]
    pub(super) fn memory(outermost: &Arc<Link>) -> Box<Self> {
        let kept = KEPT.try_with(|kept| kept.borrow_mut().pop());
        let mut carried = kept.ok().flatten().unwrap_or_default();
        let known = carried.outermost.as_ref();
        if !known.is_some_and(|known| Arc::ptr_eq(known, outermost)) {
            carried.outermost = Some(Arc::clone(outermost));
        }
        carried
    }

    #[inline]
    pub(super) fn of(mut self: Box<Self>, run: Run) -> Box<Self> {
        self.run = run;
        self
    }

    /// Another call through the same layers, to this endpoint and no other if there is one.
    pub(super) fn like(
        &self,
        call: Outgoing,
        endpoint: Option<Arc<Endpoint>>,
    ) -> Option<Box<Self>> {
        Some(Self::new(call, self.outermost.as_ref()?).to(endpoint))
    }

    /// The same to this endpoint and no other, if there is one.
    pub(super) fn to(mut self: Box<Self>, endpoint: Option<Arc<Endpoint>>) -> Box<Self> {
        self.pinned = endpoint;
        self
    }

    /// The call, as long as it is not begun.
    pub(super) fn unsent(&mut self) -> Option<&mut Outgoing> {
        self.run.unsent()
    }

    pub(super) fn outgoing(&self) -> Option<&Outgoing> {
        self.run.outgoing()
    }

    /// The call as layers see it, and these: what they may see and change goes with the request, and comes back
    /// when the last of them passes it on.
    pub(super) fn into_request(mut self: Box<Self>) -> Option<(layer::Request, Arc<Link>)> {
        let (spare, outermost) = (self.request.take(), self.outermost.take()?);
        let call = self.run.unsent()?;
        call.start_clock();
        let deadline = call.ends_at();
        let message = &mut call.message;
        let mut parts = spare.unwrap_or_else(|| new_parts(message));
        let options = message.method.options();
        // Field by field: most of what is there is there again.
        if !Arc::ptr_eq(&parts.service, &message.route.service) {
            parts.service = Arc::clone(&message.route.service);
        }
        parts.method = message.method.clone();
        std::mem::swap(&mut parts.metadata, &mut message.metadata);
        parts.deadline = deadline;
        parts.codec = message.codec;
        parts.compression = match options.raw {
            true => message.compress,
            false => Compression::NONE,
        };
        parts.payload = message.payload.pass_on();
        parts.oneway = options.oneway;
        parts.begun = false;
        parts.behind = Some(self);
        Some((layer::Request::new(parts), outermost))
    }

    /// Takes what the layers have made of the request.
    fn take_back(&mut self, parts: &mut Parts) {
        let Some(call) = self.run.unsent() else {
            return;
        };
        std::mem::swap(&mut call.message.metadata, &mut parts.metadata);
        call.message.payload = parts.payload.take().into();
        drop(std::mem::take(&mut parts.extensions));
        if let Some(endpoint) = self.pinned.take() {
            self.run = std::mem::take(&mut self.run).at(endpoint);
        }
    }
}

/// Memory for the requests of a thread.
fn new_parts(message: &Message) -> Box<layer::Exchange> {
    let parts = Parts {
        service: Arc::clone(&message.route.service),
        method: message.method.clone(),
        metadata: Metadata::new(),
        deadline: None,
        codec: message.codec,
        compression: Compression::NONE,
        payload: layer::Payload::Made(Vec::new()),
        oneway: false,
        origin: None,
        extensions: Extensions::default(),
        begun: false,
        came: None,
        memories: Vec::new(),
        outermost: None,
    };
    Box::new(layer::Exchange {
        parts,
        behind: None,
    })
}

/// Sends what the layers let through.
impl Behind for Carried {
    fn poll(&mut self, parts: &mut Parts, cx: &mut task::Context<'_>) -> Poll<()> {
        if !parts.begun {
            parts.begun = true;
            self.take_back(parts);
        }
        let came = parts.came();
        match self.run.poll_noting(cx, &mut came.reached) {
            Poll::Ready(outcome) => {
                to_layers(outcome, came);
                Poll::Ready(())
            }
            Poll::Pending => {
                WAITS.set(true);
                Poll::Pending
            }
        }
    }

    fn again(&self) -> Option<Box<dyn Behind>> {
        let call = self.run.outgoing()?.bare();
        let mut again = Box::new(Self::default());
        (again.run, again.pinned) = (Run::new(call), self.pinned.clone());
        Some(again)
    }

    fn keep(mut self: Box<Self>, mut parts: Box<layer::Exchange>) {
        self.outermost = parts.outermost.take();
        self.request = Some(parts);
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            if kept.len() < KEEP {
                kept.push(self);
            }
        });
    }
}

/// Polls the layers of a call. Says whether it waits for the network, which keeps to the deadline
/// by itself; a layer that waits for something else does not.
#[inline]
pub(super) fn poll_layers(
    layers: &mut layer::Rest,
    cx: &mut task::Context<'_>,
) -> (Poll<layer::Response>, bool) {
    // A layer may make a call of its own, with layers around it.
    let outer = WAITS.replace(false);
    let polled = layers.poll_layer(cx);
    (polled, WAITS.replace(outer))
}
