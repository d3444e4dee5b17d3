//! Build scripts and the command `cargo rpcx`, in one binary. `cargo test` has the default features:
//! the tests of the others run in `.ci/run`, as their dependencies take a while to compile.

#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod cli_protobuf;
#[cfg(feature = "proto")]
mod collisions;
#[cfg(feature = "proto")]
mod comments;
mod import;
mod lock;
#[cfg(feature = "proto")]
mod properties;
#[cfg(feature = "proto")]
mod proto;
#[cfg(feature = "proto")]
mod proto_lock;
mod several_files;
#[cfg(feature = "proto")]
mod strangers;
mod trait_files;
