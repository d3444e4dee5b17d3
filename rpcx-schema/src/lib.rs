//! What only build scripts and the command line need of a trait file: other outputs than Rust.
//!
//! `document` resolves the types of a trait file. `go`, `markdown` and `openapi` write it down, `lock` keeps what its
//! services promise and compares two versions, and `import` makes a trait file of Go sources. Parsing, the
//! model and the errors are those of `rpcx-codegen`, which is all that users of the macros compile.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::unwrap_used)]

mod document;
pub mod go;
pub mod import;
pub mod lock;
pub mod markdown;
pub mod openapi;
pub mod typescript;

pub use document::Part;
