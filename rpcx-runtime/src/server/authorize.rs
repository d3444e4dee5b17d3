//! Who may call what: decided for every request, before its payload is looked at.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::context::Peer;
use crate::error::{Error, Rejection};
use crate::protocol::{Frame, Metadata};
use crate::service::{Counters, MethodInfo, count};

/// A request that asks to be let in: for
/// [`ServerBuilder::authorize`](super::ServerBuilder::authorize).
#[derive(Debug)]
#[non_exhaustive]
pub struct AuthRequest<'a> {
    /// Who is at the other end; [`Peer::identity`] is there if the certificate was verified.
    pub peer: &'a Peer,
    /// The path that was called.
    pub service: &'a str,
    /// The method that would run, by its own name and not by an alias.
    pub method: &'a str,
    /// What came with the request; [`Metadata::auth`] is the token of the caller.
    pub metadata: &'a Metadata,
}

type Decide = dyn Fn(&AuthRequest<'_>) -> Result<(), Rejection> + Send + Sync;

/// The decision that the server was given, if it was.
#[derive(Clone, Default)]
pub(crate) struct Authorizer(Option<Arc<Decide>>);

impl Authorizer {
    pub(super) fn new(
        decide: impl Fn(&AuthRequest<'_>) -> Result<(), Rejection> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(decide)))
    }

    /// Lets a request in, or says why not. A decision that panics lets nobody in.
    #[inline]
    pub(super) fn check(
        &self,
        frame: &Frame,
        method: &MethodInfo,
        peer: &Peer,
        counters: &Counters,
    ) -> Result<(), Error> {
        match &self.0 {
            None => Ok(()),
            Some(decide) => ask(&**decide, frame, method, peer, counters),
        }
    }
}

fn ask(
    decide: &Decide,
    frame: &Frame,
    method: &MethodInfo,
    peer: &Peer,
    counters: &Counters,
) -> Result<(), Error> {
    let metadata = frame.metadata();
    let asking = AuthRequest {
        peer,
        service: &String::from_utf8_lossy(frame.path()),
        method: method.name,
        metadata: &metadata,
    };
    let decided = catch_unwind(AssertUnwindSafe(|| decide(&asking)));
    let rejection = match decided {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(rejection)) => rejection,
        Err(_) => {
            count(&counters.panics);
            return Err(Error::rejected(Rejection::Other, "internal error"));
        }
    };
    count(&counters.denied);
    let text = match rejection {
        Rejection::Denied => "permission denied".to_owned(),
        Rejection::Unauthenticated => "not authenticated".to_owned(),
        other => format!("the server does not take this call: {}", other.as_str()),
    };
    Err(Error::rejected(rejection, text))
}

impl fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authorizer")
            .field(&self.0.is_some())
            .finish()
    }
}
