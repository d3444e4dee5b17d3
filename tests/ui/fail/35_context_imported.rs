use rpcx::Context;

#[rpcx::service]
trait A {
    async fn f(&self, ctx: Context) -> rpcx::Result<()>;
}

#[rpcx::service]
trait B {
    async fn f(&self, ctx: Context, a: u8) -> rpcx::Result<()>;
}

fn main() {}
