#[rpcx::service]
trait A {
    async fn f(&self, #[rpcx(hash)] a: u8, #[rpcx(hash)] b: u8) -> rpcx::Result<()>;
}

fn main() {}
