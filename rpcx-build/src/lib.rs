//! Generates rpcx clients and servers from a build script.
//!
//! A *trait file* is ordinary Rust: traits with `#[rpcx::service]`, and the structs, enums and error
//! types they use. The build script expands them into `OUT_DIR`, with the same code that the macros
//! of `rpcx` write, and the crate includes the result.
//!
//! ```no_run
//! // in `main` of build.rs
//! rpcx_build::configure().trait_file("service/arith.rs").compile();
//! ```
//! ```text
//! // src/lib.rs
//! pub mod arith {
//!     include!(concat!(env!("OUT_DIR"), "/arith.rs"));
//! }
//! ```
//! The generated code needs `rpcx` as a dependency, but not its feature `macros`.
//!
//! # Rust in the tree
//! With `.checked_in("src/gen")` the Rust code goes into the tree and not into `OUT_DIR`. It is then part of
//! the crate as a module, and of its history:
//! ```text
//! // src/lib.rs
//! #[rustfmt::skip]
//! #[path = "gen/arith.rs"]
//! pub mod arith;
//! ```
//! A build writes the file when the trait file has changed; one with `RPCX_CHECK=1` fails instead.
//!
//! # Go
//! The same file gives a Go package, for Go programs that use `github.com/smallnest/rpcx`:
//! ```no_run
//! rpcx_build::configure()
//!     .trait_file("service/arith.rs")
//!     .go("../go/arith", "arith")
//!     .compile();
//! ```
//! For `trait Arith` the package has an interface `ArithServer` and `RegisterArith` to serve it, a client
//! `ArithClient` over an `XClient`, and the types of the file. Names on the wire are those of the Rust side.
//!
//! | Rust | Go |
//! |---|---|
//! | `bool`, integers of up to 64 bits, `f32`, `f64` | the type of that size |
//! | `String`, `&str` | `string` |
//! | `Vec<u8>`, `&[u8]`, `[u8; 4]` | `[]byte`, `[4]byte` |
//! | `Vec<T>`, `[T; 2]`, maps | `[]T`, `[2]T`, `map[K]V` |
//! | `Option<T>` | `*T`; for lists, bytes and maps `nil` is `None` |
//! | `Timestamp`, `SystemTime`, `Duration` | `time.Time`, `time.Duration` |
//! | `()` | `struct{}` |
//! | structs and enums without data, with `#[rpcx::message]` or serde's derives | structs; a named number or string with constants |
//! | enums with data, with `#[rpcx::message]` | a struct of pointers, a constructor for each variant, and a switch |
//! | `#[derive(rpcx::ServiceError)]` | an error type with a code, and constants for the codes |
//! | several arguments, `wrap`, `reply = "C"` | a struct for the method; `args = ".."` names that of the arguments |
//!
//! Everything else is an error at its place in the trait file. The Go file belongs into version control;
//! a build with `RPCX_CHECK=1` fails when it is not up to date. The same holds for the reference that
//! [`markdown`](Builder::markdown) writes, and for the OpenAPI document of [`openapi`](Builder::openapi).
//!
//! # TypeScript
//! And it gives a client in TypeScript, for web pages and Node, over `fetch` or a WebSocket:
//! ```no_run
//! rpcx_build::configure()
//!     .trait_file("service/arith.rs")
//!     .typescript("../web/client.ts")
//!     .compile();
//! ```
//! ```text
//! import { ArithClient } from "./client.js";
//! import { http } from "./rpcx.js";
//!
//! const arith = new ArithClient(http("https://example.org"));
//! const { c } = await arith.mul({ a: 10n, b: 20n });
//! ```
//! `rpcx.ts` is written beside it and is always the same. Names are those on the wire, in camel case: `UserId` is
//! `userId`, and stays as it is where another name would be the same.
//!
//! | Rust | TypeScript | in JSON |
//! |---|---|---|
//! | integers of up to 32 bits, `f32`, `f64` | `number` | a number |
//! | `i64`, `u64` | `bigint` | a number, of which no digit is lost |
//! | `String`, `bool` | `string`, `boolean` | the same |
//! | `Vec<u8>`, `[u8; 4]` | `Uint8Array` | base64, a list of numbers |
//! | `Timestamp`, `SystemTime` | `Timestamp` of `rpcx.ts`, to the nanosecond | RFC 3339 |
//! | `Duration` | `bigint`, in nanoseconds | a number |
//! | `Vec<T>`, `[T; 2]` | `T[]` | a list |
//! | maps | `Map<K, V>` | an object |
//! | `Option<T>` | `T \| undefined` | `null` |
//! | structs; several arguments | an interface | an object |
//! | enums without data | an object of constants, and the union of them | a number or a text |
//! | enums with data | a union of objects, told apart by `kind` | an object with one member |
//! | `#[derive(rpcx::ServiceError)]` | a class that extends `RpcError`, and one for each variant | |
//! | services of one-way methods | also an interface for what a server pushes | |
//!
//! # Lock file
//! A build knows the trait file of today; the peers that are running know that of last month.
//! [`lock`](Builder::lock) keeps in a file what the services have promised, and refuses what breaks it:
//! ```no_run
//! rpcx_build::configure()
//!     .trait_file("service/arith.rs")
//!     .lock("rpcx.lock")
//!     .compile();
//! ```
//! ```text
//! error: rpcx.lock: WIRE FIELD_NO_RENAME: the field `Name` of `User` is gone, and `Label` of the same type is new
//!   help: keep the name on the wire with `#[rpcx(name = "Name")]` (..)
//! ```
//! The file is JSON, sorted, and belongs into version control, where its diff shows what a change means for
//! peers. Documentation, timeouts, where handlers run and the order of the source are no part of it.
//! Services of protobuf files are in it too; of their messages, numbers and types count
//! (`FIELD_SAME_NUMBER`), and names are `SOURCE` (`FIELD_SAME_NAME`). `reserved` is honoured.
//!
//! What was removed is remembered: it may come back as it was, and as nothing else (`.._NO_REUSE`). A warning is accepted in
//! the file, with a reason: `"accepted": [{"rule": "..", "subject": "..", "reason": ".."}]`. `docs/lock.md` in the repository has
//! the format, a table of edits with what is found, and how the rules compare to those of buf.
//!
//! | level | rules |
//! |---|---|
//! | `WIRE`: peers fail or read something else | `SERVICE_NO_DELETE`, `SERVICE_SAME_PATH`, `METHOD_NO_DELETE` (an alias keeps a name), `METHOD_SAME_ONEWAY`, `METHOD_SAME_CODEC`, `METHOD_SAME_ARGS_FORM`, `METHOD_SAME_ERROR`, `IDEMPOTENT_NO_REMOVE`; `ARG_` and `FIELD_`: `NO_DELETE`, `NO_RENAME`, `SAME_TYPE`, `NO_NARROWING`, `NO_NEW_REQUIRED`; `REPLY_SAME_TYPE`, `REPLY_NO_NARROWING`; `ENUM_VARIANT_NO_DELETE`, `ENUM_VARIANT_SAME_VALUE`, `ENUM_KEEPS_OTHER`; `ERROR_CODE_SAME_MEANING`, `ERROR_CODE_NO_DELETE`, `ERROR_SAME_DATA`, `ERROR_SAME_FORM`; `SERVICE_`, `METHOD_`, `ARG_`, `FIELD_`, `ENUM_VARIANT_` and `ERROR_CODE_NO_REUSE`; of protobuf `FIELD_SAME_NUMBER`, `FIELD_STAYS_REQUIRED`, `FIELD_SAME_DEFAULT`, `RESERVED_NO_DELETE` |
//! | `SOURCE`: the same bytes, but code has to change | `SERVICE_SAME_TRAIT`, `METHOD_SAME_FUNCTION`, `METHOD_SAME_CONTEXT`, `ARG_SAME_ORDER`, `TYPE_SAME_NAME`, `ENUM_VARIANT_SAME_NAME`; `ARG_`, `FIELD_` and `REPLY_SAME_RUST_TYPE` (`&str` to `String`, a newtype to what it holds, another map); of protobuf `FIELD_SAME_CARDINALITY` and `FIELD_SAME_ONEOF`; `METHOD_SAME_ARGS_FORM`, `METHOD_SAME_ERROR` and `REPLY_SAME_TYPE` where the bytes stay the same |
//! | `WARNING`: nothing is broken | of changes `METHOD_NEW_NAME` (a rename with an alias: new clients fail on old servers) and `ENUM_VARIANT_NEW` (old peers refuse it); in any case `GO_EXPORTED_NAME`, `GO_INITIALISM`, `REPLY_IS_STRUCT`, `ENUM_HAS_OTHER`, `TYPE_IS_SEEN` (a type of a file that is not named) |
//!
//! Types are compared by what they consist of, also in lists, maps and options and in other files that the build script
//! names: another name is no `WIRE` change, and an alias is none at all. `String` may become `Option<String>`: nothing reads as an
//! empty text where peers do not know of it. What is not looked into (tuples, what is given for
//! the parameters of a generic struct, enums with data that have serde's own derives, types of other crates) must stay as it is written.
//!
//! Whole numbers may grow: `u8` to `u16` or `i16`. Old peers refuse a number that does not fit, and old Go
//! peers cut it off, so servers change first for arguments and clients first for replies. `f32` to `f64` is
//! a break, because a Go peer with `float32` does not read it.
//!
//! With the feature `cli` the package has the command `cargo rpcx`, which checks against any commit,
//! accepts a break on purpose, and generates without a build script: see `rpcx_build::cli`.
//! The other way, [`import_go`] makes a trait file of Go services that are there already. [`describe`](describe()) says what is
//! in such files, for tools.
//!
//! # Protobuf
//!
//! With the feature `proto`, `.proto("proto/hello.proto", ["proto"])` reads a protobuf file, and what it
//! imports, without protoc. Messages are those of prost; a service is the trait below, called by the
//! names that Go's `protoc-gen-rpcx` uses.
//!
//! ```text
//! service Greeter { rpc SayHello(HelloRequest) returns (HelloReply); }
//!
//! #[rpcx::service(name = "Greeter", codec = "protobuf")]
//! pub trait Greeter {
//!     async fn say_hello(&self, req: HelloRequest) -> rpcx::Result<HelloReply>;
//! }
//! ```
//! The package `hello` becomes `hello.rs` and `pkg.v1` becomes `pkg.v1.rs`. Packages that name each other have
//! to be modules of the same tree, which `rpcx_protos.rs` has ready:
//!
//! ```text
//! include!(concat!(env!("OUT_DIR"), "/rpcx_protos.rs"));     // hello::GreeterClient, pkg::v1::..
//! ```
//! The crate then needs `rpcx` with its feature `protobuf`, `prost`, and `prost-types` for well-known types.
//! With `.all_codecs(true)` services answer MessagePack and JSON callers too, as Go's do.
//! Comments, `deprecated` and `idempotency_level` are kept. Rpcs with streams are errors, or left out with
//! `.streams(Streams::Skip)`. Services of files that are only imported are not generated. What prost can be told
//! about messages (`type_attribute`, `extern_path`, `bytes` and others) is handed on to it.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::unwrap_used)]

mod builder;
#[cfg(feature = "cli")]
pub mod cli;
mod describe;
mod error;
mod import;
mod lock;
mod outputs;
#[cfg(feature = "proto")]
mod proto;
#[cfg(not(feature = "proto"))]
#[path = "proto_off.rs"]
mod proto;
mod report;
mod source;
mod watch;

pub use builder::{Builder, configure};
pub use describe::describe;
pub use error::Error;
pub use import::{ImportedGo, import_go};
#[cfg(feature = "proto")]
pub use proto::Streams;
