//! The budget is measured on this service: five methods of the usual kinds.

/// Arithmetic.
#[rpcx::service]
pub trait Arith {
    /// The product of two numbers.
    async fn mul(&self, args: Args) -> rpcx::Result<Reply>;
    /// The sum of two numbers.
    async fn add(&self, a: i64, b: i64) -> rpcx::Result<i64>;
    /// Says it.
    async fn say(&self, ctx: &rpcx::Context, text: &str) -> Result<String, SayError>;
    /// Writes a line.
    #[rpcx(oneway)]
    async fn log(&self, line: &str, level: Option<u8>) -> rpcx::Result<()>;
    /// Is anyone there?
    async fn ping(&self) -> rpcx::Result<()>;
}
