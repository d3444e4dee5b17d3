//! Streams, by the names that other frameworks have for them.

trait Stream {}

#[rpcx::service]
trait A {
    async fn f(&self) -> rpcx::Result<impl Stream>;
    async fn g(&self, x: impl Stream) -> rpcx::Result<()>;
    async fn h(&self, x: Box<dyn Stream>) -> rpcx::Result<()>;
}

fn main() {}
