//! Real Go rpcx peers, both ways. The programs are in `tests/interop`.
//!
//! Where no `go` is installed the tests say so and pass; with `RPCX_INTEROP=required` they fail.

mod formats;
mod generated;
mod go_to_rust;
mod http;
mod imported;
mod kcp;
mod matrix;
pub(crate) mod peer;
mod protobuf;
pub(crate) mod push;
mod quic;
mod rust_to_go;
pub(crate) mod services;
mod thrift;
mod together;
mod trace;
#[cfg(unix)]
mod unix;
mod web;
