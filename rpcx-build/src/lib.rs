//! Generates rpcx clients and servers from a build script.
//!
//! A *trait file* is ordinary Rust: traits with `#[rpcx::service]`, and the structs, enums and error
//! types they use. The build script expands them into `OUT_DIR`, with the same code that the macros
//! of `rpcx` write, and the crate includes the result.
//!
//! ```no_run
//! // in `main` of build.rs
//! rpcx_build::configure().trait_file("service/arith.rs").compile();
//! ```
//! ```text
//! // src/lib.rs
//! pub mod arith {
//!     include!(concat!(env!("OUT_DIR"), "/arith.rs"));
//! }
//! ```
//! The generated code needs `rpcx` as a dependency, but not its feature `macros`.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::unwrap_used)]

mod builder;
mod report;

pub use builder::{Builder, Error, configure};
