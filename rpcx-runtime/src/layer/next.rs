//! What comes after a layer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use super::{Behind, Chain, Layer, LayerFuture, Request, Response};

/// The layers after this one, and behind them the handler or the network.
///
/// A clone runs the same once more, which a client's layer may do with
/// [`Request::again`].
#[derive(Clone)]
pub struct Next {
    layers: Chain,
    end: Arc<dyn End>,
}

/// A layer and those inside of it.
// Linked, so that a layer that is passed on costs a count of references only where one follows it.
pub(crate) struct Link {
    layer: Arc<dyn Layer>,
    after: Chain,
}

impl Link {
    pub(crate) fn new(layer: Arc<dyn Layer>, after: Chain) -> Self {
        Self { layer, after }
    }

    /// Calls the layer, and hands it what is inside of it.
    #[inline]
    pub(crate) fn call(&self, request: Request, end: Arc<dyn End>) -> Rest {
        let next = Next {
            layers: self.after.clone(),
            end,
        };
        Rest(State::Layer(self.layer.call(request, next)))
    }
}

/// What comes after the last layer.
pub(crate) trait End: Send + Sync + 'static {
    /// Begins with the request of `stage`, if it is still there, and else goes on.
    fn poll(&self, stage: &mut Stage, cx: &mut task::Context<'_>) -> Poll<Response>;

    /// The run that was begun is given up. Default: what was begun is in its stage, and goes with it.
    fn abandon(&self) {}
}

/// How far an [`End`] has come with one request.
pub(crate) struct Stage {
    /// Here until the end begins with it.
    pub(crate) request: Option<Request>,
    /// What a client has begun, which may be run more than once and so belongs to the run.
    pub(crate) running: Option<Box<dyn Behind>>,
    /// Whether the end has begun and is not done.
    begun: bool,
}

impl Next {
    /// Runs the rest of the call. Dropping the future gives it up.
    pub fn run(self, request: Request) -> Rest {
        match self.layers {
            Some(link) => link.call(request, self.end),
            None => Rest(State::End(
                self.end,
                Stage {
                    request: Some(request),
                    running: None,
                    begun: false,
                },
            )),
        }
    }
}

/// The future of [`Next::run`].
#[must_use = "futures do nothing unless polled"]
pub struct Rest(State);

enum State {
    Layer(LayerFuture),
    End(Arc<dyn End>, Stage),
}

impl Future for Rest {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Response> {
        match &mut self.0 {
            State::Layer(layer) => layer.as_mut().poll(cx),
            State::End(end, stage) => {
                let polled = end.poll(stage, cx);
                stage.begun = polled.is_pending();
                polled
            }
        }
    }
}

/// A layer that gives the call up, such as one with a timeout.
impl Drop for Rest {
    fn drop(&mut self) {
        if let State::End(end, stage) = &self.0
            && stage.begun
        {
            end.abandon();
        }
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.layers.as_deref();
        let layers = std::iter::successors(first, |link| link.after.as_deref());
        f.debug_struct("Next")
            .field("layers", &layers.count())
            .finish()
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").finish_non_exhaustive()
    }
}
