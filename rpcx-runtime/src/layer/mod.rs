//! Layers: code around a call, the same on both sides.
//!
//! On a server a layer stands between the request and its handler, on a client between the generated
//! method and the network. It sees the call ([`Request`]), runs the rest of it ([`Next::run`]) or
//! refuses it, and sees what came ([`Response`]).
//!
//! ```
//! use std::time::Instant;
//! use rpcx::layer::{Next, Request, Response};
//!
//! async fn timed(request: Request, next: Next) -> Response {
//!     let (name, began) = (request.full_name(), Instant::now());
//!     let response = next.run(request).await;
//!     println!("{name}: {:?} after {:?}", response.outcome(), began.elapsed());
//!     response
//! }
//!
//! let server = rpcx::Server::builder().layer(timed);
//! ```
//!
//! # Order
//!
//! The first layer that was added is the outermost: it sees a request first and its response last. On
//! a server the layers of the server are around those of a service (`ArithServer::new(x).layer(..)`);
//! on a client those of the channel are around those of a client (`ArithClient::new(channel).layer(..)`).
//! On a server all of them come after admission, the deadline and
//! [`authorize`](crate::server::ServerBuilder::authorize), and before the payload is inflated and decoded.
//!
//! # Layers that are done before
//!
//! A layer that only looks at a call, changes what travels with it or refuses it need not be around it. [`before`] makes one of
//! a closure, and any layer may say so of a call by [`Layer::before`].
//!
//! # Cost
//!
//! Nothing where no layer applies to a method. The future of a function or a closure is put into memory that
//! the calls before it have left; that of a [`Layer`] written by hand is boxed by it. A handler that has not to
//! wait is still polled where its request was read. A call that all layers let [pass](Before::Pass) is made as one without layers.

mod before;
mod kept;
mod next;
mod only;
mod request;
mod response;
#[cfg(feature = "tower")]
pub mod tower;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use before::{Before, Head, OnlyBefore, before};
pub(crate) use next::{Link, Passing};
pub use next::{Next, Rest};
pub use only::{Only, only};
pub use request::Request;
pub(crate) use request::{Behind, Exchange, Parts, Payload};
pub use response::Response;
pub(crate) use response::{Answer, Came, Reached};

use crate::descriptor::MethodRef;

/// The future of a [`Layer`].
pub type LayerFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Code around a call. An `async fn(Request, Next) -> Response` and a closure that returns such a
/// future are layers.
///
/// A layer that panics ends its call with an error; other calls go on.
///
/// ```
/// use rpcx::Rejection;
/// use rpcx::layer::{Layer, LayerFuture, Next, Request, Response};
///
/// struct Tenants(Vec<String>);
///
/// impl Layer for Tenants {
///     fn call(&self, request: Request, next: Next) -> LayerFuture {
///         let known = request.metadata().get("tenant").is_some_and(|tenant| self.0.iter().any(|t| t == tenant));
///         if !known {
///             let refused = Response::refuse(Rejection::Denied, "unknown tenant");
///             return Box::pin(std::future::ready(refused));
///         }
///         Box::pin(next.run(request))
///     }
/// }
/// ```
pub trait Layer: Send + Sync + 'static {
    /// Handles one call: by `next.run(request).await`, in whole, in part or not at all.
    fn call(&self, request: Request, next: Next) -> LayerFuture;

    /// Whether the layer is to be around the calls of this method. Asked once for each method of a
    /// service; methods it does not apply to do not pay for it. Default: yes.
    fn applies(&self, service: &str, method: &MethodRef) -> bool {
        let _ = (service, method);
        true
    }

    /// Decides about one call before anything is made for the layer: whether it is to be around the call, lets it pass, or
    /// refuses it. What the layer has to do for a call that it lets pass, it does here. Default: [`Before::Around`].
    ///
    /// ```
    /// use rpcx::layer::{Before, Head, Layer, LayerFuture, Next, Request};
    ///
    /// /// Prints what comes of every call that asks for it.
    /// struct Traced;
    ///
    /// impl Layer for Traced {
    ///     fn before(&self, head: &mut Head<'_>) -> Before {
    ///         match head.metadata().get("trace") {
    ///             Some(_) => Before::Around,
    ///             None => Before::Pass,
    ///         }
    ///     }
    ///
    ///     fn call(&self, request: Request, next: Next) -> LayerFuture {
    ///         Box::pin(async move {
    ///             let response = next.run(request).await;
    ///             println!("{:?}", response.outcome());
    ///             response
    ///         })
    ///     }
    /// }
    /// ```
    fn before(&self, head: &mut Head<'_>) -> Before {
        let _ = head;
        Before::Around
    }

    /// Whether [`before`](Self::before) is to be asked: one that is a function is around every call.
    #[doc(hidden)]
    fn decides(&self) -> bool {
        true
    }

    /// What the runtime calls: as [`call`](Self::call), but a layer whose future's type is known puts it into
    /// memory of an earlier call.
    #[doc(hidden)]
    fn begin(&self, request: Request, next: Next) -> Rest {
        Rest::boxed(self.call(request, next))
    }
}

impl<F, R> Layer for F
where
    F: Fn(Request, Next) -> R + Send + Sync + 'static,
    R: Future<Output = Response> + Send + 'static,
{
    fn call(&self, request: Request, next: Next) -> LayerFuture {
        Box::pin(self(request, next))
    }

    fn decides(&self) -> bool {
        false
    }

    fn begin(&self, mut request: Request, next: Next) -> Rest {
        let spare = request.take_memory();
        Rest::kept(spare, self(request, next))
    }
}

/// A number of layers, the outermost first. Cheap to clone; empty, it holds no memory.
#[derive(Clone, Default)]
// Shared: much holds a list, and what drops a shared one is there once.
pub struct Layers(Option<Arc<Vec<Arc<dyn Layer>>>>);

/// The layers around the calls of one method, if there are any: the outermost.
pub(crate) type Chain = Option<Arc<Link>>;

impl Layers {
    /// None.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Adds a layer inside of those that are there.
    #[must_use]
    pub fn with(mut self, layer: impl Layer) -> Self {
        self.own().push(Arc::new(layer));
        self
    }

    /// Adds a layer outside of those that are there.
    pub(crate) fn within(mut self, layer: Arc<dyn Layer>) -> Self {
        self.own().insert(0, layer);
        self
    }

    fn own(&mut self) -> &mut Vec<Arc<dyn Layer>> {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    fn all(&self) -> &[Arc<dyn Layer>] {
        self.0.as_ref().map_or(&[], |layers| layers)
    }

    /// Those of `self` around those of `inner` that apply to a method.
    pub(crate) fn chain(&self, inner: &Self, service: &str, method: &MethodRef) -> Chain {
        let all = self.all().iter().chain(inner.all());
        all.filter(|layer| layer.applies(service, method))
            .rev()
            .fold(None, |after, layer| {
                Some(Arc::new(Link::new(Arc::clone(layer), after)))
            })
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Layers").field(&self.all().len()).finish()
    }
}
