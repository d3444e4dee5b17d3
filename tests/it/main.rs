//! The integration tests, in one binary: the facade, generated code and the runtime together.

mod answers;
mod argument_structs;
mod browser;
#[path = "../../examples/certificates/mod.rs"]
mod certificates;
mod choices;
mod closing;
mod color_group;
#[path = "../typescript/compiler.rs"]
mod compiler;
mod decoding;
mod dynamic;
mod elsewhere;
mod error_enums;
mod every_codec;
mod examples;
mod fleet_examples;
mod formats;
mod forms_in_depth;
mod forward;
mod futures;
mod go_peers;
mod http_door;
mod json_errors;
mod layers;
mod layers_before;
mod lent_arguments;
mod lifetimes;
#[path = "../packages/long.rs"]
mod long;
mod malformed;
mod messages;
mod mocks;
mod networks;
mod page;
mod processes;
mod protobuf;
mod raw;
mod reflection;
mod registries;
mod reuseport;
mod service_forms;
mod shared_nothing;
mod texts;
mod thrift;
mod types_guide;
mod typescript;
