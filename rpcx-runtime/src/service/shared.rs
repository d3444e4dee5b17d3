//! What implements a service, as handlers hold it.

use std::ops::Deref;
use std::sync::Arc;

/// A value that implements a service. Each handler has a clone of it.
///
/// There are two counts of references: the inner one is that of all users of the value, and the outer one that of
/// the handlers of one connection. A call changes the outer one alone, which only the thread of its connection does,
/// unless handlers wait.
#[derive(Debug)]
#[allow(
    clippy::redundant_allocation,
    reason = "it is what the second count is for"
)]
pub struct Shared<T>(Arc<Arc<T>>);

impl<T> Shared<T> {
    /// Holds a value.
    pub fn new(value: Arc<T>) -> Self {
        Self(Arc::new(value))
    }

    /// The same value with a count of its own.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self::new(Arc::clone(&self.0))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
