//! What must hold for every input. Each function takes bytes from anywhere and panics when a
//! promise is broken; an input that is wrong and is told so is fine.
//!
//! The fuzz targets and the property tests of the main package both call these.
#![forbid(unsafe_code)]

mod files;
mod frames;
mod gateway;
mod kcp;
mod memory;
mod payloads;
mod pending;
mod registry;
mod replies;
mod texts;
mod thrift_payload;
mod thrift_sample;
mod twins;
mod web;

pub use files::{go_import, lock_file, pem};
pub use frames::{frame_decoder, gzip, metadata};
pub use gateway::{http_request, json_rpc};
pub use kcp::kcp;
pub use memory::payload_memory;
pub use payloads::payload;
pub use pending::pending;
pub use registry::registry;
pub use replies::{CALLS, replies};
pub use texts::{address, macro_input};
pub use thrift_payload::thrift_payload;
pub use thrift_sample::Sample as ThriftSample;
pub use twins::{twins, twins_from};
pub use web::{http_head, websocket};
