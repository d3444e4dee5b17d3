//! A trait file for a crate that calls `rpcx` by another name.

/// A message.
#[rpcx::message(crate = "remote")]
#[derive(Clone, Debug)]
pub struct Args {
    /// A number.
    pub a: i64,
    /// Bytes.
    pub data: Vec<u8>,
}

/// Errors.
#[derive(Debug, rpcx::ServiceError)]
#[rpcx(crate = "remote")]
pub enum Wrong {
    /// Too little.
    #[rpcx(code = 1, message = "need {need}")]
    Need {
        /// How much.
        need: u64,
    },
    /// The rest.
    #[rpcx(other)]
    Other(remote::Error),
}

/// A service.
#[rpcx::service(crate = "remote", dyn)]
pub trait Arith {
    /// The product.
    async fn mul(&self, args: Args) -> remote::Result<i64>;
    /// The sum.
    async fn add(&self, ctx: &remote::Context, a: i64, b: &str) -> Result<i64, Wrong>;
}
