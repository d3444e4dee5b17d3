//! What a server is made of, put together when the builder is done.

use std::sync::Arc;

#[cfg(feature = "http")]
use super::Door;
use super::door::Entrance;
use super::{ServerBuilder, Shared};
use crate::codec::Formats;
use crate::connection::Limits;
use crate::dispatch::{Admission, Authorizer, Dispatch, Router};
use crate::error::Error;
#[cfg(feature = "http")]
use crate::error::Result;
use crate::event::Events;
use crate::layer::{Layer, Layers};
use crate::reflection::{self, Reflecting};
use crate::transport::Filter;

/// What the builder has been given, but for addresses and limits.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) router: Router,
    pub(super) authorizer: Authorizer,
    pub(super) waiting: Option<MakeAuthorizer>,
    pub(super) layers: Layers,
    pub(super) formats: Formats,
    pub(super) reflecting: Reflecting,
    pub(super) filter: Option<Arc<Filter>>,
    pub(super) door: Option<Entrance>,
}

/// Makes the layer of [`ServerBuilder::authorize_async`], which counts what it refuses.
type MakeAuthorizer = Box<dyn FnOnce(Arc<Admission>) -> Arc<dyn Layer> + Send + Sync>;

/// What all connections of the server have in common.
pub(super) fn shared(mut parts: Parts, limits: Limits, events: Events) -> Arc<Shared> {
    parts
        .formats
        .set_decoded(limits.decoded.min(limits.memory.limit()));
    let admission = Admission::new(limits, events);
    let waits = parts.waiting.is_some();
    let layers = match parts.waiting {
        Some(waiting) => parts.layers.within(waiting(Arc::clone(&admission))),
        None => parts.layers,
    };
    let mut router = parts.router;
    let reflection = reflection::service(
        &parts.reflecting,
        || router.services(),
        router.raw().clone(),
    );
    if let Some(reflection) = reflection
        && !router.has_service(reflection::SERVICE)
    {
        // The path is free, so this cannot fail.
        let _ = router.insert(reflection::SERVICE, reflection);
    }
    router.surround(layers);
    let dispatch = Dispatch {
        router,
        admission,
        authorizer: parts.authorizer.beside_waiting(waits),
        formats: parts.formats,
    };
    Shared::with(dispatch, parts.filter, parts.door)
}

impl ServerBuilder {
    /// A handler of a method that a service has is never called.
    pub(super) fn check_handlers(&mut self) {
        for (service, method) in &self.handled {
            if self.parts.router.has_method(service, method) {
                self.mistakes.push(Error::setup(format!(
                    "the handler of `{service}.{method}` is never called: the service has that method"
                )));
            }
        }
    }
}

#[cfg(feature = "reflection")]
impl ServerBuilder {
    /// Says nothing about the services: no [`reflection`]. Default: they are described to every caller that may call
    /// the service `Reflection`.
    pub fn without_reflection(mut self) -> Self {
        self.parts.reflecting = Reflecting::OFF;
        self
    }
}

#[cfg(feature = "http")]
impl ServerBuilder {
    /// What takes the connections that do not begin as rpcx does, or what is wrong with it.
    pub(crate) fn door(mut self, door: Result<Arc<dyn Door>>) -> Self {
        match door {
            Ok(door) => self.parts.door = Some(Entrance::new(door)),
            Err(mistake) => self.mistakes.push(mistake),
        }
        self
    }
}

#[cfg(all(feature = "http", feature = "tower"))]
impl ServerBuilder {
    /// The server without addresses, for requests that come in elsewhere; `checked` is one more mistake.
    pub(crate) fn into_shared(mut self, checked: Result<()>) -> Result<Arc<Shared>> {
        self.mistakes.extend(checked.err());
        if !self.endpoints.is_empty() || self.parts.door.is_some() {
            let text = "a service of HTTP has no addresses: another server listens for it";
            self.mistakes.push(Error::setup(text));
        }
        self.check_handlers();
        match all(self.mistakes) {
            Some(mistakes) => Err(mistakes),
            None => Ok(shared(self.parts, self.limits, self.events)),
        }
    }
}

/// All mistakes as one; the cause of the first that has one is its cause.
pub(super) fn all(mut mistakes: Vec<Error>) -> Option<Error> {
    if mistakes.len() < 2 {
        return mistakes.pop();
    }
    let texts: Vec<_> = mistakes.iter().map(Error::to_string).collect();
    let error = Error::setup(texts.join("; "));
    let with_cause = |mistake: &Error| std::error::Error::source(mistake).is_some();
    match mistakes.into_iter().find(with_cause) {
        Some(cause) => Some(error.with_source(cause)),
        None => Some(error),
    }
}
