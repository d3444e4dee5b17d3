#[rpcx::message]
struct Plain {
    n: u8,
}

#[rpcx::service(codec = "protobuf")]
trait A {
    async fn f(&self, plain: Plain) -> rpcx::Result<String>;
    async fn g(&self, text: String) -> rpcx::Result<Plain>;
    async fn h(&self, text: &str) -> rpcx::Result<()>;
}

fn main() {}
