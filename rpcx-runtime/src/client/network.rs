//! What comes after the last layer around a call: the call itself.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use super::deadline::{Deadline, TimeLimit};
use super::message::{Message, Payload};
use super::outgoing::{Credential, Outgoing};
use super::response::to_layers;
use super::run::Run;
use super::stub::Route;
use crate::error::Error;
use crate::layer::{self, End, Stage};

/// Calls whose memory a thread keeps for its next ones.
const KEEP: usize = 256;

/// Memory for calls. Boxed, because what a stage holds is.
#[allow(clippy::vec_box, reason = "the boxes are what is kept")]
type Kept = Vec<Box<Run>>;

thread_local! {
    static KEPT: RefCell<Kept> = const { RefCell::new(Vec::new()) };
    /// Whether the call that this thread is polling waits for the network.
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

/// Sends what the layers let through.
pub(super) struct Network(Arc<Route>);

impl Network {
    pub(super) fn behind(route: &Arc<Route>) -> Arc<dyn End> {
        Arc::new(Self(Arc::clone(route)))
    }

    fn begin(&self, request: layer::Request) -> Box<Run> {
        let parts = request.parts;
        let effort = parts.effort;
        let outgoing = Outgoing {
            message: Message {
                route: Arc::clone(&self.0),
                method: parts.method,
                codec: parts.codec,
                compress: effort.compress,
                metadata: parts.metadata,
                payload: Payload::from(parts.payload),
            },
            idempotent: effort.idempotent,
            attempts: effort.attempts,
            limit: TimeLimit::new(None),
            key: effort.key,
            credential: Credential::default(),
            deadline: Some(Deadline::passed_on(parts.deadline, effort.tells_deadline)),
        };
        let mut run = take();
        *run = Run::new(outgoing);
        run
    }
}

impl End for Network {
    fn poll(&self, stage: &mut Stage, cx: &mut task::Context<'_>) -> Poll<layer::Response> {
        if let Some(request) = stage.request.take() {
            stage.running = Some(self.begin(request));
        }
        let running = stage.running.as_mut();
        let Some(run) = running.and_then(|running| running.downcast_mut::<Run>()) else {
            return Poll::Ready(Error::unknown("the call was polled after its end").into());
        };
        match run.poll(cx) {
            Poll::Pending => {
                WAITS.set(true);
                Poll::Pending
            }
            Poll::Ready(outcome) => {
                give(stage.running.take());
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

fn take() -> Box<Run> {
    let kept = KEPT.try_with(|kept| kept.borrow_mut().pop());
    kept.ok().flatten().unwrap_or_default()
}

fn give(running: Option<Box<dyn Any + Send>>) {
    let Some(mut run) = running.and_then(|running| running.downcast::<Run>().ok()) else {
        return;
    };
    *run = Run::Done;
    let _ = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() < KEEP {
            kept.push(run);
        }
    });
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Network").field(&self.0.service).finish()
    }
}
