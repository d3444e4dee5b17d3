#[rpcx::service]
trait A: Clone {
    async fn f(&self) -> rpcx::Result<()>;
}

fn main() {}
