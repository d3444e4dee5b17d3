#[rpcx::service]
trait A {
    async fn f(&self, x: &mut u8) -> rpcx::Result<()>;
}

fn main() {}
