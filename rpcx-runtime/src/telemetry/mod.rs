//! Calls and events in the forms that other tools read: spans and logs of `tracing`, and metrics. Each is a
//! feature:
//!
//! | feature | what |
//! |---|---|
//! | `tracing` | `Spans`, a layer, and `log_events` |
//! | `opentelemetry` | the same, and spans are linked across processes |
//! | `metrics` | `Metrics`, a layer, `count_events` and `publish` |
//!
//! Names are those of the OpenTelemetry conventions for RPC (version 1.44): a method is `rpc.method` =
//! `Arith/Mul`, and how its call ended is `rpc.status_code`, which is `ok`, `service` for an error of
//! the method's own, `not_sent`, `unknown`, or the reason of a rejection such as `overloaded`. `error.type`
//! is the same, and absent after a success. Neither arguments, replies nor metadata are recorded.
//!
//! # Cost
//!
//! `Spans` cost no more than any [layer](crate::layer) where no subscriber wants them, and else what the subscriber
//! makes of them. `Metrics` look up their method, and then cost five operations of the recorder. Neither allocates
//! anything by itself after the first calls.

#[cfg(feature = "tracing")]
mod log;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(all(feature = "tracing", not(feature = "opentelemetry")))]
#[path = "no_propagation.rs"]
mod propagation;
#[cfg(feature = "opentelemetry")]
mod propagation;
#[cfg(feature = "tracing")]
mod rates;
#[cfg(feature = "tracing")]
mod spans;

#[cfg(feature = "tracing")]
pub use log::log_events;
#[cfg(feature = "metrics")]
pub use metrics::{Metrics, count_events, publish};
#[cfg(feature = "tracing")]
pub use spans::Spans;

#[cfg(any(feature = "metrics", feature = "tracing"))]
use crate::error::ErrorKind;

/// How a call ended, as `rpc.status_code` names it.
#[cfg(any(feature = "metrics", feature = "tracing"))]
fn status(outcome: Result<(), ErrorKind>) -> &'static str {
    match outcome {
        Ok(()) => "ok",
        Err(ErrorKind::Service) => "service",
        Err(ErrorKind::NotSent) => "not_sent",
        Err(ErrorKind::Rejected(reason)) => reason.as_str(),
        Err(ErrorKind::Unknown) => "unknown",
        Err(ErrorKind::Setup) => "setup",
    }
}
