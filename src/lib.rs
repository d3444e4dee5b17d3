#![doc = include_str!("docs/front.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use rpcx_runtime::client::{Call, Channel, ChannelBuilder, Retry};
pub use rpcx_runtime::codec::{SharedText as Text, Timestamp, Value};
pub use rpcx_runtime::protocol::{Codec, Compression, Metadata};
pub use rpcx_runtime::server::{Server, ServerBuilder, ServerHandle, Stats};
pub use rpcx_runtime::{
    Backoff, ClientLimits, Context, Error, ErrorKind, Event, Identity, InProcess, Limits,
    MemoryBudget, OrInternal, Peer, Rejection, Result, ServiceError, UnknownName,
};
pub use rpcx_runtime::{
    client, codec, discovery, event, gateway, layer, protocol, reflection, server,
    service as services, telemetry, transport,
};

#[cfg(any(feature = "tls", feature = "tls-aws-lc-rs"))]
pub use rpcx_runtime::transport::tls::{ClientTls, Tls};

#[cfg(feature = "macros")]
#[doc = include_str!("docs/service.md")]
#[doc = include_str!("docs/debug.md")]
pub use rpcx_macros::service;

#[cfg(feature = "macros")]
#[doc = include_str!("docs/message.md")]
pub use rpcx_macros::message;

#[cfg(feature = "macros")]
#[doc = include_str!("docs/service_error.md")]
pub use rpcx_macros::ServiceError;

/// What generated code names. Not for other code: it changes together with the generator.
#[doc(hidden)]
pub use rpcx_runtime::__private;

/// Takes in the code that a build script generated with `rpcx-build`: `include_service!("arith")`
/// stands for the file `arith.rs` in the build script's `OUT_DIR`.
///
/// ```ignore
/// mod arith {
///     rpcx::include_service!("arith");
/// }
/// ```
#[macro_export]
macro_rules! include_service {
    ($name:literal) => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/", $name, ".rs"));
    };
}

/// Guides: one subject each, from the first line to the last. Nothing but documentation.
pub mod guides {
    #[doc = include_str!("../docs/authorization.md")]
    pub mod authorization {}
    #[doc = include_str!("../docs/build-scripts.md")]
    pub mod build_scripts {}
    #[doc = include_str!("../docs/errors.md")]
    pub mod errors {}
    #[doc = include_str!("../docs/evolution.md")]
    pub mod evolution {}
    #[doc = include_str!("../docs/state.md")]
    pub mod state {}
    #[doc = include_str!("../docs/testing.md")]
    pub mod testing {}
    #[doc = include_str!("../docs/types.md")]
    pub mod types_on_the_wire {}
}

/// The README, whose examples are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The guide to several servers, whose examples are tests too.
#[cfg(doctest)]
#[doc = include_str!("../docs/fleet.md")]
struct Fleet;

/// The guide to lock files, whose build script is compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/lock.md")]
struct Lock;

/// The guide to clients in TypeScript, whose trait file is a test too.
#[cfg(doctest)]
#[doc = include_str!("../docs/typescript.md")]
struct TypeScript;
