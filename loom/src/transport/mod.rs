//! The one file of the runtime's `transport` that has a protocol between threads.

#[path = "../../../rpcx-runtime/src/transport/quic/parts.rs"]
pub(crate) mod parts;
