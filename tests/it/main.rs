//! The integration tests, in one binary: the facade, generated code and the runtime together.

mod examples;
mod go_peers;
mod messages;
mod protobuf;
mod service_forms;
