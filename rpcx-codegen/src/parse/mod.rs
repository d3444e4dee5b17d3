//! Source text to model.

pub(crate) mod argument;
pub mod attributes;
mod method;
pub mod names;
mod options;
mod rust_trait;
pub mod travel;

pub(crate) use rust_trait::own_bound;
pub use rust_trait::service;
