//! Takes in what a build script has generated.
#![deny(warnings, missing_docs, missing_debug_implementations, clippy::pedantic)]
#![forbid(unsafe_code)]

/// Generated.
pub mod arith {
    remote::include_service!("arith");
}

/// A server.
pub fn server(arith: impl arith::Arith) -> remote::ServerBuilder {
    remote::Server::builder().register(arith::ArithServer::new(arith))
}
