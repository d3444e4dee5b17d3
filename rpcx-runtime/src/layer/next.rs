//! What comes after a layer.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use super::{Layer, LayerFuture, Request, Response};

/// The layers after this one, and behind them the handler or the network.
///
/// A clone runs the same once more, which a client's layer may do with
/// [`Request::again`].
#[derive(Clone)]
pub struct Next {
    chain: Arc<[Arc<dyn Layer>]>,
    /// How many layers of the chain have been passed.
    at: usize,
    end: Arc<dyn End>,
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
    pub(crate) running: Option<Box<dyn Any + Send>>,
    /// Whether the end has begun and is not done.
    begun: bool,
}

impl Next {
    pub(crate) fn new(chain: Arc<[Arc<dyn Layer>]>, end: Arc<dyn End>) -> Self {
        Self { chain, at: 0, end }
    }

    /// Runs the rest of the call. Dropping the future gives it up.
    pub fn run(mut self, request: Request) -> Rest {
        let chain = Arc::clone(&self.chain);
        match chain.get(self.at) {
            Some(layer) => {
                self.at += 1;
                Rest(State::Layer(layer.call(request, self)))
            }
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
        f.debug_struct("Next")
            .field("layers", &(self.chain.len() - self.at))
            .finish()
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").finish_non_exhaustive()
    }
}
