//! In place of `serve.rs` without the feature: a server says nothing about its services.

use std::sync::Arc;

use super::Handlers;
use crate::service::{Service, ServiceRef};

/// Whether a server describes its services.
#[derive(Debug, Default)]
pub(crate) struct Reflecting;

/// The service that describes `services`.
pub(crate) fn service(
    _: &Reflecting,
    _: impl FnOnce() -> Vec<(String, ServiceRef)>,
    _: impl Handlers + 'static,
) -> Option<Arc<dyn Service>> {
    None
}
