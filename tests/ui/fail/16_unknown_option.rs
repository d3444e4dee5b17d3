#[rpcx::service]
trait A {
    #[rpcx(onway)]
    async fn f(&self) -> rpcx::Result<()>;
    #[rpcx(colour)]
    async fn g(&self) -> rpcx::Result<()>;
}

fn main() {}
