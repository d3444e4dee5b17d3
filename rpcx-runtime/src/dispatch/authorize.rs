//! Whether a request may run: decided for every request, before its payload is looked at.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::panics::{Called, panicked};
use super::{Admission, Incoming};
use crate::context::{Extensions, Peer};
use crate::error::{Error, ErrorKind, Rejection, Result};
use crate::layer::{self, Layer, LayerFuture, Next, Rest};
use crate::protocol::Metadata;
use crate::service::MethodRef;

/// The request to authorize: for
/// [`ServerBuilder::authorize`](crate::server::ServerBuilder::authorize).
#[derive(Debug)]
#[non_exhaustive]
pub struct AuthRequest<'a> {
    /// The other end of the connection; [`Peer::identity`] is there if its certificate was verified.
    pub peer: &'a Peer,
    /// The path that was called.
    pub service: &'a str,
    /// The method that would run, by its own name and not by an alias.
    pub method: &'a str,
    /// What came with the request; [`Metadata::auth`] is the token of the caller.
    pub metadata: &'a Metadata,
    found: &'a RefCell<Extensions>,
}

impl AuthRequest<'_> {
    /// Hands a value on to layers and to the handler, which reads it with
    /// [`Context::get`](crate::Context::get): the account behind a token, for one.
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) {
        self.found.borrow_mut().insert(value);
    }
}

type Decide = dyn Fn(&AuthRequest<'_>) -> Result<()> + Send + Sync;

/// The decision that the server was given, if it was.
#[derive(Clone, Default)]
pub(crate) struct Authorizer {
    decide: Option<Arc<Decide>>,
    /// [`Waiting`] decides as well, later.
    waits: bool,
}

impl Authorizer {
    pub(crate) fn new(
        decide: impl Fn(&AuthRequest<'_>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            decide: Some(Arc::new(decide)),
            waits: false,
        }
    }

    /// The same beside a decision that waits, if there is one.
    pub(crate) fn beside_waiting(self, waits: bool) -> Self {
        Self { waits, ..self }
    }

    /// Lets a request in, with what the decision found out, or says why not. A decision that panics
    /// refuses.
    #[inline]
    pub(super) fn check(
        &self,
        incoming: &Incoming<'_>,
        method: &MethodRef,
        peer: &Peer,
        admission: &Admission,
    ) -> Result<Extensions> {
        let found = match &self.decide {
            None => Extensions::default(),
            Some(decide) => ask(&**decide, incoming, method, peer, admission)?,
        };
        if !self.waits {
            peer.standing().admitted();
        }
        Ok(found)
    }
}

fn ask(
    decide: &Decide,
    incoming: &Incoming<'_>,
    method: &MethodRef,
    peer: &Peer,
    admission: &Admission,
) -> Result<Extensions> {
    let found = RefCell::default();
    let request = AuthRequest {
        peer,
        service: &String::from_utf8_lossy(incoming.service),
        method: method.name(),
        metadata: &incoming.metadata,
        found: &found,
    };
    match catch_unwind(AssertUnwindSafe(|| decide(&request))) {
        Ok(Ok(())) => Ok(found.into_inner()),
        Ok(Err(error)) => {
            let refused = refusal(error);
            note(&refused, peer);
            admission.reached(&admission.counters.denied, peer);
            Err(refused)
        }
        Err(panic) => {
            let service = request.service;
            let called = Called::new(peer, service, method);
            panicked(admission, Some(called), &*panic);
            Err(Error::refuse(Rejection::Other, "internal error"))
        }
    }
}

/// A decision that waits: the outermost layer, so that it costs nothing where there is none.
pub(crate) struct Waiting<F> {
    pub(crate) decide: F,
    pub(crate) admission: Arc<Admission>,
}

impl<F, R> Layer for Waiting<F>
where
    F: Fn(layer::Request) -> R + Send + Sync + 'static,
    R: Future<Output = Result<layer::Request>> + Send + 'static,
{
    fn call(&self, request: layer::Request, next: Next) -> LayerFuture {
        Box::pin(self.begin(request, next))
    }

    fn begin(&self, mut request: layer::Request, next: Next) -> Rest {
        let spare = request.take_memory();
        let admission = Arc::clone(&self.admission);
        let peer = request.peer().cloned();
        let decided = (self.decide)(request);
        Rest::kept(spare, async move {
            match decided.await {
                Ok(request) => {
                    if let Some(peer) = &peer {
                        peer.standing().admitted();
                    }
                    next.run(request).await
                }
                Err(error) => {
                    let refused = refusal(error);
                    if let Some(peer) = &peer {
                        note(&refused, peer);
                    }
                    let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
                    admission.reached(&admission.counters.denied, &peer);
                    refused.into()
                }
            }
        })
    }
}

/// What the caller learns. An error that is no refusal is one that the decision ran into, such as that
/// of a call it made: its text is for this side.
fn refusal(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Rejected(_) if error.is_refusal() => error,
        ErrorKind::Service => error.into_refusal(Rejection::Denied),
        _ => Error::refuse(Rejection::Other, "the call could not be authorized").with_source(error),
    }
}

/// A denial is a strike. That it is too much for now, or that the decision has failed, says nothing about the peer.
fn note(refused: &Error, peer: &Peer) {
    if matches!(
        refused.kind(),
        ErrorKind::Rejected(Rejection::Denied | Rejection::Unauthenticated)
    ) {
        peer.standing().strike();
    }
}

impl fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authorizer")
            .field(&self.decide.is_some())
            .finish()
    }
}
