#[rpcx::service]
trait A {
    async fn f(&self, ctx: rpcx::Context) -> rpcx::Result<()>;
}

fn main() {}
