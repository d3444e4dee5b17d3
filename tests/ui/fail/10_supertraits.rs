#[rpcx::service]
trait A: Send + Clone + Sync + 'static {
    async fn f(&self) -> rpcx::Result<()>;
}

fn main() {}
