//! What a service is to the runtime. `#[rpcx::service]` implements it, so programs need it by name only to take any
//! service as an argument (`impl rpcx::services::Service`), and for [`ServiceInfo`], which says what methods there are.

// The contract between generated code and the runtime. Nothing here runs anything; that is `dispatch`.

pub(crate) mod arguments;
mod handler;
pub(crate) mod method;
mod raw;
mod reply;
mod request;
mod shared;
mod slot;

pub use crate::descriptor::{
    Execution, MethodInfo, MethodOptions, MethodRef, ServiceInfo, ServiceRef,
};
pub(crate) use handler::{Memory, Run};
pub(crate) use method::no_such_method;
pub use raw::{RawPayload, RawRequest};
pub use reply::Reply;
pub(crate) use reply::{Encode, Encoded, ReplySink};
pub use request::Request;
pub use shared::Shared;
pub(crate) use slot::CallFacts;
pub use slot::CallSlot;

use std::sync::Arc;

use crate::layer::Layers;

/// A set of methods under one service path: what `#[rpcx::service]` generates as `ArithServer`.
///
/// Object safe, and without a boxed future: the runtime lends a [`CallSlot`] and decides where the
/// handler runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the server of an rpcx service",
    label = "not a server",
    note = "a type that implements the trait `Arith` is served by what `#[rpcx::service]` generates beside it: `ArithServer::new(..)`"
)]
pub trait Service: Send + Sync + 'static {
    /// Names and options, the same for every instance.
    fn info(&self) -> ServiceRef;

    /// The method with this name (or alias) on the wire.
    fn find(&self, name: &[u8]) -> Option<MethodRef>;

    /// Makes the handler of a call and puts it into `slot`. Arguments are best decoded in the
    /// handler's future, which runs where the method asks to run.
    /// `method` is the [`MethodRef::id`] that [`find`](Self::find) gave.
    fn call(&self, method: u32, request: Request, slot: &mut CallSlot<'_>);

    /// The layers around the calls of this service, inside of those of its server. Default: none.
    fn layers(&self) -> &Layers {
        &NO_LAYERS
    }

    /// The same service for one connection: what it shares with handlers is counted apart, so that the
    /// threads of a server do not wait for each other's counts with each call. Default: none, every
    /// connection uses the service itself.
    fn for_connection(&self) -> Option<Arc<dyn Service>> {
        None
    }
}

static NO_LAYERS: Layers = Layers::new();
