#[rpcx::service]
trait A {
    async fn f(&self, n: u8, ctx: &rpcx::Context) -> rpcx::Result<()>;
}

fn main() {}
