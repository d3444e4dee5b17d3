//! Middleware of tower as layers.
//!
//! A stack of tower layers stands around calls like any other [layer](crate::layer), on a server or on a
//! channel. It is made once, so that what it shares between calls, such as a limit, is shared:
//!
//! ```
//! use std::time::Duration;
//!
//! use rpcx::layer::tower::stack;
//!
//! let limit = tower::limit::ConcurrencyLimitLayer::new(100);
//! let timeout = tower::timeout::TimeoutLayer::new(Duration::from_secs(1));
//! let server = rpcx::Server::builder().layer(stack(limit)).layer(stack(timeout));
//! ```
//!
//! Each call has a clone of the stack, as in other frameworks; a stack that is no `Clone`, such as a rate
//! limit, is put into tower's `Buffer`. A call allocates what the stack does, once for its future,
//! and three times to carry what comes behind the stack along with the request.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use tower_service::Service;

use crate::error::Error;
use crate::layer::{Layer, LayerFuture, Next, Request, Response, Rest};

/// The errors of tower's middleware.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// A stack of tower's middleware as a [`Layer`], made by [`stack`].
#[derive(Clone)]
pub struct Stack<S> {
    service: S,
    on_error: Option<Arc<dyn Fn(BoxError) -> Response + Send + Sync>>,
}

/// What is behind the middleware: the layers that follow, and the handler or the network.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Behind;

/// Where a request carries what comes behind the stack.
#[derive(Clone)]
struct Carried(Next);

/// Makes a layer of one of tower, or of a stack of them.
pub fn stack<L>(layer: L) -> Stack<L::Service>
where
    L: tower_layer::Layer<Behind>,
{
    Stack {
        service: layer.layer(Behind),
        on_error: None,
    }
}

impl<S> Stack<S> {
    /// What a call ends with whose middleware fails: one for which there is no room, or whose time is
    /// over. By default it is "internal error" on a server, and on a channel an error that says nothing
    /// of whether the method has run.
    ///
    /// A handler that has begun has run, so its caller learns of no refusal after that.
    ///
    /// ```
    /// use rpcx::Rejection;
    /// use rpcx::layer::Response;
    /// use rpcx::layer::tower::stack;
    ///
    /// let limit = stack(tower::limit::ConcurrencyLimitLayer::new(100))
    ///     .on_error(|_| Response::refuse(Rejection::Overloaded, "too many reports at once"));
    /// ```
    #[must_use]
    pub fn on_error(
        mut self,
        answer: impl Fn(BoxError) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.on_error = Some(Arc::new(answer));
        self
    }
}

impl<S> Layer for Stack<S>
where
    S: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError> + Send,
{
    fn call(&self, mut request: Request, next: Next) -> LayerFuture {
        let (mut service, on_error) = (self.service.clone(), self.on_error.clone());
        let on_server = request.peer().is_some();
        request.insert(Carried(next));
        Box::pin(async move {
            let outcome = match poll_fn(|cx| service.poll_ready(cx)).await {
                Ok(()) => service.call(request).await,
                Err(error) => Err(error),
            };
            outcome.unwrap_or_else(|error| match on_error {
                Some(answer) => answer(error.into()),
                None => failed(error.into(), on_server),
            })
        })
    }
}

fn failed(error: BoxError, on_server: bool) -> Response {
    let error = match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(error) if on_server => Error::internal(error),
        Err(error) => Error::unknown(format!("a layer failed: {error}")).with_source(error),
    };
    error.into()
}

impl Service<Request> for Behind {
    type Response = Response;
    type Error = BoxError;
    type Future = Ended;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Ended {
        // Taken out: it holds what holds the context of the handler, which holds these values.
        Ended(match request.parts.extensions.take::<Carried>() {
            Some(Carried(next)) => Ok(next.run(request)),
            None => Err(Some(
                Error::internal("a middleware made a request of its own").into(),
            )),
        })
    }
}

/// The future of [`Behind`].
#[must_use = "futures do nothing unless polled"]
pub struct Ended(Result<Rest, Option<BoxError>>);

impl Future for Ended {
    type Output = Result<Response, BoxError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Ok(rest) => std::pin::Pin::new(rest).poll(cx).map(Ok),
            Err(error) => Poll::Ready(Err(error
                .take()
                .unwrap_or_else(|| "polled after its end".into()))),
        }
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ended").finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for Stack<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").finish_non_exhaustive()
    }
}
