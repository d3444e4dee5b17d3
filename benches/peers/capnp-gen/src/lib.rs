//! What capnpc generates from `schema/bench.capnp`, in a crate of its own: it is not held to the rules of ours.
#![allow(warnings, clippy::all)]

capnp::generated_code!(pub mod bench_capnp);
