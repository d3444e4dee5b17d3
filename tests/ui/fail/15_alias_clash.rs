#[rpcx::service]
trait A {
    #[rpcx(alias = "G", alias = "F")]
    async fn f(&self) -> rpcx::Result<()>;
    async fn g(&self) -> rpcx::Result<()>;
}

fn main() {}
