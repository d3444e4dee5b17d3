//! The integration tests, in one binary: the facade, generated code and the runtime together.

mod browser;
mod dynamic;
mod examples;
mod go_peers;
mod json_errors;
mod messages;
mod protobuf;
mod service_forms;
