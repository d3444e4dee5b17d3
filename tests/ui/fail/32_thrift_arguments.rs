#[rpcx::service(codec = "thrift")]
trait A {
    async fn f(&self, a: (), b: ()) -> rpcx::Result<()>;
    async fn g(&self) -> rpcx::Result<()>;
    #[rpcx(wrap, reply = "C")]
    async fn h(&self, a: ()) -> rpcx::Result<()>;
}

fn main() {}
