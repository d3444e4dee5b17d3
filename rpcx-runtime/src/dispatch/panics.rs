//! Panics of handlers, layers and authorizations: counted, told, and nothing of them to the caller.

use std::any::Any;
use std::sync::Arc;

use super::{Admission, count};
use crate::context::{Origin, Peer};
use crate::event::Event;
use crate::service::MethodRef;

/// Which call is being run, for what is told of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called<'a> {
    pub(super) peer: &'a Peer,
    pub(super) service: &'a str,
    pub(super) method: &'a MethodRef,
}

impl<'a> Called<'a> {
    #[inline]
    pub(super) fn new(peer: &'a Peer, service: &'a str, method: &'a MethodRef) -> Self {
        Self {
            peer,
            service,
            method,
        }
    }
}

/// The same for a call that goes on by itself.
#[derive(Debug)]
pub(crate) struct CalledLater {
    peer: Arc<Peer>,
    service: Arc<str>,
    method: MethodRef,
}

impl CalledLater {
    /// Nothing unless there is a function that is told of events: it is for nothing else.
    pub(super) fn new(
        admission: &Admission,
        origin: &Origin,
        service: &Arc<str>,
        method: &MethodRef,
    ) -> Option<Self> {
        admission.events.is_set().then(|| Self {
            peer: Arc::clone(&origin.peer),
            service: Arc::clone(service),
            method: method.clone(),
        })
    }

    pub(super) fn get(&self) -> Called<'_> {
        Called::new(&self.peer, &self.service, &self.method)
    }
}

/// Counts a panic, and tells where it was.
#[cold]
pub(super) fn panicked(
    admission: &Admission,
    called: Option<Called<'_>>,
    panic: &(dyn Any + Send),
) {
    count(&admission.counters.panics);
    let Some(called) = called else { return };
    admission.events.emit(|tell| {
        tell(&Event::HandlerPanicked {
            peer: &called.peer.to_string(),
            service: called.service,
            method: called.method.name(),
            message: text(panic),
        });
    });
}

/// What `panic!` was given.
fn text(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "a value that is no text"
    }
}
