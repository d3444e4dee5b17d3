//! What comes after a layer.

use std::fmt;
use std::future::{self, Future};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};

use super::kept::{self, Memory, polled_after_end};
use super::{Before, Chain, Head, Layer, LayerFuture, Request, Response};
use crate::error::Error;

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
    /// Whether the layer says of each call whether it is around it.
    decides: bool,
}

/// How far a call has come that was passed through layers.
pub(crate) enum Passing<'l> {
    /// None of them is around it.
    Passed,
    /// This one is. Those outside of it have let it pass.
    Stopped(&'l Arc<Link>),
    Refused(Error),
}

impl Link {
    pub(crate) fn new(layer: Arc<dyn Layer>, after: Chain) -> Self {
        let decides = layer.decides();
        Self {
            layer,
            after,
            decides,
        }
    }

    /// Whether there is anything to ask before the layer is called.
    #[inline]
    pub(crate) fn decides(&self) -> bool {
        self.decides
    }

    /// Asks the layers from `outermost` inwards, as far as they let the call pass. A panic of one of them is the error.
    pub(crate) fn pass<'l>(
        outermost: &'l Arc<Self>,
        head: &mut Head<'_>,
    ) -> std::thread::Result<Passing<'l>> {
        catch_unwind(AssertUnwindSafe(|| Self::ask(outermost, head)))
    }

    #[inline]
    fn ask<'l>(outermost: &'l Arc<Self>, head: &mut Head<'_>) -> Passing<'l> {
        let mut link = outermost;
        while link.decides {
            match link.layer.before(head) {
                Before::Around => return Passing::Stopped(link),
                Before::Refuse(error) => return Passing::Refused(error),
                Before::Pass => match &link.after {
                    Some(after) => link = after,
                    None => return Passing::Passed,
                },
            }
        }
        Passing::Stopped(link)
    }

    /// Runs a call through the layer, if it is to be around it, and those inside of it.
    #[inline]
    pub(crate) fn call(self: &Arc<Self>, request: Request) -> Rest {
        match self.decides {
            true => self.decide(request),
            false => self.around(request),
        }
    }

    fn decide(self: &Arc<Self>, mut request: Request) -> Rest {
        match Self::ask(self, &mut request.head()) {
            Passing::Passed => Rest(State::End(request)),
            Passing::Stopped(link) => link.around(request),
            Passing::Refused(error) => Rest::boxed(Box::pin(future::ready(error.into()))),
        }
    }

    /// Calls the layer, which is to be around the call, and hands it what is inside of it.
    #[inline]
    pub(crate) fn around(&self, request: Request) -> Rest {
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
