//! How fast something may be repeated: pauses that grow, and tokens that come back.
//!
//! The pauses between dials, between attempts of a call and after errors of a listener are a
//! [`Backoff`]; whatever is bounded by a rate has a [`TokenBucket`]; what many share is taken in
//! [`Turn`]s. None of them knows what it paces.

mod backoff;
mod bucket;
mod turn;

use std::time::Duration;

use tokio::time::Instant;

pub use backoff::Backoff;
pub(crate) use bucket::TokenBucket;
pub(crate) use turn::Turn;

/// A time that is not reached: tokio's clock counts no further than some decades from now.
pub(crate) const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The time `duration` after `now`. A setting may be [`Duration::MAX`], which means never, and a sum that
/// the clock cannot hold would panic.
pub(crate) fn after(now: Instant, duration: Duration) -> Instant {
    now + duration.min(NEVER)
}
