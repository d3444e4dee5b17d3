//! `.all_codecs(true)`: messages that travel as msgpack and JSON too, in the form of the structs that protoc-gen-go
//! makes of them.
//!
//! prost knows neither the names of Go nor, in the end, those of the `.proto` file. So `names` puts them above
//! the fields as attributes while prost generates, and `implement` takes them out of its code again.

mod implement;
mod names;

pub(super) use implement::implement;
pub(super) use names::attributes;

/// The attribute that carries the names of a field from one half to the other.
const MARK: &str = "rpcx_go";
