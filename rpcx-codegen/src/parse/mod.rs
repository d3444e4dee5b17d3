//! Source text to model.

pub(crate) mod argument;
pub mod attributes;
mod method;
pub mod names;
mod options;
mod rust_trait;
pub mod travel;

pub use rust_trait::service;
