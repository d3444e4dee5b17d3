//! The runtime of rpcx for Rust.
#![forbid(unsafe_code)]

mod error;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod protocol;
pub mod codec;
mod context;
pub mod transport;
mod connection;
pub mod service;
pub mod client;
pub mod server;
mod in_process;

pub use connection::Limits;
pub use context::{Context, Peer};
pub use client::{Call, Channel};
pub use in_process::InProcess;
pub use server::{Server, ServerHandle};
pub use error::{Error, ErrorKind, Rejection, Result, ServiceError};
