//! Source text to model.

mod argument;
pub(crate) mod attributes;
mod method;
pub(crate) mod names;
mod options;
mod rust_trait;
pub(crate) mod travel;

pub(crate) use rust_trait::service;
