#[rpcx::service(codec = "xml")]
trait A {
    async fn f(&self) -> rpcx::Result<()>;
    #[rpcx(codec = "avro")]
    async fn g(&self) -> rpcx::Result<()>;
}

fn main() {}
