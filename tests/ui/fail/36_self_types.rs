#[rpcx::service]
trait A {
    async fn f(self: std::sync::Arc<Self>) -> rpcx::Result<()>;
    async fn g(self) -> rpcx::Result<()>;
    async fn h(&self, x: Box<Self>) -> rpcx::Result<()>;
}

fn main() {}
