#[rpcx::service]
#[async_trait::async_trait]
trait A {
    async fn f(&self) -> rpcx::Result<()>;
}

fn main() {}
