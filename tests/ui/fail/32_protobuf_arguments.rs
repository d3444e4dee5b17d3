#[rpcx::service(codec = "protobuf")]
trait A {
    async fn f(&self, a: String, b: String) -> rpcx::Result<String>;
    async fn g(&self) -> rpcx::Result<String>;
    #[rpcx(wrap, reply = "C")]
    async fn h(&self, a: String) -> rpcx::Result<String>;
}

fn main() {}
