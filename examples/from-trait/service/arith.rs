//! The definition of the service: ordinary Rust, read by the build script.

/// Two numbers.
#[rpcx::message]
#[derive(Clone, Debug)]
pub struct Args {
    pub a: i64,
    pub b: i64,
}

/// A number.
#[rpcx::message]
#[derive(Clone, Debug)]
pub struct Reply {
    pub c: i64,
}

/// Arithmetic.
#[rpcx::service]
pub trait Arith {
    /// The product of two numbers.
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
}
