//! A reply owns what it has.

use std::borrow::Cow;

#[rpcx::service]
trait A {
    async fn f(&self, a: u8) -> rpcx::Result<Cow<'_, str>>;
    async fn g(&self, a: u8) -> rpcx::Result<Vec<Cow<'static, str>>>;
}

fn main() {}
