//! The generator of rpcx: Rust traits and types in, clients, servers and codecs out.
//!
//! `parse` turns tokens into the `model`, `check` looks at a service as a whole, `expand` writes the
//! tokens. `rpcx-macros` and `rpcx-build` call the same functions, so a macro and a build script give
//! the same code. Everything wrong in one input is reported together, at the user's own tokens.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::unwrap_used)]

mod check;
mod diagnostics;
mod document;
mod expand;
pub mod file;
pub mod go;
pub mod import;
pub mod lines;
pub mod lock;
pub mod markdown;
pub mod message;
mod model;
mod parse;
pub mod service;
pub mod service_error;
