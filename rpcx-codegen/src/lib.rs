//! The generator of rpcx: Rust traits and types in, clients, servers and codecs out.
//!
//! `parse` turns tokens into the `model`, `check` looks at a service as a whole, `expand` writes the
//! tokens. `rpcx-macros` and `rpcx-build` call the same functions, so a macro and a build script give
//! the same code. Everything wrong in one input is reported together, at the user's own tokens.
//!
//! Users of the macros compile this crate and nothing else of the generator. What build scripts and the
//! command line need beside it is in `rpcx-schema`, for which the modules below are public.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::unwrap_used)]

mod check;
pub mod diagnostics;
mod expand;
pub mod file;
pub mod lines;
pub mod message;
pub mod model;
pub mod names;
pub mod parse;
pub mod service;
pub mod service_error;
