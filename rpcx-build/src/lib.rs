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
//! | `#[derive(rpcx::ServiceError)]` | an error type with a code, and constants for the codes |
//! | several arguments, `wrap`, `reply = "C"` | a struct for the method |
//!
//! Everything else is an error at its place in the trait file. The Go file belongs into version control;
//! a build with `RPCX_CHECK=1` fails when it is not up to date. The same holds for the reference that
//! [`markdown`](Builder::markdown) writes.
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
//! Comments, `deprecated` and `idempotency_level` are kept; methods with streams are refused.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::unwrap_used)]

mod builder;
mod outputs;
#[cfg(feature = "proto")]
mod proto;
#[cfg(not(feature = "proto"))]
#[path = "proto_off.rs"]
mod proto;
mod report;
mod source;
mod watch;

pub use builder::{Builder, Error, configure};
