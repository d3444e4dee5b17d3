//! Lints that generated code must keep, although their rules are for people.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    unreachable_pub,
    unused,
    unused_qualifications,
    unused_lifetimes,
    unused_results,
    single_use_lifetimes,
    trivial_casts,
    variant_size_differences,
    unnameable_types,
    elided_lifetimes_in_paths,
    future_incompatible,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    clippy::all,
    clippy::pedantic
)]
#![forbid(unsafe_code)]

/// A message.
#[rpcx::message]
#[derive(Clone, Debug)]
pub struct Args {
    /// A number.
    pub a: i64,
    /// Bytes.
    #[rpcx(default)]
    pub data: Vec<u8>,
    /// Itself.
    pub next: Option<Box<Self>>,
}

/// A message around another.
#[rpcx::message]
#[derive(Clone, Debug)]
pub struct Name(pub String);

/// Numbers.
#[rpcx::message]
#[derive(Clone, Copy, Debug)]
pub enum Color {
    /// One.
    Red,
    /// Another.
    Green = 5,
}

/// Errors.
#[derive(Debug, rpcx::ServiceError)]
pub enum Wrong {
    /// No such thing.
    #[rpcx(code = 1, message = "no {0}")]
    No(String),
    /// Too little.
    #[rpcx(code = 2, message = "need {need}")]
    Need {
        /// How much.
        need: u64,
    },
    /// The rest.
    #[rpcx(other)]
    Other(rpcx::Error),
}

/// A service.
#[rpcx::service(dyn)]
pub trait Arith {
    /// The product.
    async fn mul(&self, args: &Args) -> rpcx::Result<Args>;
    /// Everything at once.
    async fn add(&self, ctx: &rpcx::Context, a: i64, b: &str, c: &[u8]) -> Result<Color, Wrong>;
    /// By value.
    async fn name(&self, name: Name, more: Option<Vec<u8>>) -> rpcx::Result<Name>;
    /// One way.
    #[rpcx(oneway)]
    async fn log(&self, line: &str) -> rpcx::Result<()>;
    /// With a body.
    async fn ping(&self) -> rpcx::Result<()> {
        Ok(())
    }
    /// With many options.
    #[rpcx(idempotent, timeout = "1s", wrap, reply = "C")]
    async fn many(&self, x: u8) -> rpcx::Result<u8>;
    /// An old method.
    #[deprecated]
    async fn old(&self) -> rpcx::Result<()>;
}

/// The parts of a service that do not leave the crate.
mod inner {
    #[rpcx::service(server = false)]
    pub(crate) trait Half {
        async fn f(&self, x: u8, y: u8) -> rpcx::Result<u8>;
    }

    pub(crate) async fn call(channel: rpcx::Channel) -> rpcx::Result<u8> {
        HalfClient::new(channel).f(1, 2).await
    }
}

/// Calls it.
///
/// # Errors
/// The call failed.
pub async fn call(channel: rpcx::Channel) -> rpcx::Result<u8> {
    inner::call(channel).await
}
