#[rpcx::service]
#[rpcx::service]
trait A {
    async fn f(&self) -> rpcx::Result<()>;
}

fn main() {}
