#[rpcx::message]
struct Plain {
    n: u8,
}

#[rpcx::service(codec = "thrift")]
trait A {
    async fn f(&self, plain: Plain) -> rpcx::Result<()>;
    async fn g(&self, nothing: ()) -> rpcx::Result<Plain>;
    async fn h(&self, text: &str) -> rpcx::Result<()>;
}

fn main() {}
