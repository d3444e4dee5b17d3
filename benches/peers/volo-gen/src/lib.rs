//! What volo generates from `idl/bench.thrift`, in a crate of its own, as volo wants it.
#![allow(warnings, clippy::all)]

include!(concat!(env!("OUT_DIR"), "/volo_gen.rs"));
