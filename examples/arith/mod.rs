//! The service that the `server` and `client` examples share. A Go program has the same in
//! `type Arith struct{}` with `Mul(ctx, *Args, *Reply) error` and so on.

use std::path::Path;

#[rpcx::message]
#[derive(Clone, Debug)]
pub(crate) struct Args {
    pub(crate) a: i64,
    pub(crate) b: i64,
}

#[rpcx::message]
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) c: i64,
}

/// Arithmetic, and a greeting.
#[rpcx::service]
pub(crate) trait Arith {
    /// The product of two numbers.
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;

    /// The sum of two numbers.
    async fn add(&self, args: Args) -> rpcx::Result<Reply>;

    /// Greets whoever is named.
    async fn say(&self, name: &str) -> rpcx::Result<String>;
}

/// Reads a file; the error names it.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}
