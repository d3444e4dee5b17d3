#[rpcx::service]
trait A {
    async fn f(&self, #[rpcx(default)] x: u8) -> rpcx::Result<()>;
}

fn main() {}
