#[rpcx::service(codec = "thrift")]
trait A {
    async fn f(&self) -> rpcx::Result<()>;
    #[rpcx(codec = "thrift")]
    async fn g(&self) -> rpcx::Result<()>;
    #[rpcx(codec = "xml")]
    async fn h(&self) -> rpcx::Result<()>;
}

fn main() {}
