#[rpcx::service]
trait A {
    async fn new(&self) -> rpcx::Result<()>;
}

fn main() {}
