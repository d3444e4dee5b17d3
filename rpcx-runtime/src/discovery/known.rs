//! What is known of a service.

use std::sync::Arc;

use tokio::time::Instant;

use super::Node;
use super::updates::Skipped;
use crate::error::Error;

/// What is known of a service: the last list, and why there is no newer one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// None until there was a list.
    pub(crate) nodes: Option<Arc<[Node]>>,
    /// What the last list had that was left out.
    pub(crate) skipped: Skipped,
    /// Why the registry cannot be heard now.
    pub(crate) error: Option<Arc<Error>>,
    /// The registry says that there are none, and until when that is not believed.
    pub(super) emptied: Option<Instant>,
    /// Lists that came.
    pub(super) lists: u64,
}
