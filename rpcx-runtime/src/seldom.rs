//! Options that few programs set.

use std::sync::Arc;

/// Options of which none need be set.
///
/// Behind a count of references, though nothing shares them: what drops a shared value is compiled once, what drops any other
/// once for each unit of code that holds it.
#[derive(Debug)]
pub(crate) struct Seldom<T>(Option<Arc<T>>);

impl<T: Default> Seldom<T> {
    /// To change them.
    pub(crate) fn set(&mut self) -> &mut T
    where
        T: Clone,
    {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    /// What was set, or the defaults.
    pub(crate) fn take(&mut self) -> T {
        self.0.take().and_then(Arc::into_inner).unwrap_or_default()
    }
}

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(None)
    }
}
