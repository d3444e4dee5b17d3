#[rpcx::service]
trait A {
    async fn f(&mut self) -> rpcx::Result<()>;
}

fn main() {}
