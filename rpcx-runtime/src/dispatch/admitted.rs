//! What was decided about a request before it is run.

use tokio::time::Instant;

use crate::context::Extensions;
use crate::service::MethodRef;

/// A request that is going to be run, by the dispatcher that has admitted it.
pub(crate) struct Admitted {
    /// Where the service stands in `cached`.
    pub(super) service: usize,
    pub(super) method: MethodRef,
    pub(super) deadline: Option<Instant>,
    pub(super) extensions: Extensions,
}

#[cfg(feature = "http")]
impl Admitted {
    /// When the caller stops waiting.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The method that is going to be run.
    pub(crate) fn method(&self) -> &MethodRef {
        &self.method
    }
}
