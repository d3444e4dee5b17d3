//! A layer for some methods.

use super::{Before, Head, Layer, LayerFuture, Next, Request, Rest};
use crate::descriptor::MethodRef;

/// A [`Layer`] that applies to some methods: made by [`only`].
#[derive(Clone, Debug)]
pub struct Only<P, L> {
    applies: P,
    layer: L,
}

/// Puts `layer` around the calls of those methods only for which `applies` says yes, given the
/// service path and the method. It is asked once for each method.
///
/// ```
/// use rpcx::layer::{Next, Request, only};
///
/// let audited = only(
///     |service, method| service == "Accounts" && !method.options().idempotent,
///     |request: Request, next: Next| async move {
///         println!("{} changes something", request.full_name());
///         next.run(request).await
///     },
/// );
/// let server = rpcx::Server::builder().layer(audited);
/// ```
pub fn only<P, L>(applies: P, layer: L) -> Only<P, L>
where
    P: Fn(&str, &MethodRef) -> bool + Send + Sync + 'static,
    L: Layer,
{
    Only { applies, layer }
}

impl<P, L> Layer for Only<P, L>
where
    P: Fn(&str, &MethodRef) -> bool + Send + Sync + 'static,
    L: Layer,
{
    fn call(&self, request: Request, next: Next) -> LayerFuture {
        self.layer.call(request, next)
    }

    fn before(&self, head: &mut Head<'_>) -> Before {
        self.layer.before(head)
    }

    fn decides(&self) -> bool {
        self.layer.decides()
    }

    fn begin(&self, request: Request, next: Next) -> Rest {
        self.layer.begin(request, next)
    }

    fn applies(&self, service: &str, method: &MethodRef) -> bool {
        (self.applies)(service, method) && self.layer.applies(service, method)
    }
}
