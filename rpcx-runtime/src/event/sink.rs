//! Where events go.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Event;

type Sink = dyn Fn(&Event<'_>) + Send + Sync;

/// The functions that a server or a channel tells what happens: none, as a rule.
#[derive(Clone, Default)]
pub(crate) struct Events(Option<Arc<Sink>>);

impl Events {
    /// The same, and `sink` is told too.
    #[must_use]
    pub(crate) fn with(self, sink: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(match self.0 {
            None => Arc::new(sink),
            Some(earlier) => Arc::new(move |event| {
                contained(&*earlier, event);
                sink(event);
            }),
        }))
    }

    /// Whether anything is told.
    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Lets `tell` give its event to the function it is called with, if there is anything to tell.
    /// Only then is the event made.
    #[inline]
    pub(crate) fn emit(&self, tell: impl FnOnce(&dyn Fn(&Event<'_>))) {
        if let Some(sink) = &self.0 {
            tell(&|event| contained(&**sink, event));
        }
    }
}

/// A sink that panics does not take along the connection that it was told of.
fn contained(sink: &Sink, event: &Event<'_>) {
    let _panicked = catch_unwind(AssertUnwindSafe(|| sink(event)));
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Events").field(&self.is_set()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_sink_is_told_even_beside_one_that_panics() {
        let told = Arc::new(AtomicUsize::new(0));
        let counting = || {
            let told = Arc::clone(&told);
            move |_: &Event<'_>| {
                told.fetch_add(1, Ordering::Relaxed);
            }
        };
        let events = Events::default()
            .with(counting())
            .with(|_| panic!("in a sink"))
            .with(counting());
        events.emit(|tell| tell(&Event::Stopping));
        assert_eq!(told.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn an_event_that_nothing_is_told_of_is_not_made() {
        Events::default().emit(|_| panic!("made all the same"));
    }
}
