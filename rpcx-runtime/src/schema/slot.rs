//! Where a description has what describes its methods.

use super::Methods;

/// What describes the methods of a service, if generated code has said so.
pub(crate) type Slot = Option<fn(&mut Methods<'_>)>;
