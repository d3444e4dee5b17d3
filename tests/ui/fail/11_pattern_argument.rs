#[rpcx::service]
trait A {
    async fn f(&self, (a, b): (u8, u8), _: u8) -> rpcx::Result<()>;
}

fn main() {}
