#[rpcx::service]
trait A {
    #[rpcx(spawn, blocking)]
    async fn f(&self) -> rpcx::Result<()>;
    #[rpcx(oneway, reply = "C")]
    async fn g(&self) -> rpcx::Result<()>;
}

fn main() {}
