//! What comes after a layer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};

use super::kept::{self, Memory, polled_after_end};
use super::{Chain, Layer, LayerFuture, Request, Response};

/// The layers after this one, and behind them the handler or the network.
///
/// A clone runs the same once more, which a client's layer may do with
/// [`Request::again`].
#[derive(Clone)]
pub struct Next {
    layers: Chain,
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
    pub(crate) fn call(&self, request: Request) -> Rest {
        let layers = self.after.clone();
        self.layer.begin(request, Next { layers })
    }
}

impl Next {
    /// Runs the rest of the call. Dropping the future gives it up.
    #[inline]
    pub fn run(self, request: Request) -> Rest {
        match self.layers {
            None => Rest(State::End(request)),
            Some(link) => link.call(request),
        }
    }
}

/// The future of [`Next::run`].
#[must_use = "futures do nothing unless polled"]
pub struct Rest(State);

enum State {
    Layer(LayerFuture),
    /// In memory that goes along with the request.
    Kept(Memory),
    /// Behind the last layer: the request knows the rest by itself.
    End(Request),
    Done,
}

impl Rest {
    /// The future of a layer that has made a box of its own for it.
    pub(super) fn boxed(layer: LayerFuture) -> Self {
        Self(State::Layer(layer))
    }

    /// The future of a layer, in memory that came with its request.
    #[inline]
    pub(crate) fn kept<F>(spare: Option<Memory>, layer: F) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        Self(State::Kept(kept::put(spare, layer)))
    }
}

impl Future for Rest {
    type Output = Response;

    // Inlined into the futures of layers: what comes after the last of them is what is polled most.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Response> {
        if let State::End(request) = &mut self.0 {
            ready!(request.poll_rest(cx));
            if let State::End(request) = std::mem::replace(&mut self.0, State::Done) {
                return Poll::Ready(request.into_response());
            }
        }
        self.poll_layer(cx)
    }
}

impl Rest {
    /// Polls a layer. The outermost one is polled by this.
    pub(crate) fn poll_layer(&mut self, cx: &mut task::Context<'_>) -> Poll<Response> {
        match &mut self.0 {
            State::Kept(layer) => {
                let mut response = ready!(layer.as_mut().poll(cx));
                if let State::Kept(memory) = std::mem::replace(&mut self.0, State::Done) {
                    response.give_back(memory);
                }
                Poll::Ready(response)
            }
            State::Layer(layer) => layer.as_mut().poll(cx),
            State::End(_) => Pin::new(self).poll(cx),
            State::Done => Poll::Ready(polled_after_end().into()),
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
