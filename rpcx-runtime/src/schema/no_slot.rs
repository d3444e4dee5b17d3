//! In place of `slot.rs` without the feature: no room for anything.

/// Nothing describes the methods of a service.
pub(crate) type Slot = Option<std::convert::Infallible>;
