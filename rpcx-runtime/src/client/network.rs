//! What comes after the last layer around a call: the call itself.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use super::endpoint::Endpoint;
use super::outgoing::Outgoing;
use super::response::to_layers;
use super::run::Run;
use super::stub::Route;
use crate::context::Extensions;
use crate::error::Error;
use crate::layer::{self, Behind, End, Parts, Stage};
use crate::protocol::Compression;

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
        let options = message.method.options();
        let compression = match options.raw {
            true => message.compress,
            false => Compression::NONE,
        };
        let parts = Parts {
            service: Arc::clone(&message.route.service),
            method: message.method.clone(),
            metadata: std::mem::take(&mut message.metadata),
            deadline,
            codec: message.codec,
            compression,
            payload: message.payload.pass_on(),
            oneway: options.oneway,
            origin: None,
            extensions: Extensions::default(),
            behind: None,
        };
        let mut parts = match spare {
            None => Box::new(parts),
            Some(mut spare) => {
                *spare = parts;
                spare
            }
        };
        parts.behind = Some(self);
        Some(layer::Request::new(parts))
    }

    /// The call, with what the layers have made of it.
    fn from_request(request: layer::Request) -> Option<Box<Self>> {
        let mut parts = request.parts;
        let behind: Box<dyn Any + Send> = parts.behind.take()?;
        let mut carried = behind.downcast::<Self>().ok()?;
        let call = carried.run.unsent()?;
        call.message.metadata = std::mem::take(&mut parts.metadata);
        call.message.payload = parts.payload.take().into();
        drop(std::mem::take(&mut parts.extensions));
        carried.request = Some(parts);
        if let Some(endpoint) = carried.pinned.take() {
            carried.run = std::mem::take(&mut carried.run).at(endpoint);
        }
        Some(carried)
    }

    /// Keeps the memory.
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

impl Behind for Carried {
    fn again(&self) -> Option<Box<dyn Behind>> {
        let call = self.run.outgoing()?.bare();
        Some(Self::at(call, self.pinned.clone()))
    }
}

/// Sends what the layers let through.
impl End for Route {
    fn poll(&self, stage: &mut Stage, cx: &mut task::Context<'_>) -> Poll<layer::Response> {
        if let Some(request) = stage.request.take() {
            stage.running = Carried::from_request(request).map(|carried| carried as _);
        }
        let running = stage.running.as_mut();
        let Some(carried) =
            running.and_then(|running| (&mut **running as &mut dyn Any).downcast_mut::<Carried>())
        else {
            return Poll::Ready(Error::unknown("the call was polled after its end").into());
        };
        match carried.run.poll(cx) {
            Poll::Pending => {
                WAITS.set(true);
                Poll::Pending
            }
            Poll::Ready(outcome) => {
                if let Some(running) = stage.running.take() {
                    keep(running);
                }
                Poll::Ready(to_layers(outcome))
            }
        }
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

fn keep(running: Box<dyn Behind>) {
    let running: Box<dyn Any + Send> = running;
    if let Ok(carried) = running.downcast::<Carried>() {
        carried.keep();
    }
}
