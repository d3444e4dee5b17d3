//! The runtime of rpcx for Rust: everything that runs. Use it through the facade, `rpcx`.
//!
//! # Layout
//!
//! A module names only those above it in this list; `tests/tidy.rs` holds that.
//!
//! * `sync`: how a lock is taken
//! * `pace`: pauses that grow, and rates
//! * `error`: the one error a caller sees
//! * `address`: networks by name, and where something is on one
//! * [`event`]: what happens to a server or a channel beside its calls
//! * [`protocol`]: bytes to frames and back; knows no socket
//! * [`codec`]: values to payload bytes and back
//! * `descriptor`: names and options of services and methods
//! * `context`: what travels with a call beside its arguments
//! * [`layer`]: code around a call, the same on both sides
//! * [`service`]: the contract of generated code: what it implements and is told
//! * [`transport`]: byte streams by network name; never sees a frame
//! * `connection`: where frames meet streams: out-buffer, calls in flight, heartbeats
//! * [`reflection`]: what a server says about its services
//! * `dispatch`: admission, router, authorization, layers, handlers; read `dispatch/dispatcher.rs` first
//! * [`discovery`]: from names of services to nodes, and servers that make themselves known
//! * [`client`]: channels and calls; read `client/call.rs` first
//! * [`server`]: accept, connections, shutdown; read `server/frames.rs` first
//! * `gateway`: HTTP and JSON-RPC to the dispatch; read `gateway/http/route.rs` first
//! * `in_process`: a server and a channel to it without a network
//! * [`telemetry`]: calls and events as spans, logs and metrics
//!
//! # The way of a call
//!
//! ```text
//! client  stub -> client::call -> codec -> connection::outbox -> transport
//!         transport -> client::connection (reads) -> connection::pending -> codec -> stub
//!
//! server  transport -> server::accept -> server::connection -> server::frames -> dispatch
//!         -> (generated) codec -> your method -> codec -> server::replies -> connection::outbox
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(
    missing_docs,
    clippy::unwrap_used,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs
)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod address;
pub mod client;
pub mod codec;
mod connection;
mod context;
mod descriptor;
pub mod discovery;
mod dispatch;
mod error;
pub mod event;
pub mod gateway;
mod in_process;
pub mod layer;
mod pace;
pub mod protocol;
pub mod reflection;
mod schema;
mod seldom;
pub mod server;
pub mod service;
mod sync;
mod task;
pub mod telemetry;
pub mod transport;

pub use client::{Call, Channel, Retry};
#[doc(hidden)]
pub use connection::fuzzing;
pub use connection::{ClientLimits, Limits, MemoryBudget};
pub use context::{Context, Identity, Peer};
pub use error::{Error, ErrorKind, OrInternal, Rejection, Result, ServiceError, UnknownName};
pub use event::Event;
pub use in_process::InProcess;
pub use pace::Backoff;
pub use server::{Server, ServerHandle};

/// What generated code says about types, where the feature `reflection` is on.
#[cfg(feature = "reflection")]
#[doc(hidden)]
#[macro_export]
macro_rules! __reflect {
    ($($code:tt)*) => { $($code)* };
}

/// Nothing, without the feature `reflection`.
#[cfg(not(feature = "reflection"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __reflect {
    ($($code:tt)*) => {};
}

/// What describes the types of a service, where the feature `reflection` is on.
#[cfg(feature = "reflection")]
#[doc(hidden)]
#[macro_export]
macro_rules! __types {
    ($describe:path) => {
        ::core::option::Option::Some($describe)
    };
}

/// Nothing, without the feature `reflection`.
#[cfg(not(feature = "reflection"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __types {
    ($describe:path) => {
        ::core::option::Option::None
    };
}
