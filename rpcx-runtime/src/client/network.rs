//! What comes after the last layer around a call: the call itself.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use super::endpoint::Endpoint;
use super::message::Message;
use super::outgoing::Outgoing;
use super::response::to_layers;
use super::run::{Run, polled_after_end};
use super::stub::Route;
use crate::context::Extensions;
use crate::layer::{self, Behind, End, Parts, Stage};
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
    /// The memory of a request before this one.
    request: Option<Box<Parts>>,
}

impl Carried {
    pub(super) fn new(call: Outgoing) -> Box<Self> {
        let kept = KEPT.try_with(|kept| kept.borrow_mut().pop());
        let mut carried = kept.ok().flatten().unwrap_or_default();
        carried.run = Run::new(call);
        carried
    }

    /// The same, and the call goes to this endpoint and no other.
    pub(super) fn at(call: Outgoing, endpoint: Option<Arc<Endpoint>>) -> Box<Self> {
        let mut carried = Self::new(call);
        carried.pinned = endpoint;
        carried
    }

    /// The call, as long as it is not begun.
    pub(super) fn unsent(&mut self) -> Option<&mut Outgoing> {
        self.run.unsent()
    }

    pub(super) fn outgoing(&self) -> Option<&Outgoing> {
        self.run.outgoing()
    }

    /// The call as layers see it: what they may see and change goes with the request, and comes back
    /// when the last of them passes it on.
    pub(super) fn into_request(mut self: Box<Self>) -> Option<layer::Request> {
        let spare = self.request.take();
        let call = self.run.unsent()?;
        let deadline = call.ends_at();
        let message = &mut call.message;
        let mut parts = spare.unwrap_or_else(|| new_parts(message));
        let options = message.method.options();
        // Field by field: most of what is there is there again.
        if !Arc::ptr_eq(&parts.service, &message.route.service) {
            parts.service = Arc::clone(&message.route.service);
        }
        parts.method = message.method.clone();
        parts.metadata = std::mem::take(&mut message.metadata);
        parts.deadline = deadline;
        parts.codec = message.codec;
        parts.compression = match options.raw {
            true => message.compress,
            false => Compression::NONE,
        };
        parts.payload = message.payload.pass_on();
        parts.oneway = options.oneway;
        parts.behind = Some(self);
        Some(layer::Request::new(parts))
    }
}

/// Memory for the requests of a thread.
fn new_parts(message: &Message) -> Box<Parts> {
    Box::new(Parts {
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
        behind: None,
    })
}

impl Behind for Carried {
    fn again(&self) -> Option<Box<dyn Behind>> {
        let call = self.run.outgoing()?.bare();
        Some(Self::at(call, self.pinned.clone()))
    }

    fn take_back(&mut self, mut parts: Box<Parts>) {
        let Some(call) = self.run.unsent() else {
            return;
        };
        call.message.metadata = std::mem::take(&mut parts.metadata);
        call.message.payload = parts.payload.take().into();
        drop(std::mem::take(&mut parts.extensions));
        self.request = Some(parts);
        if let Some(endpoint) = self.pinned.take() {
            self.run = std::mem::take(&mut self.run).at(endpoint);
        }
    }

    fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<layer::Response> {
        let polled = self.run.poll(cx).map(to_layers);
        if polled.is_pending() {
            WAITS.set(true);
        }
        polled
    }

    fn keep(mut self: Box<Self>) {
        (self.run, self.pinned) = (Run::Done, None);
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            if kept.len() < KEEP {
                kept.push(self);
            }
        });
    }
}

/// Sends what the layers let through.
impl End for Route {
    fn poll(&self, stage: &mut Stage, cx: &mut task::Context<'_>) -> Poll<layer::Response> {
        if let Some(request) = stage.request.take() {
            let mut parts = request.parts;
            stage.running = parts.behind.take();
            if let Some(running) = &mut stage.running {
                running.take_back(parts);
            }
        }
        let Some(running) = &mut stage.running else {
            return Poll::Ready(polled_after_end().into());
        };
        let polled = running.poll(cx);
        if polled.is_ready()
            && let Some(running) = stage.running.take()
        {
            running.keep();
        }
        polled
    }
}

/// Polls the layers of a call. Says whether it waits for the network, which keeps to the deadline
/// by itself; a layer that waits for something else does not.
pub(super) fn poll_layers(
    layers: &mut layer::Rest,
    cx: &mut task::Context<'_>,
) -> (Poll<layer::Response>, bool) {
    // A layer may make a call of its own, with layers around it.
    let outer = WAITS.replace(false);
    let polled = Pin::new(layers).poll(cx);
    (polled, WAITS.replace(outer))
}
