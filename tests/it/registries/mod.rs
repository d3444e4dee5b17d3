//! Real registries, with the official plugins of Go rpcx on the other end.
//!
//! Where a registry is not installed its tests say so and pass; with `RPCX_REGISTRIES=required` they fail.
//! The Go program is in `tests/interop/registries`, and needs `go`.

mod consul;
mod dns;
mod etcd;
mod gate;
mod go;
mod load;
pub(crate) mod mdns;
mod nacos;
mod redis;
mod scenarios;
mod secured;
pub(crate) mod servers;
mod zookeeper;
