#[rpcx::service]
trait A {
    #[rpcx(codec = "raw")]
    async fn f(&self, a: &[u8], b: &[u8]) -> rpcx::Result<Vec<u8>>;
    #[rpcx(codec = "raw", wrap, reply = "C")]
    async fn g(&self, a: &[u8]) -> rpcx::Result<Vec<u8>>;
}

fn main() {}
