//! What is measured, and how: latencies, processor time of both processes.

mod control;
mod histogram;
mod usage;

pub use control::{Probe, answer};
pub use histogram::Histogram;
pub use usage::Usage;
