//! Every argument form and every option compiles.
#![deny(warnings, missing_docs, clippy::pedantic, rust_2018_idioms, unused_qualifications)]

use std::borrow::Cow;
use std::time::Duration;

use rpcx::Context;

/// A value of our own.
#[rpcx::message]
#[derive(Debug, Clone)]
pub struct User {
    /// A number.
    pub id: u64,
    /// A text.
    pub name: String,
}

/// With the bounds that each service has.
#[rpcx::service(dyn)]
pub trait Bounds: Send + Sync + 'static {
    /// A method.
    async fn get(&self) -> rpcx::Result<u8>;
}

/// All forms.
#[rpcx::service(name = "Forms.v1", version = "1")]
pub trait Forms {
    /// No argument.
    async fn none(&self) -> rpcx::Result<()>;
    /// One.
    async fn one(&self, id: u64) -> rpcx::Result<u64>;
    /// One, with the context.
    #[rpcx(name = "GetUser", alias = "FetchUser", alias = "U", idempotent, timeout = "500ms")]
    async fn user(&self, ctx: &Context, id: u64) -> rpcx::Result<Option<User>>;
    /// Several.
    async fn several(&self, a: i32, b: Option<String>, #[rpcx(name = "ID", default)] c: u8) -> Result<i32, rpcx::Error>;
    /// Borrowed.
    async fn text(&self, text: &str) -> rpcx::Result<String>;
    /// Borrowed bytes.
    async fn bytes(&self, bytes: &[u8]) -> rpcx::Result<Vec<u8>>;
    /// Lent.
    async fn save(&self, user: &User) -> rpcx::Result<()>;
    /// Several of these.
    async fn mixed(&self, ctx: &Context, name: &str, user: &User, data: &[u8], key: [u8; 4], more: Vec<u8>, at: Duration) -> rpcx::Result<()>;
    /// Lifetimes that are left out, at any depth.
    async fn deep(&self, text: Cow<'_, str>, list: Vec<&str>, maybe: Option<&[u8]>) -> rpcx::Result<()>;
    /// A map of one.
    #[rpcx(wrap)]
    async fn wrapped(&self, #[rpcx(default)] limit: u32) -> rpcx::Result<()>;
    /// A reply in a field.
    #[rpcx(reply = "C")]
    async fn add(&self, a: i32, b: i32) -> rpcx::Result<i32>;
    /// Bytes in a field.
    #[rpcx(reply = "C")]
    async fn blob(&self) -> rpcx::Result<Vec<u8>>;
    /// No answer.
    #[rpcx(oneway)]
    async fn log(&self, line: &str) -> rpcx::Result<()>;
    /// Raw bytes.
    #[rpcx(codec = "raw")]
    async fn raw(&self, bytes: &[u8]) -> rpcx::Result<Vec<u8>>;
    /// A default body.
    #[rpcx(spawn)]
    async fn ping(&self, count: u32) -> rpcx::Result<u32> {
        if count > 3 {
            return Err(rpcx::Error::service("too many"));
        }
        self.none().await?;
        Ok(count)
    }
    /// Elsewhere.
    #[rpcx(blocking)]
    async fn block(&self) -> rpcx::Result<()> {
        Ok(())
    }
    /// Old.
    #[deprecated]
    async fn old(&self) -> rpcx::Result<()>;
    /// Only here.
    #[cfg(target_os = "none")]
    async fn absent(&self, x: NoSuchType) -> rpcx::Result<()>;
}

fn main() {}
