//! How fast something may be repeated: pauses that grow, and tokens that come back.
//!
//! The pauses between dials, between attempts of a call and after errors of a listener are a
//! [`Backoff`]; whatever is bounded by a rate has a [`TokenBucket`]. Neither knows what it paces.

mod backoff;
mod bucket;

pub use backoff::Backoff;
pub(crate) use bucket::TokenBucket;
