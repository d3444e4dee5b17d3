//! Codecs against examples, recorded bytes and independent implementations.

#[cfg(feature = "json")]
mod json;
mod memory;
mod msgpack;
mod oracle;
#[cfg(feature = "thrift")]
mod thrift;
