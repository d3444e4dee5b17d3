//! What a server says about its services: names, docs, types, errors. With the feature `reflection`.
//!
//! The generator describes every service, and a server that is built with the feature answers with it, unless
//! [`ServerBuilder::without_reflection`](crate::server::ServerBuilder::without_reflection) was called:
//!
//! | where | what |
//! |---|---|
//! | `Reflection.Describe` | one JSON document, in JSON or msgpack: [`describe`] |
//! | `Reflection.OpenApi` | an OpenAPI 3.1 document of the plain calls by HTTP: [`openapi`] |
//! | `Reflection.GetServices`, `Reflection.GetService` | the text that Go's package `reflection` makes, for its tools |
//! | `GET /.well-known/rpcx.json` | `Reflection.Describe`, on a port with HTTP |
//! | `GET /openapi.json` | `Reflection.OpenApi`, on a port with HTTP |
//!
//! Each of them is a call of the service `Reflection` as any other: an
//! [authorizer](crate::server::ServerBuilder::authorize) sees `Reflection` and the name of the method, also for the
//! two paths of HTTP, and layers, limits, deadlines and CORS are those of all calls. To let only some callers read
//! the descriptions is to refuse the service `Reflection` to the others. It is not written into registries and not
//! listed in its own answers. A service that the program registers as `Reflection` takes its place.
//!
//! # The document
//! ```json
//! {
//!   "services": [{
//!     "name": "Arith",
//!     "docs": "Arithmetic.",
//!     "version": null,
//!     "methods": [{
//!       "name": "Mul",
//!       "docs": "The product of two numbers.",
//!       "args": {"$ref": "#/$defs/Args"},
//!       "reply": {"$ref": "#/$defs/Reply"},
//!       "idempotent": false,
//!       "one_way": false,
//!       "codecs": ["msgpack", "json"],
//!       "errors": [{"code": 1, "name": "Overflow", "docs": "The product does not fit."}]
//!     }]
//!   }],
//!   "$defs": {
//!     "Args": {
//!       "type": "object",
//!       "properties": {
//!         "A": {"type": "integer", "format": "int64", "minimum": -9223372036854775808, "maximum": 9223372036854775807}
//!       }
//!     }
//!   }
//! }
//! ```
//! * `args` and `reply` are JSON Schema 2020-12 of the values in the codec JSON; `reply` is `null` for one-way methods.
//!   Nothing is required: a missing field is its zero value. Members keep the order of the source.
//! * Bytes are `"contentEncoding": "base64"`, times `"format": "date-time"`, durations whole nanoseconds.
//! * A message has the name of its type in `$defs`, with modules in front where two types have the same name.
//! * A type that has derives of serde alone, and messages of protobuf and thrift, which have no form in JSON, have the
//!   schema of every value, protobuf and thrift with their name as `title`. A type can say what it looks
//!   like: [`JsonSchema`].
//! * `codecs` is empty, and types are those of every value, for services that are written by hand, and for
//!   [raw handlers](crate::server::ServerBuilder::handle): those that are there when it is asked, under the service of their path. In
//!   the OpenAPI document the latter take and give bodies of every type.

// The page is the same without the feature, and says what it would bring.
#![cfg_attr(not(feature = "reflection"), allow(rustdoc::broken_intra_doc_links))]

#[cfg(feature = "reflection")]
mod document;
#[cfg(feature = "reflection")]
mod go;
#[cfg(not(feature = "reflection"))]
mod off;
#[cfg(feature = "reflection")]
mod openapi;
#[cfg(feature = "reflection")]
mod serve;

use crate::service::MethodRef;

#[cfg(feature = "reflection")]
pub use self::document::describe;
#[cfg(not(feature = "reflection"))]
pub(crate) use self::off::{Reflecting, service};
#[cfg(feature = "reflection")]
pub use self::openapi::openapi;
#[cfg(feature = "reflection")]
pub(crate) use self::serve::{Reflecting, service};
#[cfg(feature = "reflection")]
pub use crate::schema::{ErrorInfo, ErrorInfos, Json, JsonSchema, Schemas};

/// Handlers that are no methods of a service, which may come and go while a server runs.
#[cfg_attr(not(feature = "reflection"), allow(dead_code))]
pub(crate) trait Handlers: Send + Sync {
    /// Another number whenever there are others.
    fn changes(&self) -> u64;

    /// Each with the path that it is under, in order.
    fn all(&self) -> Vec<(String, MethodRef)>;
}

/// The path of the service.
pub(crate) const SERVICE: &str = "Reflection";

/// The method that gives the whole document.
#[cfg(any(feature = "http", feature = "reflection"))]
pub(crate) const DESCRIBE: &str = "Describe";

/// The method that gives it as OpenAPI.
#[cfg(any(feature = "http", feature = "reflection"))]
pub(crate) const OPENAPI: &str = "OpenApi";
